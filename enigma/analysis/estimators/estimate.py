"""Estimates of a run's accuracy that look at no label of its images."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from enigma.analysis.estimators.calibration import FITTED, Calibration
from enigma.analysis.estimators.fit import COVERAGE, Fit
from enigma.analysis.estimators.measured import TARGETS, States, Target, measured
from enigma.store.run_folder import Run

COMBINED = "combined"


@dataclass(frozen=True)
class Estimate:
    """One accuracy by one estimator.

    Attributes:
        target: whose accuracy: the source model's, frame 0's, or the adapted model's.
        accuracy, low, high: in [0, 1]; the interval holds the true one nine times of ten.
        error: mean absolute error on the calibration splits; of fitted ones each split was left out of its own fit.
        warning: empty, or why not to trust it.
    """

    target: Target
    estimator: str
    accuracy: float
    low: float
    high: float
    error: float
    warning: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def estimates(run: Run, calibration: Calibration, second: Run | None = None) -> list[Estimate]:
    """Every estimator's word on each of the three accuracies, those with the least calibration error first.

    Args:
        second: a run of the calibration's second model on the same images, for the agreement of the two.

    Raises:
        InputError: the run is of another model or method than the calibration, or lacks the source model's logits.
    """
    calibration.check(run)
    test = States.of(run, second)
    found = [one for target in TARGETS for one in _of_target(test, calibration, target)]
    order = list(TARGETS)
    return sorted(found, key=lambda one: (order.index(one.target), one.error))


def _of_target(test: States, calibration: Calibration, target: Target) -> Iterator[Estimate]:
    scores = measured(test, calibration.clean, target, scaled=calibration.is_scaled)
    for name, fit in calibration.fits[target].items():
        score = scores.get(name.removesuffix(FITTED))
        if score is not None:
            yield _estimate(target, name, fit, score)
    combination = calibration.combinations[target]
    yield _estimate(target, COMBINED, combination.error, combination.raw(scores))


def _estimate(target: Target, name: str, fit: Fit, score: float) -> Estimate:
    low, high = fit.interval(score, COVERAGE)
    warning = ""
    if not fit.covers(score):
        warning = f"outside the calibrated range: {score:.3g}, but calibrated on {fit.low:.3g} to {fit.high:.3g}"
    return Estimate(target, name, fit(score), low, high, fit.leave_one_out, warning)
