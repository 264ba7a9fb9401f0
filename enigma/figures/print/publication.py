"""A figure for a paper: chosen steps side by side, the curves below, at the width of the column it will stand in.

Everything is laid out in inches and set at final size, so that a figure is included without scaling and its
letters are as large as they look here: 5 to 7 points. It has no title; `panels.caption` says what it shows.
"""

import math
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from enigma.analysis.trajectory import Trajectory
from enigma.figures.print import classes, publication_curves, saving, scatter
from enigma.figures.shared import groups as content
from enigma.figures.shared import palette
from enigma.figures.shared.curves import curve_names
from enigma.figures.shared.export_request import Export
from enigma.figures.shared.groups import Limits
from enigma.figures.shared.panels import letter
from enigma.figures.shared.provenance import Origin

MOST_NAMES = 24
TITLE_SIZE, TEXT_SIZE = 7.0, 6.0
# In inches.
MARGIN, GAP, TITLE, LEGEND_ROW, SPACE = 0.02, 0.07, 0.17, 0.115, 0.08
NARROWEST_PANEL = 0.95
# A vector file of more points in a panel is slow to open: then the points alone become a picture, 600 dots an inch.
MOST_VECTOR_POINTS = 8_000


@dataclass(frozen=True)
class _Layout:
    """Where the panels stand, in inches; rows are counted from the top."""

    width: float
    columns: int
    rows: int
    panel: tuple[float, float]
    legend: float
    curves: float

    @property
    def height(self) -> float:
        return MARGIN + self.rows * (TITLE + self.panel[1]) + SPACE + self.legend + SPACE + self.curves

    def box(self, index: int) -> tuple[float, float, float, float]:
        """The axes of one panel as Matplotlib wants them."""
        row, column = divmod(index, self.columns)
        left = MARGIN + column * (self.panel[0] + GAP)
        bottom = self.height - MARGIN - (row + 1) * (TITLE + self.panel[1])
        return self.fraction(left, bottom, *self.panel)

    def fraction(self, left: float, bottom: float, width: float, height: float) -> tuple[float, float, float, float]:
        return left / self.width, bottom / self.height, width / self.width, height / self.height


def saved(trajectory: Trajectory, origin: Origin, export: Export) -> bytes:
    """The figure as PDF, SVG or PNG."""
    with saving.settings():
        figure = publication_figure(trajectory, export.steps, export.color, export.inches)
        return saving.saved(figure, export.format, origin.picture_metadata(export), saving.PRINT_DOTS_PER_INCH)


def publication_figure(trajectory: Trajectory, steps: tuple[int, ...], color: str, width: float) -> Figure:
    """Projections of the chosen steps on the same axes, their legend, and the curves with the steps marked.

    Args:
        trajectory: the run to show.
        steps: recorded steps, as `panels.chosen_steps` gives them.
        color: one of `palette.COLORS`.
        width: in inches.
    """
    limits, handles = _trimmed(content.limits(trajectory)), _handles(trajectory, steps[0], color)
    layout = _layout(width, len(steps), limits, len(handles), len(curve_names(trajectory)))
    figure = Figure(figsize=(width, layout.height), facecolor=palette.PAPER)
    for index, step in enumerate(steps):
        axes = figure.add_axes(layout.box(index))
        _draw_panel(axes, trajectory, step, color, limits, layout.panel)
        _name_panel(axes, trajectory, step, letter(index) if len(steps) > 1 else "", layout.panel)
    _draw_legend(figure, layout, trajectory, steps[0], color, handles)
    names = [letter(index) for index in range(len(steps))] if len(steps) > 1 else [""]
    publication_curves.draw(figure, trajectory, dict(zip(steps, names, strict=True)))
    return figure


def _trimmed(limits: Limits) -> Limits:
    """Limits that are neither a strip nor a tower, so that panels in a row leave no empty paper."""
    width, height = limits.x[1] - limits.x[0], limits.y[1] - limits.y[0]
    return limits.widened(min(max(width / height, 0.9), 1.35))


def _layout(width: float, count: int, limits: Limits, handles: int, curves: int) -> _Layout:
    inner = width - 2 * MARGIN
    most = max(1, int((inner + GAP) / (NARROWEST_PANEL + GAP)))
    rows = math.ceil(count / most)
    columns = math.ceil(count / rows)
    # One panel alone would be as high as the page is wide.
    panel = min((inner - (columns - 1) * GAP) / columns, 3.3)
    ratio = (limits.y[1] - limits.y[0]) / (limits.x[1] - limits.x[0])
    legend = LEGEND_ROW * math.ceil(handles / legend_columns(width, handles))
    return _Layout(width, columns, rows, (panel, panel * ratio), legend, publication_curves.height(width, curves))


def legend_columns(width: float, count: int) -> int:
    """Entries of the legend side by side, so that the rows are about equally full."""
    most = max(2, int(width / 0.8))
    return math.ceil(count / math.ceil(count / most))


def _draw_panel(
    axes: Axes, trajectory: Trajectory, step: int, color: str, limits: Limits, panel: tuple[float, float]
) -> None:
    axes.set(xlim=limits.x, ylim=limits.y, xticks=[], yticks=[])
    axes.spines[:].set(color=palette.NEUTRAL, linewidth=0.4)
    frame, places = trajectory.frame_at(step), trajectory.projection.probes[trajectory.frame_at(step)]
    # A point covers the same share of every panel, and of a crowd each takes less.
    size = 1.15 * panel[0] ** 1.4 * min(1.0, (1000 / max(len(places), 1)) ** 0.5) + 0.5
    is_crowded = len(places) + len(trajectory.reference_labels) > MOST_VECTOR_POINTS
    look = classes.Look(min(max(2.6 * panel[0], 3.5), TEXT_SIZE))
    classes.draw_training(axes, trajectory, look, 0.4 * size, rasterized=is_crowded)
    drawn = (
        scatter.draw_shaded(axes, places, content.shade(trajectory, frame, color), size)
        if color in content.CONTINUOUS
        else scatter.draw_groups(axes, places, content.groups(trajectory, frame, color), size, stroke=0.45)
    )
    if drawn is not None:
        drawn.set_rasterized(is_crowded)
    classes.draw_classes(axes, trajectory, frame, look)


def _name_panel(axes: Axes, trajectory: Trajectory, step: int, name: str, panel: tuple[float, float]) -> None:
    """'a  step 0', and the accuracy at the other end where there is room."""
    accuracy = 100 * float(trajectory.metrics["accuracy"][trajectory.frame_at(step)])
    style = {"transform": axes.transAxes, "va": "bottom", "fontsize": TITLE_SIZE if panel[0] >= 1.3 else TEXT_SIZE}
    height = 1 + 0.035 / panel[1]
    axes.text(0, height, name, fontweight="bold", color=palette.INK, **style)
    inset = 0.13 / panel[0] if name else 0
    axes.text(inset, height, f"step {step}", color=palette.INK, **style)
    if math.isfinite(accuracy):
        axes.text(1, height, f"{accuracy:.1f} %", ha="right", color=palette.MUTED, **style)


def _handles(trajectory: Trajectory, step: int, color: str) -> list[Line2D]:
    own: list[Line2D] = []
    if color not in content.CONTINUOUS:
        groups = content.groups(trajectory, trajectory.frame_at(step), color)
        own = [scatter.handle(group.name, group.shape, group.color, 3.6) for group in groups]
        if len(own) > MOST_NAMES:
            own = [scatter.handle(f"test, {len(trajectory.classes)} classes", "disc", palette.NEUTRAL, 3.6)]
    return [*own, *classes.handles(trajectory, 3.6)]


def _draw_legend(
    figure: Figure, layout: _Layout, trajectory: Trajectory, step: int, color: str, handles: list[Line2D]
) -> None:
    top = layout.curves + SPACE + layout.legend
    if color in content.CONTINUOUS:
        _draw_scale(figure, layout, content.shade(trajectory, trajectory.frame_at(step), color), top)
    scatter.legend(
        figure,
        handles=_by_rows(handles, legend_columns(layout.width, len(handles))),
        ncols=legend_columns(layout.width, len(handles)),
        loc="upper right" if color in content.CONTINUOUS else "upper center",
        bbox_to_anchor=(1 - MARGIN / layout.width if color in content.CONTINUOUS else 0.5, top / layout.height),
        fontsize=TEXT_SIZE,
        handletextpad=0.1,
        handlelength=1.4,
        columnspacing=0.9,
        labelspacing=0.25,
        borderpad=0,
        borderaxespad=0,
    )


def _by_rows(handles: list[Line2D], columns: int) -> list[Line2D]:
    """Matplotlib fills a legend column by column; people read it row by row."""
    rows = math.ceil(len(handles) / columns)
    # The first columns of an uneven legend are the longer ones, in both orders.
    filled = [[row * columns + column for row in range(rows)] for column in range(columns)]
    return [handles[index] for column in filled for index in column if index < len(handles)]


def _draw_scale(figure: Figure, layout: _Layout, shade: content.Shade, top: float) -> None:
    """A bar of the colours with the values at both ends."""
    bar = figure.add_axes(layout.fraction(0.75, top - 0.095, 1.1, 0.075), label="scale")
    bar.imshow([list(range(256))], aspect="auto", cmap=scatter.color_map(shade))
    bar.set(xticks=[], yticks=[])
    bar.spines[:].set_visible(False)
    style = {"va": "center", "fontsize": TEXT_SIZE, "color": palette.INK, "transform": bar.transAxes}
    bar.text(-0.03, 0.5, f"{shade.title}  {shade.low:g}", ha="right", **style)
    bar.text(1.03, 0.5, f"{shade.high:.3g}", ha="left", **style)
