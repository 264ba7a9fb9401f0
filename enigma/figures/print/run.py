"""Figures for print, drawn by Matplotlib; never through pyplot, whose state all threads would share."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import enigma
from enigma.analysis.trajectory import Trajectory
from enigma.figures.print import classes, scatter
from enigma.figures.print.run_curves import curves_paper
from enigma.figures.shared import groups as content
from enigma.figures.shared import palette

__all__ = ["curves_paper", "projection_paper"]

# In inches: the figure, and the panel that holds the points.
SIZE = (7.6, 5.6)
PANEL = (0.3, 0.42, 5.4, 4.24)
MOST_NAMES = 24
LOOK = classes.Look(8.5)


def projection_paper(trajectory: Trajectory, step: int, color: str) -> Figure:
    """The test points of one frame over the training points, on axes that are the same for every frame.

    Args:
        trajectory: the run to show.
        step: the step to show; between frames, the last frame at or before it.
        color: one of `palette.COLORS`.

    Raises:
        InputError: `color` is unknown.
    """
    content.check_color(color)
    frame = trajectory.frame_at(step)
    figure = Figure(figsize=SIZE, facecolor=palette.PAPER)
    left, bottom, width, height = PANEL
    axes = figure.add_axes((left / SIZE[0], bottom / SIZE[1], width / SIZE[0], height / SIZE[1]))
    limits = content.limits(trajectory).widened(width / height)
    axes.set(xlim=limits.x, ylim=limits.y, xticks=[], yticks=[], aspect="equal")
    axes.spines[:].set_color(palette.LINE)
    classes.draw_training(axes, trajectory, LOOK, 4.0)
    handles = _draw_probes(figure, axes, trajectory, frame, color)
    classes.draw_classes(axes, trajectory, frame, LOOK)
    _legend(figure, [*handles, *classes.handles(trajectory, 5.0)])
    _write(figure, trajectory, step)
    return figure


def _draw_probes(figure: Figure, axes: Axes, trajectory: Trajectory, frame: int, color: str) -> list[Line2D]:
    """Draws the test points and returns what the legend says of them."""
    places = trajectory.projection.probes[frame]
    size = 13.0 if len(places) <= 1500 else 6.0
    if color in content.CONTINUOUS:
        shade = content.shade(trajectory, frame, color)
        drawn = scatter.draw_shaded(axes, places, shade, size)
        bar = figure.colorbar(drawn, cax=figure.add_axes((5.95 / SIZE[0], 0.5 / SIZE[1], 0.14 / SIZE[0], 0.4)))
        bar.ax.set_title(shade.title, fontsize=8.5, color=palette.INK, loc="left", pad=8)
        bar.ax.tick_params(labelsize=8, color=palette.LINE, labelcolor=palette.INK)
        bar.outline.set_visible(False)
        return []
    groups = content.groups(trajectory, frame, color)
    scatter.draw_groups(axes, places, groups, size)
    if len(groups) > MOST_NAMES:
        return [scatter.handle(f"test, {len(trajectory.classes)} classes", "disc", palette.NEUTRAL)]
    return [scatter.handle(group.name, group.shape, group.color) for group in groups]


def _legend(figure: Figure, handles: list[Line2D]) -> None:
    scatter.legend(
        figure,
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(5.9 / SIZE[0], (PANEL[1] + PANEL[3]) / SIZE[1]),
        fontsize=8.5 if len(handles) <= 16 else 6.5,
        handletextpad=0.3,
        borderpad=0,
        borderaxespad=0,
    )


def _write(figure: Figure, trajectory: Trajectory, step: int) -> None:
    left, top = PANEL[0] / SIZE[0], 1 - 0.2 / SIZE[1]
    style = {"x": left, "va": "top", "parse_math": False}
    figure.text(y=top, s=content.heading(trajectory, step), fontsize=13, fontweight="bold", color=palette.INK, **style)
    figure.text(y=top - 0.27 / SIZE[1], s=content.subtitle(trajectory), fontsize=8.5, color=palette.MUTED, **style)
    warning = "\n".join(content.warning(trajectory))
    figure.text(y=top - 0.44 / SIZE[1], s=warning, fontsize=8.5, color=palette.FAILURE, **style)
    origin = f"run {content.printable(trajectory.run_id)} · Entropy Enigma {enigma.__version__}"
    figure.text(left, 0.16 / SIZE[1], origin, fontsize=7, color=palette.MUTED, parse_math=False)
