"""The printed figure of the metrics over the steps."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

import enigma
from enigma.analysis.trajectory import PHASE_NAMES, Trajectory
from enigma.figures.shared import curves, groups, palette

# In inches: width, height of a panel, space above each panel for its title, above and below all.
WIDTH, PANEL, GAP, TOP, BOTTOM = 6.4, 1.1, 0.38, 0.42, 0.75
LEFT, RIGHT = 0.62, 0.25
HALO = [withStroke(linewidth=2.5, foreground=palette.PAPER, alpha=0.8)]


def curves_paper(trajectory: Trajectory, step: int, names: tuple[str, ...] = ()) -> Figure:
    """Metrics over the steps, one above the other, with the step marked that is shown.

    Args:
        trajectory: the run.
        step: the step that is marked.
        names: the metrics; by default those that the registry shows in figures.

    Raises:
        InputError: a name is not a metric.
    """
    shown = curves.stacked(trajectory, names)
    height = TOP + BOTTOM + len(shown) * (PANEL + GAP)
    figure = Figure(figsize=(WIDTH, height), facecolor=palette.PAPER)
    for row, curve in enumerate(shown):
        bottom = height - TOP - (row + 1) * (PANEL + GAP)
        box = (LEFT / WIDTH, bottom / height, (WIDTH - LEFT - RIGHT) / WIDTH, PANEL / height)
        axes = figure.add_axes(box)
        _draw_curve(axes, trajectory, curve, step)
        if row == 0:
            _name_phases(axes, trajectory)
        _draw_step_axis(axes, trajectory, is_last=row == len(shown) - 1)
    _write(figure, trajectory, step)
    return figure


def _draw_curve(axes: Axes, trajectory: Trajectory, curve: curves.Curve, step: int) -> None:
    for phase, (start, end) in curves.phases(trajectory).items():
        axes.axvspan(start, end, color=curves.PHASE_TINTS[phase], linewidth=0, zorder=0)
    places, frame = curves.positions(trajectory), trajectory.frame_at(step)
    axes.axvline(float(places[frame]), color=palette.INK, linewidth=0.9, zorder=2)
    marker = "" if len(places) > 1 else "o"
    axes.plot(places, curve.values, color=palette.ACCENT, linewidth=1.8, marker=marker, zorder=3, gid="curve")
    _write_titles(axes, curve)
    _draw_references(axes, curve)
    _mark_step(axes, trajectory, curve, frame)
    axes.set(xlim=curves.axis_range(trajectory), ylim=(curve.low, curve.high))
    ticks = curves.value_ticks(curve)
    axes.set_yticks(ticks, curves.tick_labels(ticks))
    axes.tick_params(axis="y", length=0, labelsize=8, labelcolor=palette.MUTED)
    axes.grid(axis="y", color=palette.LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)


def _write_titles(axes: Axes, curve: curves.Curve) -> None:
    axes.set_title(curve.title, loc="left", fontsize=9.5, fontweight="bold", color=palette.INK, pad=4)
    if curve.note:
        axes.set_title(curve.note, loc="right", fontsize=8.5, color=palette.MUTED, pad=4)
    if not np.isfinite(curve.values).any():
        middle = {"ha": "center", "va": "center", "transform": axes.transAxes}
        axes.text(0.5, 0.5, "not recorded", color=palette.MUTED, fontsize=8.5, **middle)


def _draw_references(axes: Axes, curve: curves.Curve) -> None:
    """Accuracy at frame 0 and, when it is near, of the source model, as dashed lines."""
    for name, value in curve.references.items():
        axes.axhline(value, color=palette.NEUTRAL, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1.5)
        above = curves.label_above(curve, value)
        axes.annotate(
            name,
            (1, value),
            xycoords=("axes fraction", "data"),
            xytext=(-4, 2 if above else -2),
            textcoords="offset points",
            ha="right",
            va="bottom" if above else "top",
            fontsize=7.5,
            color=palette.MUTED,
        )


def _mark_step(axes: Axes, trajectory: Trajectory, curve: curves.Curve, frame: int) -> None:
    place, value = float(curves.positions(trajectory)[frame]), float(curve.values[frame])
    if not math.isfinite(value):
        return
    edge = {"markeredgecolor": palette.PAPER, "markeredgewidth": 1}
    axes.plot([place], [value], "o", color=palette.INK, markersize=6.5, zorder=5, clip_on=False, gid="step", **edge)
    late = curves.late(trajectory, frame)
    axes.annotate(
        curves.number(value),
        (place, value),
        xytext=(-6 if late else 6, 4),
        textcoords="offset points",
        ha="right" if late else "left",
        fontsize=9,
        fontweight="bold",
        color=palette.INK,
        zorder=6,
        path_effects=HALO,
    )


def _name_phases(axes: Axes, trajectory: Trajectory) -> None:
    for phase, middle in curves.named_phases(trajectory).items():
        style = {"ha": "center", "fontsize": 8, "color": curves.PHASE_COLORS[phase]}
        axes.text(middle, 0.95, PHASE_NAMES[phase], va="top", transform=axes.get_xaxis_transform(), **style)


def _draw_step_axis(axes: Axes, trajectory: Trajectory, *, is_last: bool) -> None:
    labels = curves.ticks(int(trajectory.steps[-1]))
    axes.set_xticks([curves.position(label) for label in labels], [str(label) for label in labels])
    axes.tick_params(axis="x", length=3, color=palette.NEUTRAL, labelsize=8, labelcolor=palette.MUTED)
    axes.tick_params(axis="x", labelbottom=is_last)
    if is_last:
        axes.set_xlabel("adaptation step", fontsize=8.5, color=palette.MUTED)


def _write(figure: Figure, trajectory: Trajectory, step: int) -> None:
    height = figure.get_size_inches()[1]
    left = 0.22 / WIDTH
    heading = groups.heading(trajectory, step)
    style = {"va": "top", "fontweight": "bold", "color": palette.INK, "parse_math": False}
    figure.text(left, 1 - 0.2 / height, heading, fontsize=13, **style)
    origin = f"run {groups.printable(trajectory.run_id)} · Entropy Enigma {enigma.__version__}"
    figure.text(left, 0.14 / height, origin, fontsize=7, color=palette.MUTED, parse_math=False)
