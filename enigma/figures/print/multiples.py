"""Small pictures of projections in rows and columns: runs below each other, steps side by side."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

import enigma
from enigma.analysis.trajectory import Trajectory
from enigma.figures.print import classes, saving
from enigma.figures.print import scatter as marks
from enigma.figures.shared import groups, palette
from enigma.figures.shared.groups import Limits
from enigma.figures.shared.overlay import LIGHT, Scheme
from enigma.spec.shares import percent

# Of one picture: inches, and dots an inch, so that it is sharp on a screen of twice the usual resolution.
SIZE, DOTS = 2.6, 200
_MARGIN, _HEAD, _FOOT = 0.1, 0.3, 0.35


@dataclass(frozen=True)
class Cell:
    """One run at one step.

    Attributes:
        name: of the run, as in the rest of the comparison.
        highest: upper end of the scale of entropy, the same for all cells; NaN where points have class colours.
    """

    trajectory: Trajectory
    name: str
    frame: int
    color: str
    limits: Limits
    highest: float

    @property
    def caption(self) -> str:
        step, accuracy = self.trajectory.steps[self.frame], self.trajectory.metrics["accuracy"][self.frame]
        known = percent(float(accuracy), unknown="no labels")
        return f"step {step:,} · {known}"


def grid(
    trajectories: Sequence[Trajectory], names: Sequence[str], frames: Sequence[Sequence[int]], color: str, *,
    shared: bool,
) -> list[list[Cell]]:  # fmt: skip
    """One row a run; with `shared`, all have the same axes, as a joint projection allows.

    Raises:
        InputError: `color` is unknown.
    """
    groups.check_color(color)
    limits = [groups.limits(trajectory) for trajectory in trajectories]
    if shared:
        x = (min(one.x[0] for one in limits), max(one.x[1] for one in limits))
        y = (min(one.y[0] for one in limits), max(one.y[1] for one in limits))
        limits = [Limits(x, y)] * len(limits)
    highest = np.nan
    if color == "entropy":
        highest = max(groups.shade(trajectory, 0, color).high for trajectory in trajectories)
    return [
        [Cell(trajectory, name, frame, color, own.widened(1.0), float(highest)) for frame in of_run]
        for trajectory, name, of_run, own in zip(trajectories, names, frames, limits, strict=True)
    ]


def picture(cell: Cell, scheme: Scheme = LIGHT) -> bytes:
    """One cell as a WebP picture without its caption, on a transparent ground."""
    with saving.settings():
        figure = Figure(figsize=(SIZE, SIZE), facecolor="none")
        _draw(figure.add_axes((0, 0, 1, 1)), cell, scheme)
        file = io.BytesIO()
        figure.savefig(file, format="webp", dpi=DOTS, pil_kwargs={"quality": 88})
    return file.getvalue()


def multiples_paper(cells: Sequence[Sequence[Cell]]) -> Figure:
    """All cells with their names and steps, for print."""
    columns = max(map(len, cells))
    width = 2 * _MARGIN + columns * (SIZE + _MARGIN)
    height = len(cells) * (SIZE + 2 * _HEAD) + _FOOT
    figure = Figure(figsize=(width, height), facecolor=palette.PAPER)
    text = {"color": palette.INK, "parse_math": False, "va": "bottom"}
    for row, of_run in enumerate(cells):
        top = height - row * (SIZE + 2 * _HEAD)
        figure.text(_MARGIN / width, (top - _HEAD) / height, of_run[0].name, fontsize=11, fontweight="bold", **text)
        for column, cell in enumerate(of_run):
            left = _MARGIN + column * (SIZE + _MARGIN)
            box = (left / width, (top - 2 * _HEAD - SIZE) / height, SIZE / width, SIZE / height)
            _draw(figure.add_axes(box), cell, LIGHT)
            figure.text(left / width, (top - 2 * _HEAD + 0.05) / height, cell.caption, fontsize=9, **text)
    projection = cells[0][0].trajectory.projection
    origin = (
        f"coloured by {cells[0][0].color} · {groups.printable(projection.title)} · Entropy Enigma {enigma.__version__}"
    )
    figure.text(_MARGIN / width, 0.12 / height, origin, fontsize=7.5, **{**text, "color": palette.MUTED})
    return figure


def _draw(axes: Axes, cell: Cell, scheme: Scheme) -> None:
    trajectory, projection = cell.trajectory, cell.trajectory.projection
    axes.set(xlim=cell.limits.x, ylim=cell.limits.y, xticks=[], yticks=[], aspect="equal", facecolor="none")
    axes.spines[:].set_color(scheme.line)
    look = classes.Look(6.5, scheme.ink, scheme.paper)
    classes.draw_training(axes, trajectory, look, 2.0, rasterized=True)
    points, size = projection.probes[cell.frame], 5.0 if len(trajectory.labels) <= 1500 else 2.5
    if cell.color in groups.CONTINUOUS:
        shade = groups.shade(trajectory, cell.frame, cell.color)
        high = shade.high if np.isnan(cell.highest) else cell.highest
        scale = LinearSegmentedColormap.from_list("certainty", shade.colors)
        axes.scatter(
            *points.T, s=size, c=shade.values, cmap=scale, vmin=shade.low, vmax=high, linewidths=0, rasterized=True
        )
    else:
        drawn = marks.draw_groups(axes, points, groups.groups(trajectory, cell.frame, cell.color), size, stroke=0.6)
        if drawn is not None:
            drawn.set(alpha=0.85, rasterized=True)
    classes.draw_classes(axes, trajectory, cell.frame, look)
