"""Figures for print, drawn by Matplotlib; never through pyplot, whose state all threads would share."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import enigma
from enigma.analysis.trajectory import Trajectory
from enigma.figures import content, palette
from enigma.figures.paper_curves import curves_paper

__all__ = ["curves_paper", "projection_paper"]

MARKERS = {"disc": "o", "ring": "o", "cross": "x"}
# In inches: the figure, and the panel that holds the points.
SIZE = (7.6, 5.6)
PANEL = (0.3, 0.42, 5.4, 4.24)
MOST_NAMES = 24


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
    references = trajectory.projection.references
    axes.scatter(references[:, 0], references[:, 1], s=6, color=palette.TRAINING, linewidths=0, gid="training")
    handles = _draw_probes(figure, axes, trajectory, frame, color)
    _draw_means(axes, trajectory, color)
    _legend(figure, handles)
    _write(figure, trajectory, step)
    return figure


def _draw_probes(figure: Figure, axes: Axes, trajectory: Trajectory, frame: int, color: str) -> list[Line2D]:
    """Draws the test points and returns what the legend says of them."""
    points = trajectory.projection.probes[frame]
    size = 13 if len(points) <= 1500 else 6
    if color in content.CONTINUOUS:
        shade = content.shade(trajectory, frame, color)
        scale = LinearSegmentedColormap.from_list("certainty", shade.colors)
        drawn = axes.scatter(
            *points.T, s=size, c=shade.values, cmap=scale, linewidths=0, vmin=shade.low, vmax=shade.high
        )
        bar = figure.colorbar(drawn, cax=figure.add_axes((5.95 / SIZE[0], 0.5 / SIZE[1], 0.14 / SIZE[0], 0.4)))
        bar.ax.set_title(shade.title, fontsize=8.5, color=palette.INK, loc="left", pad=8)
        bar.ax.tick_params(labelsize=8, color=palette.LINE, labelcolor=palette.INK)
        bar.outline.set_visible(False)
        return []
    groups = content.groups(trajectory, frame, color)
    for shape in MARKERS:
        _draw_shape(axes, points, [group for group in groups if group.shape == shape], shape, size)
    if len(groups) > MOST_NAMES:
        return [_handle(f"test, {len(trajectory.classes)} classes", "o", palette.NEUTRAL)]
    return [_handle(group.name, MARKERS[group.shape], group.color, group.shape == "ring") for group in groups]


def _draw_shape(axes: Axes, points: np.ndarray, groups: list[content.Group], shape: str, size: int) -> None:
    """Draws the points of one shape in the order of the images, so that no class covers the others."""
    colors = np.full(len(points), "", dtype="<U7")
    for group in groups:
        colors[group.members] = group.color
    shown = colors != ""
    if not shown.any():
        return
    style = {
        "disc": {"c": colors[shown], "linewidths": 0},
        "ring": {"facecolors": "none", "edgecolors": colors[shown], "linewidths": 0.7},
        "cross": {"c": colors[shown], "linewidths": 1.0},
    }[shape]
    x, y = points[shown].T
    axes.scatter(x, y, s=size, marker=MARKERS[shape], alpha=0.9, gid=f"test-{shape}", **style)


def _draw_means(axes: Axes, trajectory: Trajectory, color: str) -> None:
    means, count = trajectory.projection.means, len(trajectory.classes)
    # Where colours mean something else than classes, coloured stars would mislead.
    fill = list(palette.class_colors(count)) if color in ("label", "prediction") else palette.PAPER
    size = 150 if count <= 20 else 60
    # A halo keeps a star apart from points of its own colour.
    axes.scatter(*means.T, s=size * 1.5, marker="*", color=palette.PAPER, linewidths=3, zorder=3)
    axes.scatter(*means.T, s=size, marker="*", c=fill, edgecolors=palette.INK, linewidths=0.9, zorder=4, gid="means")


def _handle(name: str, marker: str, color: str, hollow: bool = False) -> Line2D:
    face = "none" if hollow else color
    return Line2D([], [], label=name, marker=marker, color=color, markerfacecolor=face, markersize=5, linestyle="none")


def _legend(figure: Figure, handles: list[Line2D]) -> None:
    star = Line2D(
        [], [], label="class mean", marker="*", markersize=10, linestyle="none", markerfacecolor=palette.PAPER
    )
    star.set(markeredgecolor=palette.INK, markeredgewidth=0.9)
    handles = [*handles, _handle("training", "o", palette.TRAINING), star]
    legend = figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(5.9 / SIZE[0], (PANEL[1] + PANEL[3]) / SIZE[1]),
        frameon=False,
        fontsize=8.5 if len(handles) <= 16 else 6.5,
        labelcolor=palette.INK,
        handletextpad=0.3,
        borderpad=0,
        borderaxespad=0,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def _write(figure: Figure, trajectory: Trajectory, step: int) -> None:
    left, top = PANEL[0] / SIZE[0], 1 - 0.2 / SIZE[1]
    style = {"x": left, "va": "top", "parse_math": False}
    figure.text(y=top, s=content.heading(trajectory, step), fontsize=13, fontweight="bold", color=palette.INK, **style)
    figure.text(y=top - 0.27 / SIZE[1], s=content.subtitle(trajectory), fontsize=8.5, color=palette.MUTED, **style)
    warning = "\n".join(content.warning(trajectory))
    figure.text(y=top - 0.44 / SIZE[1], s=warning, fontsize=8.5, color=palette.FAILURE, **style)
    origin = f"run {content.plain(trajectory.run_id)} · Entropy Enigma {enigma.__version__}"
    figure.text(left, 0.16 / SIZE[1], origin, fontsize=7, color=palette.MUTED, parse_math=False)
