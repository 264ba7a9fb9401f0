"""What is drawn once a class, as on the page.

The cloud of its training images, their rings, its mean as a cross, an arrow from there to the centroid of its test
images, and its name.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb, to_rgba_array
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Annulus, Circle, PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import AbstractPathEffect, withStroke
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from enigma.analysis.trajectory import Trajectory
from enigma.figures.print import scatter
from enigma.figures.shared import classes, groups, palette

# The page's shares of the class's colour, outermost first: each band lies over those before it.
_TINTS = (0.15, 0.13, 0.13)
_RING_TINT = 0.07
# With more classes all that is drawn for each is finer.
_FEW = 20
_MORE_SPACE = 1.15
# In points: smaller letters nobody reads in print.
_SMALLEST = 5.0


@dataclass(frozen=True)
class Look:
    """How the classes are drawn.

    Attributes:
        size: of a name in points, which is left out where it is less than 5; crosses and arrows are in proportion.
        ink: of crosses and the scale bar.
        paper: what lies under the picture and around lines and names; 'none' where it is not known.
    """

    size: float
    ink: str = palette.INK
    paper: str = palette.PAPER

    def halo(self, width: float) -> list[AbstractPathEffect]:
        """Keeps a line of this width apart from what is under it."""
        if self.paper == "none":
            return []
        return [withStroke(linewidth=width + 0.24 * self.size, foreground=self.paper, alpha=0.9)]

    def readable(self, color: str) -> tuple[float, float, float] | str:
        """The colour of a class for words and arrows: half way to the ink."""
        if self.paper == "none":
            return self.ink
        return tuple(0.55 * np.array(to_rgb(color)) + 0.45 * np.array(to_rgb(self.ink)))


def draw_training(axes: Axes, trajectory: Trajectory, look: Look, size: float, *, rasterized: bool = False) -> None:
    """Where the training images are: clouds and rings in the colours of their classes, and small points.

    Args:
        axes: with the limits that they will have.
        trajectory: the run.
        look: colours and sizes.
        size: area of a point in square points.
        rasterized: whether the points become pixels in a vector file.
    """
    colors = palette.class_colors(len(trajectory.classes))
    bands = [
        (_joined(band), (color, tint))
        for cloud, color in zip(classes.clouds(trajectory), colors, strict=True)
        if cloud is not None
        for band, tint in zip(classes.bands(cloud), _TINTS, strict=True)
    ]
    if bands:
        paths, shades = zip(*bands, strict=True)
        axes.add_collection(PathCollection(paths, facecolors=shades, linewidths=0, zorder=0.4), autolim=False)
    for mean, (inner, _, outer), color in _ringed(trajectory):
        axes.add_patch(Annulus(mean, outer, outer - inner, color=color, alpha=_RING_TINT, linewidth=0, zorder=0.5))
    # Label -1, of an image whose class nobody knows, is the last colour.
    tints = to_rgba_array([*colors, palette.NEUTRAL])[trajectory.reference_labels]
    axes.scatter(
        *trajectory.projection.references.T, s=size, c=tints, alpha=0.47, linewidths=0, zorder=0.6, gid="training",
        rasterized=rasterized,
    )  # fmt: skip


def _joined(band: list[np.ndarray]) -> Path:
    """One path of all outlines."""
    return Path.make_compound_path(*(Path(outline, closed=True) for outline in band))


def _ringed(trajectory: Trajectory) -> list[tuple[np.ndarray, np.ndarray, str]]:
    """Mean, radii and colour of each class that has rings."""
    found, colors = classes.rings(trajectory), palette.class_colors(len(trajectory.classes))
    means = trajectory.projection.means
    return [(means[index], found[index], colors[index]) for index in np.flatnonzero(np.isfinite(found).all(axis=1))]


def draw_classes(axes: Axes, trajectory: Trajectory, frame: int, look: Look) -> None:
    """All that lies over the test points at one frame."""
    draw_arrows(axes, trajectory, trajectory.projection.probes[frame], frame, look)
    draw_still(axes, trajectory, look)


def draw_still(axes: Axes, trajectory: Trajectory, look: Look) -> list[Artist]:
    """What is over the test points and the same for every frame: rings, means, names, scale."""
    drawn: list[Artist] = []
    for mean, (_, median, _), color in _ringed(trajectory):
        line = {"edgecolor": color, "linewidth": 0.07 * look.size, "alpha": 0.6, "fill": False, "zorder": 3}
        drawn.append(axes.add_patch(Circle(mean, median, **line)))
    few, width = len(trajectory.classes) <= _FEW, 0.11 * look.size
    drawn += axes.plot(
        *trajectory.projection.means.T, "+", color=look.ink, markersize=(0.9 if few else 0.6) * look.size,
        markeredgewidth=width, path_effects=look.halo(width), zorder=5, gid="means",
    )  # fmt: skip
    if look.size >= _SMALLEST:
        drawn += _draw_names(axes, trajectory, look)
    if np.isfinite(trajectory.projection.scale):
        drawn += _draw_scale_bar(axes, trajectory.projection.scale, look)
    return drawn


def draw_arrows(
    axes: Axes, trajectory: Trajectory, places: Float[np.ndarray, "probes 2"], frame: int, look: Look
) -> list[Artist]:
    """One arrow a class, from the mean of its training images to the centroid of its test images.

    Args:
        axes: with the limits that they will have.
        trajectory: the run.
        places: of the test images, also between two frames.
        frame: whose classes the images have.
        look: colours and sizes.
    """
    count = len(trajectory.classes)
    ends, unit = classes.centroids(places, trajectory.distance_classes[frame], count), _unit(axes)
    width = (0.2 if count <= _FEW else 0.12) * look.size
    drawn: list[Artist] = []
    for start, end, color in zip(trajectory.projection.means, ends, palette.class_colors(count), strict=True):
        points = float(np.hypot(*(end - start))) / unit
        # Shorter than its line is wide, it has no direction that one could see.
        if not points > width:
            continue
        arrow = PathPatch(
            _arrow(start, end, min(0.7 * look.size, 0.6 * points) * unit), fill=False, edgecolor=look.readable(color),
            linewidth=width, capstyle="round", path_effects=look.halo(width), zorder=4, gid="arrow",
        )  # fmt: skip
        drawn.append(axes.add_patch(arrow))
    return drawn


def _arrow(start: np.ndarray, end: np.ndarray, head: float) -> Path:
    """One path, so that the halo of the head does not cut the shaft."""
    across, up = head * (end - start) / np.hypot(*(end - start))
    left, right = (end - (across + side * up, up - side * across) for side in (0.62, -0.62))
    return Path([start, end, left, end, right], [Path.MOVETO, Path.LINETO, Path.MOVETO, Path.LINETO, Path.LINETO])


def _unit(axes: Axes) -> float:
    """How much of the plane a point of print is; the same in both directions."""
    left, right = axes.get_xlim()
    return (right - left) / (axes.get_window_extent().width * 72 / axes.figure.dpi)


def _draw_names(axes: Axes, trajectory: Trajectory, look: Look) -> list[Text]:
    font = FontProperties(family="DejaVu Sans", weight="bold", size=look.size)
    words = [groups.short(name) for name in trajectory.classes]
    widths = [text_to_path.get_text_width_height_descent(word, font, ismath=False)[0] for word in words]
    sizes = _unit(axes) * np.array([(width + 0.4 * look.size, _MORE_SPACE * look.size) for width in widths])
    limits = groups.Limits(axes.get_xlim(), axes.get_ylim())
    colors = palette.class_colors(len(words))
    return [
        axes.text(
            name.x, name.y, words[name.index], color=look.readable(colors[name.index]), fontproperties=font, zorder=6,
            ha="center", va="center", parse_math=False, path_effects=look.halo(0.0), gid="name",
        )
        for name in classes.names(trajectory, sizes, limits)
    ]  # fmt: skip


def _draw_scale_bar(axes: Axes, scale: float, look: Look) -> list[Artist]:
    """A line in the lower left corner as long as a round distance in embedding space."""
    (left, right), (bottom, _), unit = axes.get_xlim(), axes.get_ylim(), _unit(axes)
    distance, length = classes.scale_bar(scale, 0.24 * (right - left))
    x, y, tick = left + unit * look.size, bottom + unit * look.size, 0.4 * unit * look.size
    width = 0.12 * look.size
    (line,) = axes.plot(
        [x, x, x + length, x + length], [y + tick, y, y, y + tick], color=look.ink, linewidth=width,
        path_effects=look.halo(width), zorder=6, gid="scale",
    )  # fmt: skip
    words = axes.text(
        x + tick, y + tick, f"distance {distance:g}", color=look.ink, fontsize=max(0.9 * look.size, _SMALLEST),
        path_effects=look.halo(0.0), zorder=6,
    )  # fmt: skip
    return [line, words]


def handles(trajectory: Trajectory, size: float) -> list[Line2D]:
    """What a legend says of the classes; `size` is a diameter in points."""
    arrow = _arrow(np.array([-1.0, 0.0]), np.array([1.0, 0.0]), 0.6)
    bare = {"linestyle": "none", "color": palette.INK, "markerfacecolor": "none"}
    found = [
        scatter.handle("training", "disc", palette.NEUTRAL, 0.6 * size),
        Line2D([], [], label="class mean", marker="+", markersize=1.4 * size, markeredgewidth=0.2 * size, **bare),
        Line2D(
            [], [], label="mean to test centroid", marker=arrow, markersize=2 * size, markeredgewidth=0.2 * size, **bare
        ),
    ]
    if np.isfinite(trajectory.projection.scale):
        found.append(scatter.handle("training distances", "ring", palette.NEUTRAL, 1.4 * size))
    return found
