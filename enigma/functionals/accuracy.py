"""Accuracy, where not every label is known."""

import math

import numpy as np


def accuracy_of(predictions: np.ndarray, labels: np.ndarray) -> float:
    """Share of the images with a known label that are classified right; NaN where none is known.

    >>> accuracy_of(np.array([3, 1, 2]), np.array([3, 0, -1]))
    0.5
    """
    known = labels >= 0
    return float((predictions == labels)[known].mean()) if known.any() else math.nan
