"""What belongs to a class as a whole, before anything is drawn and as the page has it.

Where its training images are dense and how far they lie, where its test images are on average, where its name stands.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
from contourpy import FillType, contour_generator
from jaxtyping import Bool, Float, Integer
from scipy.ndimage import gaussian_filter

from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared.groups import Limits

SHARES = (0.97, 0.75, 0.4)
"""Of the training images of a class, from the outermost contour of its cloud to the innermost."""
PERCENTILES = (10, 50, 90)
CELLS = 96
# In kernel widths: as far as the blur goes, so that none of it is cut off.
_MARGIN = 4.0
# How far from its class a name may stand, in its own heights; one height is worth this share of a class's images.
_AWAY = (0.0, 0.5, 1.0, 1.5, 2.0)
_WORTH = 0.02


@dataclass(frozen=True)
class Cloud:
    """Where the training images of one class are dense.

    Attributes:
        x: middles of the columns.
        y: middles of the rows.
        density: images in each cell, blurred; their sum is the number of images.
        levels: of the contours that hold `SHARES` of the sum.
    """

    x: Float[np.ndarray, " columns"]
    y: Float[np.ndarray, " rows"]
    density: Float[np.ndarray, "rows columns"]
    levels: tuple[float, ...]


def clouds(trajectory: Trajectory) -> list[Cloud | None]:
    """One for each class; None without training images."""
    references = trajectory.projection.references.astype(np.float64)
    # A hundredth of the picture: enough for a lone image to be seen.
    least = 0.01 * (float(np.ptp(references, axis=0).max()) or 1.0) if len(references) else 1.0
    members = [references[trajectory.reference_labels == index] for index in range(len(trajectory.classes))]
    return [cloud(points, least) if len(points) else None for points in members]


def cloud(points: Float[np.ndarray, "images 2"], least: float) -> Cloud:
    """A kernel estimate on a square grid around the points.

    The kernel is normal, of width max(0.9 s n^(-1/5), least) for n points of standard deviation s, the geometric mean
    of both directions.
    """
    spread = math.sqrt(float(np.prod(points.std(axis=0))))
    width = max(0.9 * spread * len(points) ** -0.2, least)
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max()) + 2 * _MARGIN * width
    edges = (low + high - side) / 2 + np.linspace(0, side, CELLS + 1)[:, None]
    counts, _, _ = np.histogram2d(points[:, 1], points[:, 0], bins=(edges[:, 1], edges[:, 0]))
    density = gaussian_filter(counts, width * CELLS / side, mode="constant", truncate=_MARGIN)
    x, y = ((edges[1:] + edges[:-1]) / 2).T
    return Cloud(x, y, density, tuple(level_of(density, share) for share in SHARES))


def bands(cloud: Cloud) -> Iterator[list[Float[np.ndarray, "_ 2"]]]:
    """The closed outlines of what lies above each level, holes among them, from the outermost level to the innermost.

    Not by `Axes.contourf`, which takes ten times as long for a thousand classes.
    """
    drawn = contour_generator(cloud.x, cloud.y, cloud.density, fill_type=FillType.OuterOffset)
    for level in cloud.levels:
        shapes, offsets = cast(tuple[list[np.ndarray], list[np.ndarray]], drawn.filled(level, np.inf))
        yield [
            outline for points, ends in zip(shapes, offsets, strict=True) for outline in np.split(points, ends[1:-1])
        ]


def level_of(density: Float[np.ndarray, "rows columns"], share: float) -> float:
    """The highest level for which the cells at or above it hold this share of the sum.

    >>> level_of(np.array([[1.0, 2.0], [3.0, 4.0]]), 0.7)
    3.0
    """
    falling = np.sort(density, axis=None)[::-1]
    held = np.cumsum(falling)
    return float(falling[np.searchsorted(held, share * held[-1])])


def centroids(
    places: Float[np.ndarray, "probes 2"], classes: Integer[np.ndarray, " probes"], count: int
) -> Float[np.ndarray, "classes 2"]:
    """The mean place of the test images of each class; NaN for a class without any.

    Args:
        places: of the test images.
        classes: whose they are, as `Trajectory.distance_classes` has them; negative for none.
        count: of classes.

    >>> centroids(np.array([[0.0, 1.0], [2.0, 3.0], [9.0, 9.0]]), np.array([0, 0, -1]), 2).tolist()
    [[1.0, 2.0], [nan, nan]]
    """
    known = classes >= 0
    images = np.bincount(classes[known], minlength=count)
    sums = np.stack([np.bincount(classes[known], axis, count) for axis in places[known].T], axis=1)
    return sums / np.where(images > 0, images, np.nan)[:, None]


def rings(trajectory: Trajectory) -> Float[np.ndarray, "classes 3"]:
    """`PERCENTILES` of the training images' own distances to the mean of their class, as long as the picture has them.

    NaN for a class without training images, and everywhere where distances on the picture are not true.
    """
    found = np.full((len(trajectory.classes), len(PERCENTILES)), np.nan)
    for index in range(len(found)):
        own = trajectory.reference_distances[trajectory.reference_labels == index]
        if np.isfinite(own).any():
            found[index] = np.nanpercentile(own, PERCENTILES)
    return found * trajectory.projection.scale


def scale_bar(scale: float, longest: float) -> tuple[float, float]:
    """A round distance, 1, 2 or 5 times a power of ten, and its length on the picture, at most `longest`.

    >>> scale_bar(0.5, 1.7)
    (2.0, 1.0)
    """
    rough = longest / scale
    power = 10.0 ** math.floor(math.log10(rough))
    distance = max(factor * power for factor in (1, 2, 5) if factor == 1 or factor * power <= rough)
    return distance, distance * scale


@dataclass(frozen=True)
class Name:
    """Where the middle of the name of class `index` stands, `away` of its own heights from its training images."""

    index: int
    x: float
    y: float
    away: float


def names(trajectory: Trajectory, sizes: Float[np.ndarray, "classes 2"], limits: Limits) -> list[Name]:
    """Each name above or below the training images of its class, near them, over few images and over no other name.

    It stands at the same place at every frame; one without any room is left out.

    Args:
        trajectory: the run.
        sizes: width and height of each name on the picture.
        limits: what the picture shows.
    """
    projection, placed = trajectory.projection, list[Name]()
    # The ends of the run stand for all of it, and half the way of each image for the arrows.
    owners, last = trajectory.distance_classes[-1], projection.probes[-1]
    ways = (projection.means[owners] + last)[owners >= 0] / 2
    images = np.concatenate([projection.references, projection.probes[0], last, ways])
    for index in np.flatnonzero(np.isfinite(projection.means).all(axis=1)).tolist():
        taken = np.array([(other.x, other.y) for other in placed]).reshape(-1, 2)
        room = sizes[index] + sizes[[other.index for other in placed]]
        candidates = _candidates(trajectory, index, sizes[index], limits)
        free = [name for name in candidates if not _overlaps(name, taken, room).any()]
        if free:
            placed.append(min(free, key=lambda name: _cost(name, images, sizes)))
    return placed


def _cost(name: Name, images: Float[np.ndarray, "images 2"], sizes: Float[np.ndarray, "classes 2"]) -> float:
    covered = int(_overlaps(name, images, sizes[[name.index]]).sum())
    return covered * len(sizes) / len(images) + _WORTH * name.away


def _candidates(trajectory: Trajectory, index: int, size: np.ndarray, limits: Limits) -> Iterator[Name]:
    """The places where a name may stand, from the nearest to the furthest; all of them inside the picture."""
    (x, y), (width, height) = trajectory.projection.means[index].tolist(), size
    own = trajectory.projection.references[trajectory.reference_labels == index, 1]
    # All but the outermost twentieth: a lone image does not push the name away.
    reach = float(np.percentile(np.abs(own - y), 95)) if len(own) else 0.0
    inside = min(max(x, limits.x[0] + width / 2), limits.x[1] - width / 2)
    for away in _AWAY:
        for side in (1, -1):
            up = y + side * (reach + (away + 0.5) * height)
            if limits.y[0] + height / 2 <= up <= limits.y[1] - height / 2:
                yield Name(index, inside, up, away)


def _overlaps(
    name: Name, places: Float[np.ndarray, "places 2"], room: Float[np.ndarray, "rooms 2"]
) -> Bool[np.ndarray, " places"]:
    """Whether places lie in a box of half this width and height to each side of the middle of a name."""
    return np.all(2 * np.abs(places - (name.x, name.y)) < room, axis=1)
