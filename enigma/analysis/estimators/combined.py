"""Two estimates in one: the mean cost of moving predictions to labels, fitted, and how many images it is low for."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from enigma.analysis.estimators.conformal import left_out
from enigma.analysis.estimators.fit import Fit, as_published, fit

COMBINED = "combined"
FITTED, PUBLISHED = "COT", "COTT"
SCORES = (FITTED, PUBLISHED)
FEWEST = 3
"""Splits that a line needs."""


@dataclass(frozen=True)
class Lines:
    """The mean of what a line through COT gives and of COTT as published.

    They err differently: a line is as good as the calibration splits are like the images in question, and COTT needs
    none of them.

    Attributes:
        fits: the line, and the published estimate as the line that changes nothing, by name.
    """

    fits: dict[str, Fit]

    def raw(self, scores: Mapping[str, float]) -> float:
        """The mean of both."""
        return float(np.mean([line(scores[name]) for name, line in self.fits.items()]))


@dataclass(frozen=True)
class Combination(Lines):
    """The estimate, and how wrong it is on calibration splits that its line was not fitted on.

    Attributes:
        error: as of an estimator that is left as it is.
    """

    error: Fit

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Combination":
        fits = {name: Fit.from_dict(one) for name, one in values["fits"].items()}
        return cls(fits, Fit.from_dict(values["error"]))


def combine(
    columns: Mapping[str, Float[np.ndarray, " splits"]], accuracies: Float[np.ndarray, " splits"]
) -> Combination:
    """Fits the line, and measures the mean of both on each split by the line through the others."""
    left_out = []
    for split in range(len(accuracies)):
        others = _lines({name: np.delete(columns[name], split) for name in SCORES}, np.delete(accuracies, split))
        left_out.append(np.mean([line(float(columns[name][split])) for name, line in others.items()]))
    return Combination(_lines(columns, accuracies), as_published(np.array(left_out), accuracies))


def combined_errors(
    columns: Mapping[str, Float[np.ndarray, " splits"]],
    accuracies: Float[np.ndarray, " splits"],
    groups: Sequence[str],
) -> tuple[float, ...]:
    """Error on each split where the line is fitted to the other corruptions, see `conformal.left_out`."""

    def estimate(others: np.ndarray, split: int) -> float:
        return without(columns, accuracies, others).raw({name: float(columns[name][split]) for name in SCORES})

    return left_out(groups, accuracies, estimate, fewest=FEWEST)


def without(
    columns: Mapping[str, Float[np.ndarray, " splits"]],
    accuracies: Float[np.ndarray, " splits"],
    others: Bool[np.ndarray, " splits"],
) -> Lines:
    """The estimate with its line fitted to some of the splits."""
    return Lines(_lines({name: columns[name][others] for name in SCORES}, accuracies[others]))


def _lines(columns: Mapping[str, np.ndarray], accuracies: np.ndarray) -> dict[str, Fit]:
    line = fit(columns[FITTED], accuracies, "linear", monotone=True)
    return {FITTED: line, PUBLISHED: as_published(columns[PUBLISHED], accuracies)}
