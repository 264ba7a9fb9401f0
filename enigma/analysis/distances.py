"""How far images lie from the training class means of the source model, in embedding space."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int32, Integer

from enigma.analysis.neighbors import nearest

Means = Float[np.ndarray, "classes features"]


@dataclass(frozen=True)
class ToMeans:
    """The distance of every image at every frame to one class mean.

    Attributes:
        classes: whose mean it is; -1 where there is none.
        distances: Euclidean, in units of the embeddings; NaN where that class has no training image.
    """

    classes: Int32[np.ndarray, "frames probes"]
    distances: Float32[np.ndarray, "frames probes"]


def to_means(
    embeddings: Float[np.ndarray, "frames probes features"], labels: Integer[np.ndarray, " probes"], means: Means
) -> ToMeans:
    """Distance of each image to the mean of its own class; to the nearest class mean where its class is unknown.

    ||z - μ_y|| for an image with label y, min_c ||z - μ_c|| for one without.

    Args:
        embeddings: of the test images, frame by frame.
        labels: their classes; negative for unknown ones.
        means: training class means under the source model; NaN for a class without training images.

    >>> means = np.array([[4.0, 1.0], [0.0, 0.0]])
    >>> found = to_means(np.array([[[0.0, 3.0], [4.0, 0.0]]]), np.array([1, -1]), means)
    >>> found.classes.tolist(), found.distances.tolist()
    ([[1, 0]], [[3.0, 1.0]])
    """
    classes = np.tile(labels.astype(np.int32), (len(embeddings), 1))
    unknown = np.flatnonzero(labels < 0)
    present = np.flatnonzero(np.isfinite(means).all(axis=1))
    distances = np.full(classes.shape, np.nan, np.float32)
    # One frame at a time, so that only one is held in double precision.
    for frame, row, found in zip(embeddings, classes, distances, strict=True):
        if len(unknown) and len(present):
            closest, _ = nearest(frame[unknown].astype(np.float32), means[present].astype(np.float32), 1)
            row[unknown] = present[closest[:, 0]]
        measured = np.flatnonzero(row >= 0)
        found[measured] = np.linalg.norm(frame[measured] - means[row[measured]], axis=1)
    return ToMeans(classes, distances)


def of_references(
    embeddings: Float[np.ndarray, "references features"], labels: Integer[np.ndarray, " references"], means: Means
) -> Float32[np.ndarray, " references"]:
    """Distance of each training image to the mean of its class, both under the source model; NaN without a class.

    Every image has a part in its mean: of n images of a class these distances are smaller than that of a further
    training image, by about 1/n of themselves.

    >>> of_references(np.array([[0.0, 0.0], [6.0, 8.0]]), np.array([0, 0]), np.array([[3.0, 4.0]])).tolist()
    [5.0, 5.0]
    """
    distances = np.full(len(labels), np.nan, np.float32)
    known = np.flatnonzero(labels >= 0)
    distances[known] = np.linalg.norm(embeddings[known] - means[labels[known]], axis=1)
    return distances
