"""The formulas of the metrics: from embeddings, predictions and confidences to a number.

Distances are Euclidean in the space of the embeddings; accuracy and calibration error are in [0, 1], entropies in nats.
"""

import math

import numpy as np
from jaxtyping import Float, Integer
from scipy.optimize import linear_sum_assignment
from scipy.stats import rankdata
from sklearn.metrics import silhouette_score

CALIBRATION_BINS = 15


def silhouette(embeddings: Float[np.ndarray, "probes features"], clusters: Integer[np.ndarray, " probes"]) -> float:
    """Mean of (b - a) / max(a, b), a = distance within the cluster, b = to the nearest other (Rousseeuw 1987).

    NaN where k-means found a single cluster. Source: the paper, section 3; k is the number of classes.
    """
    return float(silhouette_score(embeddings, clusters)) if len(np.unique(clusters)) > 1 else math.nan


def shift_distance(
    centroids: Float[np.ndarray, "clusters features"], means: Float[np.ndarray, "classes features"]
) -> float:
    """Mean Euclidean distance between k-means centroids and the class means assigned to them.

    The assignment is the one-to-one matching of least mean distance (Hungarian method).
    Source: the paper, section 3; it names neither the metric nor whether the means move with the model.
    NaN where there are no means, for want of reference images.

    >>> shift_distance(np.array([[0.0, 3.0], [4.0, 0.0]]), np.array([[4.0, 0.0], [0.0, 0.0]]))
    1.5
    """
    distances = np.linalg.norm(centroids[:, None] - means[None], axis=-1)
    distances = distances[:, np.isfinite(distances).all(0)]
    if not distances.size:
        return math.nan
    return float(distances[linear_sum_assignment(distances)].mean())


def entropy_of(probabilities: Float[np.ndarray, " classes"]) -> float:
    """Entropy of one distribution in nats; 0 log 0 is 0.

    >>> round(entropy_of(np.array([0.5, 0.5, 0.0])), 4)
    0.6931
    """
    positive = probabilities[probabilities > 0].astype(np.float64)
    return float(-(positive * np.log(positive)).sum())


def weighted_flips(flipped: np.ndarray, confidence: Float[np.ndarray, " probes"]) -> float:
    """Sum over flipped images of c_i = rank of the confidence at frame 0 / images, ties averaged.

    Source: the paper, section 4.1, as its code does it: rank() / n, not divided by n again.

    >>> weighted_flips(np.array([True, False, True]), np.array([0.2, 0.5, 0.9])) == 1 / 3 + 3 / 3
    True
    """
    return float((rankdata(confidence) / len(confidence))[flipped].sum())


def calibration_error(confidence: Float[np.ndarray, " probes"], correct: np.ndarray) -> float:
    """Expected calibration error with 15 equal bins: sum over bins of share x |accuracy - confidence|.

    Source: Guo et al. 2017, arXiv:1706.04599, equation 3; bins are closed above.

    >>> calibration_error(np.array([0.9, 0.9]), np.array([True, False])) == abs(0.5 - 0.9)
    True
    """
    edges = np.linspace(0, 1, CALIBRATION_BINS + 1)[1:-1]
    bins = np.searchsorted(edges, confidence, side="left")
    gaps = np.bincount(bins, weights=correct.astype(np.float64) - confidence, minlength=CALIBRATION_BINS)
    return float(np.abs(gaps).sum() / len(confidence)) if len(confidence) else math.nan
