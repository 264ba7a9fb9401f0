"""What adaptation did to accuracy: that of the adapted model less that of frame 0, without labels."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from enigma.analysis.estimators.calibration import Calibration
from enigma.analysis.estimators.combined import COMBINED
from enigma.analysis.estimators.conformal import by_corruption, half_width, highest_level, sampling
from enigma.analysis.estimators.estimate import Estimate
from enigma.analysis.estimators.few_images import BySize, width
from enigma.analysis.estimators.measured import States
from enigma.store.run_folder import Run

ASKED = 5
"""Estimators that must agree on the direction: the recommended one and those of least calibration error."""

Direction = Literal["gained", "lost", "cannot tell"]


@dataclass(frozen=True)
class Gain:
    """The accuracy of the adapted model less that of frame 0, by the recommended estimator.

    Attributes:
        change, low, high: in [-1, 1]; the interval has a nominal coverage of `level`. NaN where there are too few
            labelled splits.
        direction: 'cannot tell' if the interval holds zero, if there is none, or if the estimators disagree.
        reason: why it cannot be told; empty where it can.
    """

    change: float
    low: float
    high: float
    level: float
    direction: Direction
    reason: str

    def to_dict(self) -> dict[str, Any]:
        values = asdict(self)
        return values | {name: values[name] if math.isfinite(values[name]) else None for name in ("low", "high")}


def gain(run: Run, calibration: Calibration, rows: Sequence[Estimate]) -> Gain:
    """The change that adaptation made, from the estimates of a run."""
    states = States.of(run)
    flipped = float((states.frame0.predictions != states.adapted.predictions).mean())
    return of_estimates(rows, calibration, flipped, len(states.source.logits))


def of_estimates(rows: Sequence[Estimate], calibration: Calibration, flipped: float, images: int) -> Gain:
    """The change from estimates of both accuracies.

    Args:
        rows: of one run.
        flipped: share of its predictions that adaptation changed. Only they can change the accuracy, so it bounds the
            variance of the change of one image.
        images: how many there are.
    """
    changes = _changes(rows)
    change = changes[COMBINED]
    level = highest_level(by_corruption(change_errors(calibration), calibration.corruptions))
    low, high = interval(calibration, change, flipped, images, level)
    reason = _doubt(changes, low, high, _asked(rows, changes))
    return Gain(change, low, high, level, "cannot tell" if reason else "gained" if change > 0 else "lost", reason)


def change_errors(calibration: Calibration) -> tuple[float, ...]:
    """Error of the estimated change on each split of the calibration; none in files that kept no errors."""
    before, after = (calibration.errors.get(target, {}).get(COMBINED) for target in ("frame 0", "adapted"))
    if before is None or after is None:
        return (math.nan,) * len(calibration.corruptions)
    return tuple(late - early for early, late in zip(before, after, strict=True))


def _by_size(calibration: Calibration) -> BySize:
    """The same for each number of images; both accuracies were estimated of the same draws."""
    before, after = (calibration.by_size.get(target, {}) for target in ("frame 0", "adapted"))
    return {size: after[size] - before[size] for size in before.keys() & after.keys()}


def interval(calibration: Calibration, change: float, flipped: float, images: int, level: float) -> tuple[float, float]:
    """As that of an estimate; NaN where there are too few corruptions for the level."""
    if not level:
        return math.nan, math.nan
    by_size = _by_size(calibration)
    if by_size:
        half = width(by_size, calibration.corruptions, images, level)
    else:
        own = half_width(by_corruption(change_errors(calibration), calibration.corruptions), level)
        half = math.hypot(own, sampling(flipped, images, calibration.provenance["images"], level))
    return (max(-1.0, change - half), min(1.0, change + half)) if math.isfinite(half) else (math.nan, math.nan)


def _changes(rows: Sequence[Estimate]) -> dict[str, float]:
    """By every estimator that speaks of both accuracies."""
    after = {row.estimator: row.accuracy for row in rows if row.target == "adapted"}
    return {
        row.estimator: after[row.estimator] - row.accuracy
        for row in rows
        if row.target == "frame 0" and row.estimator in after
    }


def _asked(rows: Sequence[Estimate], changes: dict[str, float]) -> list[str]:
    """The recommended estimator and, of those inside their range for both accuracies, the ones of least error."""
    outside = {row.estimator for row in rows if row.warning and row.target != "source"}
    error = {
        name: sum(row.error for row in rows if row.estimator == name and row.target != "source") for name in changes
    }
    inside = [name for name in changes if name not in outside and name != COMBINED]
    return [COMBINED, *sorted(inside, key=lambda name: error[name])][:ASKED]


def _doubt(changes: dict[str, float], low: float, high: float, asked: Sequence[str]) -> str:
    if not math.isfinite(low):
        return "the calibration knows too few errors by split for an interval"
    if low <= 0 <= high:
        return "the interval holds zero"
    sign = math.copysign(1, changes[COMBINED])
    others = [name for name in asked if changes[name] * sign <= 0]
    return f"the estimators disagree: {', '.join(others)} on the other side" if others else ""
