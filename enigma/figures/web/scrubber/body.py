"""The part of a payload for the browser that has one value a point: quantised, as byte planes, compressed.

A moving array runs over frames first. It is stored as the difference to the frame before, modulo
its word size, because most points move little and most predictions do not change; small differences of either sign
are folded onto small numbers (zigzag), and the low bytes of all values come before the high bytes. zlib then finds
long runs of equal bytes, and writes every plane in a code of its own. Decoding is exact; what is lost is lost in
quantisation, whose largest errors are

    position            half of `1 / COORDINATE_LEVELS` of the longer side of the axes
    confidence          half of 1/127
    entropy             half of 1/127 of the largest entropy of the run
    distance            half of 1/127 of the way from the smallest to the largest on a logarithmic axis: 1 % of itself
                        where they are a factor 13 apart, 3 % at most, so that the first step of a run whose images
                        leave by a factor of a hundred is as exact as its last
"""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer, UInt8, UInt16

from enigma.analysis.trajectory import Trajectory

COORDINATE_LEVELS = 2**12 - 1
"""Steps along the longer side of the axes: a fifth of a screen pixel on a plot of 800 pixels."""
LEVELS = 127
"""Steps of a confidence and of an entropy, finer than anybody sees."""
DISTANCE_LEVELS = 127
WIDEST_DISTANCES = 1000.0
"""How many times smaller than the largest a distance may be; smaller ones are rounded up to that."""
UNKNOWN_DISTANCE = 255
"""Written for the distance to a class mean that nobody knows."""
UNKNOWN_CLASS = 65535
"""Written for a label outside the classes: an image whose class nobody knows."""
UNKNOWN_PLACE = UNKNOWN_CLASS
"""Written for a class mean that nobody knows: it has no cross."""
AXES_MARGIN = 0.04


@dataclass(frozen=True)
class Axes:
    """The square that holds every position of the run, so that both axes share one scale."""

    left: float
    bottom: float
    side: float


@dataclass(frozen=True)
class Body:
    """The part of a payload that stays the same while a person moves: compressed arrays and how to read them."""

    arrays: tuple[dict, ...]
    compressed: bytes
    axes: Axes
    largest_entropy: float
    smallest_distance: float
    largest_distance: float

    @property
    def checksum(self) -> int:
        """Tells two bodies apart without comparing them."""
        return zlib.crc32(self.compressed)


def fixed_axes(*positions: Float[np.ndarray, "... 2"]) -> Axes:
    """The smallest square with a margin that holds all finite `positions`."""
    points = np.concatenate([part.reshape(-1, 2) for part in positions]).astype(np.float64)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return Axes(0.0, 0.0, 1.0)
    low, high = points.min(axis=0), points.max(axis=0)
    side = float(max((high - low).max(), 1e-6)) * (1 + 2 * AXES_MARGIN)
    left, bottom = (low + high) / 2 - side / 2
    return Axes(float(left), float(bottom), side)


def quantise_positions(positions: Float[np.ndarray, "... 2"], axes: Axes) -> UInt16[np.ndarray, "... 2"]:
    """Positions as whole numbers from 0 to `COORDINATE_LEVELS` on both axes; non-finite ones go to the corner."""
    scaled = (positions.astype(np.float64) - (axes.left, axes.bottom)) / axes.side * COORDINATE_LEVELS
    return np.clip(np.rint(np.nan_to_num(scaled, nan=0.0)), 0, COORDINATE_LEVELS).astype(np.uint16)


def quantise_bytes(values: Float[np.ndarray, "..."], largest: float, levels: int = LEVELS) -> UInt8[np.ndarray, "..."]:
    """Values in [0, largest] as whole numbers from 0 to `levels`."""
    scaled = np.nan_to_num(values.astype(np.float64), nan=0.0) / max(largest, 1e-12) * levels
    return np.clip(np.rint(scaled), 0, levels).astype(np.uint8)


def distance_ends(*distances: Float[np.ndarray, "..."]) -> tuple[float, float]:
    """The smallest and the largest distance that are written."""
    known = np.concatenate([part[np.isfinite(part)] for part in distances])
    largest = float(known.max(initial=0.0)) or 1.0
    return max(float(known.min(initial=largest)), largest / WIDEST_DISTANCES), largest


def quantise_distances(values: Float[np.ndarray, "..."], smallest: float, largest: float) -> UInt8[np.ndarray, "..."]:
    """Distances as whole numbers from 0 (`smallest`) to `DISTANCE_LEVELS` (`largest`), evenly in their logarithm."""
    length = max(math.log(largest / smallest), 1e-9)
    inside = np.clip(np.nan_to_num(values.astype(np.float64), nan=largest), smallest, largest)
    levels = np.rint(np.log(inside / smallest) / length * DISTANCE_LEVELS)
    return np.where(np.isfinite(values), levels, UNKNOWN_DISTANCE).astype(np.uint8)


def encode_over_time(values: Integer[np.ndarray, "..."]) -> list[bytes]:
    """Differences between frames, folded to small unsigned numbers, as byte planes."""
    bits = values.dtype.itemsize * 8
    signed = np.dtype(f"<i{values.dtype.itemsize}")
    differences = np.diff(values, axis=0, prepend=np.zeros_like(values[:1])).astype(signed)
    folded = ((differences << 1) ^ (differences >> (bits - 1))).view(values.dtype)
    return byte_planes(folded)


def byte_planes(values: Integer[np.ndarray, "..."]) -> list[bytes]:
    """All low bytes, then all high bytes."""
    columns = np.ascontiguousarray(values).view(np.uint8).reshape(-1, values.dtype.itemsize)
    return [column.tobytes() for column in columns.T]


def compressed(planes: Sequence[bytes]) -> bytes:
    """One zlib stream of all planes; differences are small random numbers, for which zlib has a strategy."""
    stream = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_FILTERED)
    return b"".join([*(stream.compress(plane) + stream.flush(zlib.Z_BLOCK) for plane in planes), stream.flush()])


def class_words(classes: Integer[np.ndarray, "..."], count: int) -> Integer[np.ndarray, "..."]:
    """Class numbers in the smallest word that holds `count` classes."""
    return classes.astype(np.uint8 if count <= 256 else np.uint16)


def known_or_unknown(labels: Integer[np.ndarray, "..."], count: int) -> UInt16[np.ndarray, "..."]:
    """Labels, with everything outside the classes marked as unknown."""
    return np.where((labels >= 0) & (labels < count), labels, UNKNOWN_CLASS).astype(np.uint16)


def array_entry(name: str, values: np.ndarray, *, moving: bool) -> dict:
    """How the header announces one array."""
    return {"name": name, "bytes": values.dtype.itemsize, "shape": list(values.shape), "moving": moving}


def pack_body(trajectory: Trajectory) -> Body:
    """Quantises and compresses everything that has one value a point.

    Raises:
        ValueError: if the projection and the run do not have the same frames.
    """
    projection, count = trajectory.projection, len(trajectory.classes)
    if not np.array_equal(projection.steps, trajectory.steps):
        raise ValueError(
            f"Expected a projection of the frames {trajectory.steps.tolist()} but got {projection.steps.tolist()}"
        )
    axes = fixed_axes(projection.probes, projection.references, projection.means)
    largest = float(np.nanmax(trajectory.entropies, initial=0.0))
    ends = distance_ends(trajectory.distances, trajectory.reference_distances)
    probes = quantise_positions(projection.probes, axes)
    references = quantise_positions(projection.references, axes)
    means = quantise_positions(projection.means, axes)
    missing = ~np.isfinite(projection.means).all(axis=1)
    moving = {
        "x": probes[..., 0],
        "y": probes[..., 1],
        "predictions": class_words(trajectory.predictions, count),
        "confidences": quantise_bytes(trajectory.confidences, 1.0),
        "entropies": quantise_bytes(trajectory.entropies, largest),
        "distances": quantise_distances(trajectory.distances, *ends),
    }
    if not np.array_equal(
        trajectory.distance_classes, np.broadcast_to(trajectory.labels, trajectory.predictions.shape)
    ):
        # Otherwise they are the labels.
        moving["distanceClasses"] = known_or_unknown(trajectory.distance_classes, count)
    still = {
        "labels": known_or_unknown(trajectory.labels, count),
        "referenceLabels": known_or_unknown(trajectory.reference_labels, count),
        "referenceDistances": quantise_distances(trajectory.reference_distances, *ends),
        "referenceX": references[:, 0],
        "referenceY": references[:, 1],
        "meanX": np.where(missing, UNKNOWN_PLACE, means[:, 0]).astype(np.uint16),
        "meanY": np.where(missing, UNKNOWN_PLACE, means[:, 1]).astype(np.uint16),
    }
    arrays = [array_entry(name, part, moving=True) for name, part in moving.items()]
    arrays += [array_entry(name, part, moving=False) for name, part in still.items()]
    planes = [plane for part in moving.values() for plane in encode_over_time(part)]
    planes += [plane for part in still.values() for plane in byte_planes(part)]
    return Body(tuple(arrays), compressed(planes), axes, largest, *ends)
