"""Intervals from errors on corruptions that an estimator was not fitted on.

For each corruption of the calibration every regression is fitted to the others and judged on its splits. The interval
of an estimate is as wide as those errors were, and wider where there are fewer images than in the calibration.

They do not hold the truth as often as their level says. A level is promised only for exchangeable splits; those here
are few, several are severities of one corruption, and the judged corruptions are other ones. On 51 splits of
`resnet-bn` intervals of a nominal 80 % held 69 to 84 % with 1,000 images and 40 to 82 % with 120
(docs/results/estimators.md).
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float
from scipy.stats import norm
from scipy.stats import t as student

from enigma.analysis.estimators.fit import COVERAGE, Fit

LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Nominal coverages that are offered; those that the number of splits does not allow are left out."""


def left_out(
    groups: Sequence[str],
    accuracies: Float[np.ndarray, " splits"],
    estimate: Callable[[Float[np.ndarray, " others"], int], float],
    fewest: int,
) -> tuple[float, ...]:
    """Estimate less truth on each split, by a fit to the splits of the other corruptions.

    Args:
        groups: the corruption of each split.
        accuracies: its true accuracy.
        estimate: from which splits to fit on, as a mask, and which to judge, to the estimate.
        fewest: splits that a fit needs; an error that would need one to fewer is NaN.
    """
    names = np.array(groups)
    found = []
    for split, name in enumerate(names):
        others = names != name
        is_enough = others.sum() >= fewest
        found.append(estimate(others, split) - float(accuracies[split]) if is_enough else math.nan)
    return tuple(found)


def quantile(errors: Sequence[float], level: float) -> float:
    """The half-width of a split conformal interval; NaN where there are too few errors for the level.

    The k-th smallest |error| of n with k = ceil((n + 1) level). If the error of a new split is exchangeable with
    them, it is no larger with a probability of at least `level`; for k > n there is no such width.
    Source: Lei et al. 2018, arXiv:1604.04173, section 2.2.

    >>> quantile([0.01, -0.03, 0.02, 0.05], 0.8), quantile([0.01, -0.03, 0.02, 0.05], 0.9)
    (0.05, nan)
    """
    known = np.sort(np.abs([error for error in errors if math.isfinite(error)]))
    # Rounded, because 10 x 0.9 is 9.000000000000002 in floating point for some n.
    k = math.ceil(round((len(known) + 1) * level, 9))
    return float(known[k - 1]) if 0 < k <= len(known) else math.nan


def highest_level(errors: Sequence[float], wanted: float = COVERAGE) -> float:
    """The highest level up to the wanted one that so many errors allow; 0 where they allow none.

    >>> highest_level([0.1] * 13), highest_level([0.1] * 5), highest_level([])
    (0.9, 0.8, 0.0)
    """
    return max((level for level in LEVELS if level <= wanted and math.isfinite(quantile(errors, level))), default=0.0)


def sampling(variance: float, images: int, calibrated: int, level: float) -> float:
    """The half-width that so few images add: z sqrt(variance (1 / images - 1 / calibrated)), 0 if they are no fewer.

    The errors of the calibration hold the draw of its own images already.

    Args:
        variance: of what is averaged over the images; p (1 - p) for an accuracy.
    """
    more = max(0.0, 1 / images - 1 / calibrated)
    return float(norm.ppf((1 + level) / 2) * np.sqrt(variance * more))


def variance(accuracy: float, images: int) -> float:
    """Variance p (1 - p) of an estimated accuracy, drawn a little to one half so that all right leaves some.

    p = (accuracy n + 2) / (n + 4). Source: Agresti & Coull 1998.
    """
    share = (accuracy * images + 2) / (images + 4)
    return share * (1 - share)


def wide(fit: Fit, corruptions: int, level: float) -> float:
    """The half-width where only the deviation of leave-one-out errors was kept: as if a corruption were one split."""
    freedom = max(corruptions - 1, 1)
    return float(student.ppf((1 + level) / 2, freedom)) * fit.residual * np.sqrt(1 + 1 / max(corruptions, 1))
