"""Intervals from errors on corruptions that an estimator was not fitted on.

For each corruption of the calibration every regression is fitted to the others and judged on its splits. The interval
of an estimate is as wide as those errors were. What is exchangeable is the corruption, not the split: severities of one
corruption are alike, so that each corruption counts once, however many splits it has.

So many corruptions K promise no level above K / (K + 1). Beyond it an interval rests on errors that are normally
distributed, which is not promised but measured: docs/results/estimators.md.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float
from scipy.stats import norm
from scipy.stats import t as student

from enigma.analysis.estimators.fit import COVERAGE, Fit

LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Nominal coverages that are offered; those that the number of corruptions does not allow are left out."""
CLEAN = "clean"
FEWEST = 3
"""Corruptions below which a spread of their errors says nothing."""


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


def by_corruption(errors: Sequence[float] | np.ndarray, groups: Sequence[str]) -> list[Float[np.ndarray, " _"]]:
    """The known errors of each corruption; those on clean images, which are no shift, are left out.

    Args:
        errors: a row or a value a split; NaN where it is not known.
        groups: the corruption of each split.

    >>> [each.tolist() for each in by_corruption([0.1, 0.2, float("nan"), 0.4], ["clean", "fog", "fog", "snow"])]
    [[0.2], [0.4]]
    """
    values, names = np.asarray(errors, float), np.array(groups)
    found = [values[names == name].ravel() for name in dict.fromkeys(groups) if name != CLEAN]
    known = [each[np.isfinite(each)] for each in found]
    return [each for each in known if len(each)]


def quantile(errors: Sequence[Float[np.ndarray, " _"]], level: float) -> float:
    """The half-width of a conformal interval; NaN where there are too few corruptions for the level.

    The least q with sum_k F_k(q) / (K + 1) >= level, where F_k is the share of the |errors| of corruption k up to q:
    each of K corruptions has the same weight, and so has the one in question, whose error is taken to be infinite. If
    it is exchangeable with them, its error is no larger with a probability of at least `level`.
    Source: Lee, Barber & Willett 2023, arXiv:2306.06342, hierarchical conformal prediction.

    >>> fog, snow, rain = np.array([0.01, -0.03]), np.array([0.02]), np.array([0.05])
    >>> quantile([fog, snow, rain], 0.5), quantile([fog, snow, rain], 0.9)
    (0.03, nan)
    """
    if not len(errors):
        return math.nan
    sizes = np.abs(np.concatenate(list(errors)))
    weights = np.concatenate([np.full(len(each), 1 / len(each) / (len(errors) + 1)) for each in errors])
    order = np.argsort(sizes)
    # Rounded, because thirds do not add up to one in floating point.
    reached = np.flatnonzero(np.round(np.cumsum(weights[order]), 9) >= level)
    return float(sizes[order][reached[0]]) if len(reached) else math.nan


def half_width(errors: Sequence[Float[np.ndarray, " _"]], level: float) -> float:
    """The conformal quantile, or beyond the levels that it reaches Student's, and no less than the largest error.

    t_K((1 + level) / 2) times the root of the mean square, in which each of the K corruptions counts once. NaN for less
    than three corruptions.

    >>> errors = [np.array([0.01]), np.array([0.02]), np.array([-0.03]), np.array([0.03])]
    >>> half_width(errors, 0.8), round(half_width(errors, 0.9), 3)
    (0.03, 0.051)
    """
    found = quantile(errors, level)
    if math.isfinite(found) or len(errors) < FEWEST:
        return found
    spread = math.sqrt(np.mean([np.square(each).mean() for each in errors]))
    largest = max(float(np.abs(each).max()) for each in errors)
    return max(largest, float(student.ppf((1 + level) / 2, len(errors))) * spread)


def highest_level(errors: Sequence[Float[np.ndarray, " _"]], wanted: float = COVERAGE) -> float:
    """The highest level up to the wanted one that so many corruptions allow; 0 where they allow none.

    >>> highest_level([np.array([0.1])] * 4), highest_level([np.array([0.1])] * 2), highest_level([])
    (0.9, 0.5, 0.0)
    """
    return max((level for level in LEVELS if level <= wanted and math.isfinite(half_width(errors, level))), default=0.0)


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
