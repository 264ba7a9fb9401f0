"""Nearest neighbours, exact."""

import numpy as np
from jaxtyping import Float, Integer

Points = Float[np.ndarray, "_ features"]


def nearest(
    queries: Points, points: Points, count: int
) -> tuple[Integer[np.ndarray, "queries count"], Float[np.ndarray, "queries count"]]:
    """Indices and Euclidean distances of the nearest points, nearest first; exact, by matrix products."""
    queries, points = queries.astype(np.float64), points.astype(np.float64)
    squares = (points**2).sum(1)
    indices, distances = [], []
    for block in np.array_split(queries, max(1, len(queries) // 1000)):
        squared = squares - 2 * block @ points.T + (block**2).sum(1, keepdims=True)
        near = np.argpartition(squared, count - 1, axis=1)[:, :count]
        values = np.take_along_axis(squared, near, 1)
        order = np.argsort(values, axis=1, kind="stable")
        indices.append(np.take_along_axis(near, order, 1))
        distances.append(np.sqrt(np.maximum(np.take_along_axis(values, order, 1), 0)))
    return np.concatenate(indices), np.concatenate(distances)
