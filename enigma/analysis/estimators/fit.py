"""From a score to an accuracy: regressions over labelled splits, with their leave-one-out error and an interval."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from scipy.optimize import lsq_linear
from scipy.stats import t as student

from enigma.spec.errors import InputError

FORMS = {"linear": 1, "quadratic": 2, "cubic": 3}
COVERAGE = 0.9


@dataclass(frozen=True)
class Fit:
    """A polynomial from a score to an accuracy in [0, 1], and all that says how far to trust it.

    Attributes:
        coefficients: lowest power first, of the score scaled to [0, 1] over the range it was fitted on.
        low, high: that range. Estimates outside it are a warning's business: see `covers`.
        splits: how many labelled splits it was fitted on.
        leave_one_out: mean absolute error, in accuracy, on each split of the fit to the others.
        residual: deviation of the leave-one-out errors, for the interval.
        is_monotone: whether it was made never to turn round.
    """

    coefficients: tuple[float, ...]
    low: float
    high: float
    splits: int
    leave_one_out: float
    residual: float
    is_monotone: bool

    def __call__(self, score: float | int) -> float:
        """The estimated accuracy, never below 0 or above 1."""
        return float(np.clip(_value(np.array(self.coefficients), (score - self.low) / self._width), 0, 1))

    def interval(self, score: float | int, coverage: float = COVERAGE) -> tuple[float, float]:
        """A prediction interval: the estimate and Student's quantile times the leave-one-out deviation either way."""
        freedom = max(self.splits - len(self.coefficients), 1)
        half = float(student.ppf((1 + coverage) / 2, freedom)) * self.residual * np.sqrt(1 + 1 / self.splits)
        return max(0.0, self(score) - half), min(1.0, self(score) + half)

    def covers(self, score: float | int) -> bool:
        """Whether the score lies within the range of the fit, or no more than a tenth of it outside."""
        return -0.1 <= (score - self.low) / self._width <= 1.1

    @property
    def _width(self) -> float:
        return (self.high - self.low) or 1.0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Fit":
        return cls(**{**values, "coefficients": tuple(values["coefficients"])})


def fit(
    scores: Float[np.ndarray, " splits"], accuracies: Float[np.ndarray, " splits"], form: str, *, monotone: bool = False
) -> Fit:
    """The least-squares polynomial of a form over labelled splits.

    With `monotone` it only falls or only rises over the fitted range: in Bernstein's basis that is so if its
    coefficients do, and each is the one before plus a step of the sign of the correlation.

    Raises:
        InputError: there are fewer splits than the form has coefficients and one.

    >>> line = fit(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.9, 0.7, 0.5, 0.3]), "linear")
    >>> round(line(1.5), 6), round(line.leave_one_out, 6)
    (0.6, 0.0)
    """
    degree = FORMS[form]
    if len(scores) < degree + 2:
        raise InputError(
            f"Expected at least {degree + 2} labelled splits for a {form} fit, but got {len(scores)}; add some."
        )
    errors = [
        _polynomial(_scaled(np.delete(scores, i), scores), np.delete(accuracies, i), degree, monotone)
        for i in range(len(scores))
    ]
    places = _scaled(scores, scores)
    left_out = np.array([np.clip(_value(c, x), 0, 1) for c, x in zip(errors, places, strict=True)]) - accuracies
    return Fit(
        coefficients=tuple(_polynomial(places, accuracies, degree, monotone).tolist()),
        low=float(scores.min()),
        high=float(scores.max()),
        splits=len(scores),
        leave_one_out=float(np.abs(left_out).mean()),
        residual=float(np.sqrt((left_out**2).mean())),
        is_monotone=monotone,
    )


def as_published(scores: Float[np.ndarray, " splits"], accuracies: Float[np.ndarray, " splits"]) -> Fit:
    """An estimator that says an accuracy by itself, left as it is; the splits only tell how wrong it is."""
    wrong = scores - accuracies
    return Fit(
        coefficients=(float(scores.min()), float(scores.max() - scores.min()) or 1.0),
        low=float(scores.min()),
        high=float(scores.max()),
        splits=len(scores),
        leave_one_out=float(np.abs(wrong).mean()),
        residual=float(np.sqrt((wrong**2).mean())),
        is_monotone=True,
    )


def best(scores: np.ndarray, accuracies: np.ndarray, *, monotone: bool = False) -> Fit:
    """The form of least leave-one-out error among those the number of splits allows."""
    allowed = [form for form, degree in FORMS.items() if len(scores) >= degree + 2]
    fits = [fit(scores, accuracies, form, monotone=monotone) for form in allowed or ["linear"]]
    return min(fits, key=lambda one: one.leave_one_out)


def refitted(
    one: Fit, scores: Float[np.ndarray, " splits"], accuracies: Float[np.ndarray, " splits"],
    chosen: Bool[np.ndarray, " splits"], split: int,
) -> float:  # fmt: skip
    """What a polynomial of the same form says of one split when it is fitted to the chosen ones."""
    places = _scaled(scores, scores)
    found = _polynomial(places[chosen], accuracies[chosen], len(one.coefficients) - 1, one.is_monotone)
    return float(np.clip(_value(found, places[split]), 0, 1))


def _scaled(values: np.ndarray, scores: np.ndarray) -> np.ndarray:
    return (values - scores.min()) / ((scores.max() - scores.min()) or 1.0)


def _value(coefficients: np.ndarray, place: float) -> float:
    return float(np.polynomial.polynomial.polyval(place, coefficients))


def _polynomial(places: np.ndarray, accuracies: np.ndarray, degree: int, monotone: bool) -> np.ndarray:
    powers = np.vander(places, degree + 1, increasing=True)
    if not monotone:
        return np.linalg.lstsq(powers, accuracies, rcond=None)[0]
    falls = (places - places.mean()) @ (accuracies - accuracies.mean()) < 0
    # Bernstein coefficients as a start and steps of one sign.
    steps = np.tril(np.ones((degree + 1, degree + 1)))
    basis = _bernstein(degree)
    bounds = np.full(degree + 1, -np.inf), np.full(degree + 1, np.inf)
    bounds[1 if falls else 0][1:] = 0
    found = lsq_linear(powers @ basis @ steps, accuracies, bounds).x
    return basis @ steps @ found


def _bernstein(degree: int) -> np.ndarray:
    """Column k holds the powers' coefficients of the k-th Bernstein polynomial of a degree, on [0, 1]."""
    columns = []
    for k in range(degree + 1):
        rising = np.polynomial.polynomial.polypow([0, 1], k)
        falling = np.polynomial.polynomial.polypow([1, -1], degree - k)
        product = np.polynomial.polynomial.polymul(rising, falling)
        columns.append(math.comb(degree, k) * np.pad(product, (0, degree + 1 - len(product))))
    return np.stack(columns, axis=1)
