"""The curves below the panels of a paper figure."""

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared import curves, palette

# In inches: height of a curve, its title above, the numbers below and to the left, the name of the last axis.
PANEL, TITLE, NUMBERS, AXIS_NAME, LEFT, RIGHT = 0.76, 0.17, 0.14, 0.11, 0.28, 0.1
WIDE = 5.0
TITLE_SIZE, TEXT_SIZE = 6.5, 5.5


def columns(width: float) -> int:
    """Curves side by side: four on a whole page, two in a column."""
    return 4 if width >= WIDE else 2


def height(width: float, count: int) -> float:
    """Inches that so many curves take up."""
    return math.ceil(count / columns(width)) * (TITLE + PANEL + NUMBERS) + AXIS_NAME


def draw(figure: Figure, trajectory: Trajectory, marks: dict[int, str]) -> None:
    """Draws the curves at the foot of the figure, with the steps in `marks` named by their letters."""
    width, total = figure.get_size_inches()
    side_by_side = columns(width)
    cell = width / side_by_side
    names = curves.curve_names(trajectory)
    for index, name in enumerate(names):
        row, column = divmod(index, side_by_side)
        bottom = height(width, len(names)) - (row + 1) * (TITLE + PANEL + NUMBERS) + NUMBERS
        box = ((column * cell + LEFT) / width, bottom / total, (cell - LEFT - RIGHT) / width, PANEL / total)
        axes = figure.add_axes(box, label=name)
        curve = curves.curve(trajectory, name)
        _draw_curve(axes, trajectory, curves.with_headroom(curve) if index == 0 else curve, marks)
        if index == 0:
            _name_phases(axes, trajectory)
        _draw_step_axis(axes, trajectory, is_last_row=index >= len(names) - side_by_side)


def _draw_curve(axes: Axes, trajectory: Trajectory, curve: curves.Curve, marks: dict[int, str]) -> None:
    for phase, (start, end) in curves.phases(trajectory).items():
        axes.axvspan(start, end, color=curves.PHASE_TINTS[phase], linewidth=0, zorder=0)
    places = curves.positions(trajectory)
    style = {"color": palette.ACCENT, "linewidth": 1.0, "zorder": 3, "gid": "curve"}
    axes.plot(places, curve.values, marker="" if len(places) > 1 else ".", **style)
    for value in curve.references.values():
        axes.axhline(value, color=palette.NEUTRAL, linewidth=0.5, linestyle=(0, (4, 3)), zorder=1.5)
    axes.set(xlim=curves.axis_range(trajectory), ylim=(curve.low, curve.high))
    _draw_marks(axes, trajectory, curve, marks)
    ticks = curves.value_ticks(curve)
    axes.set_yticks(ticks, curves.tick_labels(ticks))
    axes.tick_params(axis="y", length=0, labelsize=TEXT_SIZE, labelcolor=palette.INK, pad=2)
    axes.grid(axis="y", color=palette.LINE, linewidth=0.35)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    axes.set_title(curve.title, loc="left", fontsize=TITLE_SIZE, color=palette.INK, pad=2.5)
    _name_references(axes, curve)


def _draw_marks(axes: Axes, trajectory: Trajectory, curve: curves.Curve, marks: dict[int, str]) -> None:
    """A dot on the curve at each step of a panel, with its letter at the top."""
    low, high = curves.axis_range(trajectory)
    for step, name in marks.items():
        frame = trajectory.frame_at(step)
        place, value = float(curves.positions(trajectory)[frame]), float(curve.values[frame])
        axes.axvline(place, color=palette.INK, linewidth=0.45, zorder=2, clip_on=False)
        if math.isfinite(value):
            edge = {"markeredgecolor": palette.PAPER, "markeredgewidth": 0.4}
            axes.plot([place], [value], "o", color=palette.INK, markersize=2.8, zorder=5, clip_on=False, **edge)
        is_late = place > low + 0.9 * (high - low)
        axes.annotate(
            name,
            (place, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-1.5 if is_late else 1.5, -1),
            textcoords="offset points",
            ha="right" if is_late else "left",
            va="top",
            fontsize=TEXT_SIZE,
            fontweight="bold",
            color=palette.INK,
        )


def _name_references(axes: Axes, curve: curves.Curve) -> None:
    """Each dashed line has its name at its right end, on the side where the curve is not."""
    for name, value in curve.references.items():
        above = curves.label_above(curve, value)
        axes.annotate(
            name,
            (1, value),
            xycoords=("axes fraction", "data"),
            xytext=(-2, 1 if above else -1),
            textcoords="offset points",
            ha="right",
            va="bottom" if above else "top",
            fontsize=5,
            color=palette.MUTED,
            path_effects=[withStroke(linewidth=1.6, foreground=palette.FAILURE_TINT)],
            zorder=4,
        )


def _name_phases(axes: Axes, trajectory: Trajectory) -> None:
    for phase, middle in curves.named_phases(trajectory, least=0.28).items():
        style = {"ha": "center", "va": "top", "fontsize": 5, "transform": axes.get_xaxis_transform()}
        color = curves.PHASE_COLORS[phase]
        halo = [withStroke(linewidth=1.6, foreground=curves.PHASE_TINTS[phase])]
        axes.text(middle, 0.85, f"phase {phase}", color=color, path_effects=halo, zorder=4, **style)


def _draw_step_axis(axes: Axes, trajectory: Trajectory, *, is_last_row: bool) -> None:
    labels = curves.ticks(int(trajectory.steps[-1]))
    axes.set_xticks([curves.position(label) for label in labels], [str(label) for label in labels])
    axes.tick_params(
        axis="x", length=1.8, width=0.4, color=palette.NEUTRAL, labelsize=TEXT_SIZE, labelcolor=palette.INK, pad=1.5
    )
    if is_last_row:
        axes.set_xlabel("adaptation step", fontsize=TEXT_SIZE, color=palette.INK, labelpad=1.5)
