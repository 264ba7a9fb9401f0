"""Estimates of a run's accuracy that look at no label of its images."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from enigma.analysis.estimators.calibration import FITTED, Calibration
from enigma.analysis.estimators.combined import COMBINED
from enigma.analysis.estimators.conformal import by_corruption, half_width, highest_level, sampling, variance, wide
from enigma.analysis.estimators.few_images import bias, width
from enigma.analysis.estimators.fit import COVERAGE, Fit
from enigma.analysis.estimators.measured import TARGETS, States, Target, measured
from enigma.store.run_folder import Run


@dataclass(frozen=True)
class Estimate:
    """One accuracy by one estimator.

    Attributes:
        target: whose accuracy: the source model's, frame 0's, or the adapted model's.
        accuracy, low, high: in [0, 1]; NaN for low and high where there are too few labelled splits for an interval.
        error: mean absolute error on the calibration splits; of fitted ones each split was left out of its own fit.
        warning: empty, or why not to trust it.
        level: nominal coverage of the interval: 0.9, or less where so many splits do not allow it.
    """

    target: Target
    estimator: str
    accuracy: float
    low: float
    high: float
    error: float
    warning: str
    level: float = COVERAGE

    @property
    def is_recommended(self) -> bool:
        """Whether it is the one to read first: it errs least over models, shifts and the three accuracies."""
        return self.estimator == COMBINED

    def to_dict(self) -> dict[str, Any]:
        values = asdict(self)
        return values | {name: values[name] if math.isfinite(values[name]) else None for name in ("low", "high")}


def estimates(run: Run, calibration: Calibration, second: Run | None = None) -> list[Estimate]:
    """Every estimator's word on each of the three accuracies.

    The recommended one comes first, then those of least calibration error; those that extrapolate stand last.

    Args:
        second: a run of the calibration's second model on the same images, for the agreement of the two.

    Raises:
        InputError: the run is of another model or method than the calibration, or lacks the source model's logits.
    """
    calibration.check(run)
    test = States.of(run, second)
    found = [one for target in TARGETS for one in _of_target(test, calibration, target)]
    order = list(TARGETS)
    return sorted(found, key=lambda one: (order.index(one.target), *rank(one)))


def rank(one: Estimate) -> tuple[bool, bool, float]:
    """What estimates of one accuracy are ordered by."""
    return not one.is_recommended, bool(one.warning), one.error


def _of_target(test: States, calibration: Calibration, target: Target) -> Iterator[Estimate]:
    scores = measured(test, calibration.clean, target, scaled=calibration.is_scaled)
    images = len(test.source.logits)
    for name, fit in calibration.fits[target].items():
        score = scores.get(name.removesuffix(FITTED))
        if score is not None:
            yield _estimate(calibration, target, name, fit, score, images)
    combination = calibration.combinations[target]
    yield _estimate(calibration, target, COMBINED, combination.error, combination.raw(scores), images)


def _estimate(calibration: Calibration, target: Target, name: str, fit: Fit, score: float, images: int) -> Estimate:
    warning, accuracy = "", fit(score)
    if not fit.covers(score):
        warning = f"outside the calibrated range: {score:.3g}, but calibrated on {fit.low:.3g} to {fit.high:.3g}"
    if name == COMBINED:
        accuracy = corrected(calibration, target, accuracy, images)
    level = offered(calibration, target, name)
    low, high = interval(calibration, target, name, fit, accuracy, images, level)
    return Estimate(target, name, accuracy, low, high, fit.leave_one_out, warning, level)


def corrected(calibration: Calibration, target: Target, accuracy: float, images: int) -> float:
    """The recommended estimate less what it errs to one side for having so few images."""
    by_size = calibration.by_size.get(target)
    return min(1.0, max(0.0, accuracy - bias(by_size, calibration.corruptions, images))) if by_size else accuracy


def offered(calibration: Calibration, target: Target, name: str) -> float:
    """The level of the interval that is shown: 0.9, or the highest below it that the calibration allows, or 0."""
    errors = calibration.errors.get(target, {}).get(name)
    return COVERAGE if errors is None else highest_level(by_corruption(errors, calibration.corruptions))


def interval(
    calibration: Calibration, target: Target, name: str, fit: Fit, accuracy: float, images: int, level: float
) -> tuple[float, float]:
    """Around an estimate of so many images, of nominal coverage `level`.

    Of the recommended one half its width is measured on so many images. Of the others it is sqrt(q^2 + s^2): q is from
    the errors on corruptions that the estimator was not fitted on, s what fewer images than in the calibration add. NaN
    where there are too few corruptions for the level.
    """
    groups, errors = calibration.corruptions, calibration.errors.get(target, {}).get(name)
    if name == COMBINED and target in calibration.by_size:
        half = width(calibration.by_size[target], groups, images, level)
    else:
        own = wide(fit, len(set(groups)), level) if errors is None else half_width(by_corruption(errors, groups), level)
        half = math.hypot(own, sampling(variance(accuracy, images), images, calibration.provenance["images"], level))
    return (max(0.0, accuracy - half), min(1.0, accuracy + half)) if math.isfinite(half) else (math.nan, math.nan)
