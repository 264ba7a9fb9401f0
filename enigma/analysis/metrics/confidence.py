"""Whether confidence is worth what it says: Brier score and the gap between confidence and accuracy.

The expected calibration error is `enigma.analysis.metrics.measures.calibration_error`.
"""

import math

import numpy as np

from enigma.analysis.metrics.observed import Observed


def brier(seen: Observed) -> float:
    """Mean over images of Σ_k (p_k - y_k)², in [0, 2], over all classes (Brier 1950); NaN without labels.

    A frame keeps the ten highest logits. Beyond ten classes the probability that is left is taken to be spread evenly,
    which makes the score too low by less than that probability times the tenth highest.
    """
    frame, known = seen.frame, seen.is_labelled
    if not known.any():
        return math.nan
    logits, logsumexp = frame["top_logits"].astype(np.float64), frame["logsumexp"].astype(np.float64)
    top = np.exp(logits - logsumexp[:, None])
    others = len(frame["mean_prediction"]) - top.shape[1]
    squares = np.square(top).sum(1) + (np.square(1 - top.sum(1)) / others if others else 0.0)
    truth = np.exp(frame["label_log_probabilities"].astype(np.float64))
    return float((squares - 2 * truth + 1)[known].mean())


def confidence_gap(seen: Observed) -> float:
    """Mean confidence minus accuracy, in [-1, 1]: positive for a model too sure of itself; NaN without labels."""
    known = seen.is_labelled
    if not known.any():
        return math.nan
    return float(seen.confidences[known].mean() - seen.is_right[known].mean())
