"""Test points in print: every group has a colour and a shape of its own, all in one collection of Matplotlib."""

from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import LinearSegmentedColormap, to_rgba_array
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, IdentityTransform

from enigma.figures.shared import groups as content
from enigma.figures.shared import palette

# Marker and size that covers about as much paper as a disc of size 1.
MARKERS: dict[str, tuple[str, float]] = {
    "disc": ("o", 1.0),
    "square": ("s", 0.88),
    "triangle": ("^", 1.14),
    "diamond": ("D", 0.84),
    "triangle-down": ("v", 1.14),
    "plus": ("P", 1.12),
    "ex": ("X", 1.12),
    "triangle-left": ("<", 1.14),
    "triangle-right": (">", 1.14),
    "hexagon": ("h", 1.05),
    "ring": ("o", 0.95),
    "cross": ("x", 1.0),
}
_STROKED = ("ring", "cross")


def draw_groups(
    axes: Axes, places: Float[np.ndarray, "probes 2"], groups: list[content.Group], size: float, *, stroke: float = 0.8
) -> PathCollection | None:
    """Draws the points in the order of the images, so that no group covers the others; None without any point.

    Args:
        size: area of a disc in square points, as Matplotlib counts it.
        stroke: width of rings and crosses in points.
    """
    which = np.full(len(places), -1)
    for index, group in enumerate(groups):
        which[group.members] = index
    shown = np.flatnonzero(which >= 0)
    if not len(shown):
        return None
    which = which[shown]
    # One colour is understood a group, not a point: a run has many more points than groups.
    colors = to_rgba_array([group.color for group in groups])
    stroked = np.array([group.shape in _STROKED for group in groups])
    faces = colors * np.where(stroked, 0, 1)[:, None]
    drawn = PathCollection(
        [_path(groups[index].shape) for index in which],
        sizes=[size],
        facecolors=faces[which],
        edgecolors=colors[which],
        linewidths=np.where(stroked, stroke, 0.0)[which],
        offsets=places[shown],
        offset_transform=axes.transData,
        gid="test",
    )
    # Sizes are in points on paper, not in the unit of the axes.
    drawn.set_transform(IdentityTransform())
    axes.add_collection(drawn, autolim=False)
    return drawn


def draw_shaded(axes: Axes, places: Float[np.ndarray, "probes 2"], shade: content.Shade, size: float) -> PathCollection:
    """Draws the points coloured by a continuous value."""
    scale = color_map(shade)
    return axes.scatter(
        *places.T, s=size, c=shade.values, cmap=scale, linewidths=0, vmin=shade.low, vmax=shade.high, gid="test"
    )


def color_map(shade: content.Shade) -> LinearSegmentedColormap:
    """The colours of a shade for Matplotlib."""
    return LinearSegmentedColormap.from_list("certainty", shade.colors)


def handle(name: str, shape: str, color: str, size: float = 5.0) -> Line2D:
    """What a legend shows of a group; `size` is a diameter in points."""
    marker, scale = MARKERS[shape]
    face = "none" if shape in _STROKED else color
    width = 0.9 if shape in _STROKED else 0.0
    style = {"marker": marker, "markersize": size * scale, "markerfacecolor": face, "markeredgewidth": width}
    return Line2D([], [], label=name, color=color, linestyle="none", **style)


@cache
def _path(shape: str) -> Path:
    marker, scale = MARKERS[shape]
    style = MarkerStyle(marker)
    return style.get_path().transformed(style.get_transform()).transformed(Affine2D().scale(scale))


def legend(figure: Figure, handles: list[Line2D], **style: Any) -> None:
    """A legend without a frame; names are written as they are, never read as formulas."""
    drawn = figure.legend(handles=handles, frameon=False, labelcolor=palette.INK, **style)
    for text in drawn.get_texts():
        text.set_parse_math(False)
