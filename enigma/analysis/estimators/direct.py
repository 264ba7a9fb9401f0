"""Estimators that say an accuracy by themselves, given clean labelled images of the same model to calibrate on.

Each takes the outputs on the images in question, whose labels it never looks at, and the outputs on the calibration
images; each returns an accuracy in [0, 1].
"""

from functools import lru_cache

import numpy as np
from jaxtyping import Float, Integer
from scipy.optimize import linear_sum_assignment
from scipy.stats import entropy

from enigma.analysis.estimators.outputs import Outputs

MOST_MATCHED = 1000
"""Images matched at a time: the matching needs a matrix of images x images."""


def average_confidence(test: Outputs, calibration: Outputs) -> float:
    """AC: the mean probability of the predicted class. Source: Hendrycks & Gimpel 2017, arXiv:1610.02136."""
    return float(test.confidences.mean())


def difference_of_confidences(test: Outputs, calibration: Outputs) -> float:
    """DoC: the calibration accuracy less what the mean confidence has fallen. Source: Guillory et al. 2021."""
    fallen = calibration.confidences.mean() - test.confidences.mean()
    return float(np.clip(calibration.accuracy - fallen, 0, 1))


def atc_confidence(test: Outputs, calibration: Outputs) -> float:
    """ATC-MC: the share of images whose confidence is above a threshold.

    The threshold is where the share of calibration images below it equals their error.
    Source: Garg et al. 2022, arXiv:2201.04234, equation 1.
    """
    return _above(test.confidences, calibration.confidences, calibration.accuracy)


def atc_entropy(test: Outputs, calibration: Outputs) -> float:
    """ATC-NE: as `atc_confidence`, with the negative entropy instead of the confidence."""
    return _above(_negative_entropy(test), _negative_entropy(calibration), calibration.accuracy)


def cot(test: Outputs, calibration: Outputs) -> float:
    """COT: one less the optimal transport cost from predictions to labels as frequent as those of the calibration set.

    The cost of giving an image the label y is half the L1 distance of its prediction from the one-hot y, 1 - p_y.
    The reference code draws the labels at random from the source's frequencies; here each class has its exact share.
    Source: Lu et al. 2023, arXiv:2302.05018; reference code luyuzhe111/COT.
    """
    return float(1 - _costs(test, tuple(label_shares(calibration))).mean())


def cott(test: Outputs, calibration: Outputs) -> float:
    """COTT: the share of images whose transport cost is below a threshold, found on the calibration set as in ATC.

    Source: Lu et al. 2023, Characterizing Out-of-Distribution Error via Optimal Transport, arXiv:2305.15640.
    """
    shares = tuple(label_shares(calibration))
    return _above(-_costs(test, shares), -_costs(calibration, shares), calibration.accuracy)


def transported(
    test: Outputs, calibration: Outputs
) -> tuple[Float[np.ndarray, " images"], Float[np.ndarray, " images"]]:
    """What `cot` and `cott` say of each image: one less its transport cost, and 1 where that is above the threshold.

    The mean of the first is COT, that of the second COTT.
    """
    shares = tuple(label_shares(calibration))
    near, known = -_costs(test, shares), -_costs(calibration, shares)
    return 1 + near, (near >= _threshold(known, calibration.accuracy)).astype(float)


def agreement(first: Integer[np.ndarray, " images"], second: Integer[np.ndarray, " images"]) -> float:
    """GDE: the share of images on which two models, trained apart, predict the same class.

    Equal to the accuracy if each is calibrated as a member of its ensemble.
    Source: Jiang et al. 2022, arXiv:2106.13799.
    """
    return float((first == second).mean())


def aetta(test: Outputs, calibration: Outputs) -> float:
    """AETTA: disagreement under dropout, enlarged where the mean prediction has collapsed.

    error = disagreement / (E / log K)^3, at most 1 - 1/K, with E the entropy of the mean prediction under dropout.
    The reference code smooths it over batches; here all images are one batch.
    Source: Lee et al. 2024, arXiv:2404.01351, equation 14; reference code taeckyung/AETTA.

    Raises:
        ValueError: the outputs hold no disagreement.
    """
    if test.dropout is None:
        raise ValueError("Expected outputs with `dropout` but got none.")
    disagreement, mean_entropy = test.dropout
    classes = test.logits.shape[1]
    error = disagreement / max(mean_entropy / np.log(classes), 1e-6) ** 3
    return float(1 - min(error, 1 - 1 / classes))


def label_shares(calibration: Outputs) -> Float[np.ndarray, " classes"]:
    """How frequent each class is among the calibration labels."""
    labels = calibration.labels[calibration.labels >= 0]
    return np.bincount(labels, minlength=calibration.logits.shape[1]) / len(labels)


def _negative_entropy(outputs: Outputs) -> Float[np.ndarray, " images"]:
    return -entropy(outputs.probabilities, axis=1)


def _above(test: np.ndarray, calibration: np.ndarray, accuracy: float) -> float:
    return float((test >= _threshold(calibration, accuracy)).mean())


def _threshold(calibration: np.ndarray, accuracy: float) -> float:
    """Where the share of the calibration below it equals its error; infinite where all is wrong."""
    wrong = round((1 - accuracy) * len(calibration))
    return float("inf") if wrong == len(calibration) else float(np.sort(calibration)[wrong])


@lru_cache(maxsize=8)
def _costs(outputs: Outputs, shares: tuple[float, ...]) -> Float[np.ndarray, " images"]:
    """The transport cost of each image, matched in blocks of equal size; COT and COTT ask for the same ones."""
    blocks = np.array_split(outputs.probabilities, -(-len(outputs.logits) // MOST_MATCHED))
    return np.concatenate([_matched(block, np.array(shares)) for block in blocks])


def _matched(probabilities: np.ndarray, shares: np.ndarray) -> np.ndarray:
    labels = np.repeat(np.arange(len(shares)), _counts(shares, len(probabilities)))
    cost = 1 - probabilities[:, labels]
    images, places = linear_sum_assignment(cost)
    return cost[images, places]


def _counts(shares: np.ndarray, total: int) -> Integer[np.ndarray, " classes"]:
    """Whole numbers that add up to `total`, by largest remainder."""
    exact = shares * total
    counts = np.floor(exact).astype(int)
    counts[np.argsort(counts - exact, kind="stable")[: total - counts.sum()]] += 1
    return counts


DIRECT = {
    "average confidence": average_confidence,
    "DoC": difference_of_confidences,
    "ATC, confidence": atc_confidence,
    "ATC, entropy": atc_entropy,
    "COT": cot,
    "COTT": cott,
}
"""Those that need nothing but two `Outputs`."""
