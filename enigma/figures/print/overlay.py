"""The overlay of several runs for print, drawn by Matplotlib."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import enigma
from enigma.analysis.comparing.runs import Series
from enigma.figures.print import scatter
from enigma.figures.shared import overlay, palette
from enigma.figures.shared.groups import short
from enigma.figures.shared.overlay import Line, Mark, Panel, StepAxis

MARKERS = {
    "disc": "o", "square": "s", "diamond": "D", "triangle": "^", "cross": "X", "wedge": "v", "plus": "P", "star": "*",
}  # fmt: skip
COLUMNS, LEGEND_COLUMNS = 2, 3
# In inches: width, height of a panel with its title and axis, of a line of the legend, and below all.
WIDTH, PANEL, LEGEND_LINE, BOTTOM = 7.2, 1.85, 0.2, 0.3
LINE_WIDTH = 1.5


def overlay_paper(shown: Sequence[Series], scale: str, names: tuple[str, ...] = ()) -> Figure:
    """All panels that say something, two side by side, with a legend above.

    Raises:
        InputError: a metric or the scale is unknown.
    """
    names = names or overlay.panels(shown)
    rows = -(-len(names) // COLUMNS)
    handles = _handles(shown)
    top = 0.2 + LEGEND_LINE * -(-len(handles) // LEGEND_COLUMNS)
    height = top + rows * PANEL + BOTTOM
    figure = Figure(figsize=(WIDTH, height), facecolor=palette.PAPER)
    axis, width = overlay.step_axis(shown, scale), WIDTH / COLUMNS
    for index, name in enumerate(names):
        left = (index % COLUMNS) * width + 0.5
        bottom = height - top - (index // COLUMNS + 1) * PANEL + 0.35
        box = (left / WIDTH, bottom / height, (width - 0.68) / WIDTH, (PANEL - 0.65) / height)
        _draw(figure.add_axes(box), overlay.panel(shown, name, scale), axis, is_last=index // COLUMNS == rows - 1)
    scatter.legend(
        figure,
        handles=handles, loc="upper left", bbox_to_anchor=(0.1 / WIDTH, 1 - 0.06 / height),
        ncols=LEGEND_COLUMNS, fontsize=8, handlelength=3.4, borderpad=0.2,
    )  # fmt: skip
    ids = short(", ".join(run_id for one in shown for run_id in one.run_ids), 110)
    origin = f"runs {ids} · Entropy Enigma {enigma.__version__}"
    figure.text(0.14 / WIDTH, 0.1 / height, origin, fontsize=6.5, color=palette.MUTED, parse_math=False)
    return figure


def _handles(shown: Sequence[Series]) -> list[Line2D]:
    marks = overlay.marks(len(shown))
    named = [
        Line2D([], [], label=short(one.name, 40), **_style(mark))
        for one, mark in zip(shown, marks, strict=True)
        if not mark.is_grey
    ]
    grey = len(shown) - len(named)
    return [*named, Line2D([], [], label=f"{grey} more", **_style(marks[-1]))] if grey else named


def _draw(axes: Axes, panel: Panel, axis: StepAxis, *, is_last: bool) -> None:
    for line in sorted(panel.lines, key=lambda line: not line.mark.is_grey):
        _draw_line(axes, line)
    axes.set_title(panel.title, loc="left", fontsize=9, fontweight="bold", color=palette.INK, pad=4)
    axes.set_title(panel.note, loc="right", fontsize=7.5, color=palette.MUTED, pad=4)
    for text, value in panel.references.items():
        axes.axhline(value, color=palette.NEUTRAL, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1.5)
        axes.annotate(
            text, (0, value), xycoords=("axes fraction", "data"), xytext=(8, -2), textcoords="offset points",
            va="top", fontsize=7, color=palette.MUTED,
        )  # fmt: skip
    axes.set(xlim=(axis.low, axis.high), ylim=(panel.low, panel.high))
    axes.set_xticks(list(axis.ticks), list(axis.ticks.values()))
    axes.set_yticks(panel.ticks, [f"{tick:g}" for tick in panel.ticks])
    axes.tick_params(axis="y", length=0, labelsize=7.5, labelcolor=palette.MUTED)
    axes.tick_params(axis="x", length=3, color=palette.NEUTRAL, labelsize=7.5, labelcolor=palette.MUTED)
    axes.grid(axis="y", color=palette.LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    if is_last:
        axes.set_xlabel("adaptation step", fontsize=8, color=palette.MUTED)


def _draw_line(axes: Axes, line: Line) -> None:
    if line.spread is not None:
        low, high = line.values - line.spread, line.values + line.spread
        axes.fill_between(line.places, low, high, color=line.mark.color, alpha=0.2, linewidth=0)
    every = max(1, len(line.values) // 20)
    axes.plot(line.places, line.values, markevery=every, clip_on=False, zorder=3, gid="curve", **_style(line.mark))


def _style(mark: Mark) -> dict[str, object]:
    dashes = tuple(length / 2 for length in mark.dash)
    return {
        "color": mark.color,
        "linewidth": 0.8 if mark.is_grey else LINE_WIDTH,
        "linestyle": (0, dashes) if dashes else "-",
        "marker": MARKERS.get(mark.marker, ""),
        "markersize": 4,
        "markeredgewidth": 0,
        "alpha": 0.7 if mark.is_grey else 1,
    }
