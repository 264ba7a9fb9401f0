"""Regressions from scores to accuracies."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.preprocessing import PolynomialFeatures

from enigma.analysis.estimators.fit import FORMS, Fit, best, fit
from enigma.spec.errors import InputError


@pytest.fixture
def data() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    scores = random.uniform(0, 400, 25)
    return scores, np.clip(0.8 - scores / 600 + 0.03 * random.standard_normal(25), 0, 1)


@pytest.mark.parametrize("form", FORMS)
def test_fit_and_leave_one_out_equal_scikit_learn(data: tuple[np.ndarray, np.ndarray], form: str) -> None:
    scores, accuracies = data
    powers = PolynomialFeatures(FORMS[form]).fit_transform(scores[:, None] / 400)
    model = LinearRegression(fit_intercept=False)
    expected = np.clip(cross_val_predict(model, powers, accuracies, cv=LeaveOneOut()), 0, 1)
    found = fit(scores, accuracies, form)
    assert found.leave_one_out == pytest.approx(np.abs(expected - accuracies).mean(), abs=1e-7)
    whole = model.fit(powers, accuracies).predict(powers)
    np.testing.assert_allclose([found(score) for score in scores], np.clip(whole, 0, 1), atol=1e-7)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(15))
def test_monotone_fit_never_turns_round(seed: int, form: str) -> None:
    random = np.random.default_rng(seed)
    scores = random.uniform(-5, 5, 12)
    found = fit(scores, random.uniform(0, 1, 12), form, monotone=True)
    values = np.diff([found(s) for s in np.linspace(scores.min(), scores.max(), 60)])
    assert (values <= 1e-9).all() or (values >= -1e-9).all()


def monotone_quadratic(x: np.ndarray, y: np.ndarray, at: float) -> float:
    """The best of all candidates by hand: a parabola is monotone on [0, 1] if its slope has one sign at both ends.

    So either the free one is, or its slope is 0 at 0, or at 1, or it is a constant.
    """
    candidates = (
        (lambda x: np.stack([x**0, x, x**2], -1), lambda c: (c[1], c[1] + 2 * c[2])),
        (lambda x: np.stack([x**0, x**2], -1), lambda c: (c[1],)),
        (lambda x: np.stack([x**0, 2 * x - x**2], -1), lambda c: (c[1],)),
    )
    found = [(np.square(y - y.mean()).sum(), y.mean())]
    for powers, slopes in candidates:
        coefficients, *_ = np.linalg.lstsq(powers(x), y, rcond=None)
        if all(slope * np.corrcoef(x, y)[0, 1] >= 0 for slope in slopes(coefficients)):
            error = np.square(powers(x) @ coefficients - y).sum()
            found.append((error, float(powers(np.array(at)) @ coefficients)))
    return min(found)[1]


def test_leave_one_out_error_of_a_monotone_fit_is_of_monotone_fits() -> None:
    scores = np.linspace(0, 10, 11)
    accuracies = 0.9 - 0.12 * scores + 0.01 * scores**2 + 0.02 * np.cos(7 * scores)
    wrong = [
        np.clip(monotone_quadratic(np.delete(scores, i) / 10, np.delete(accuracies, i), scores[i] / 10), 0, 1)
        - accuracies[i]
        for i in range(11)
    ]
    found, free = (fit(scores, accuracies, "quadratic", monotone=monotone) for monotone in (True, False))
    assert found.leave_one_out == pytest.approx(np.abs(wrong).mean(), abs=1e-6)
    assert found.residual == pytest.approx(np.sqrt(np.mean(np.square(wrong))), abs=1e-6)
    assert found.leave_one_out > 1.2 * free.leave_one_out


def test_monotone_fit_is_the_free_one_where_that_does_not_turn(data: tuple[np.ndarray, np.ndarray]) -> None:
    scores, accuracies = data
    free, bound = fit(scores, accuracies, "linear"), fit(scores, accuracies, "linear", monotone=True)
    assert bound(123.0) == pytest.approx(free(123.0), abs=1e-6)


def test_interval_covers_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    inside = []
    for _ in range(200):
        scores = random.uniform(0, 1, 22)
        found = fit(scores[:-1], 0.3 + 0.4 * scores[:-1] + 0.04 * random.standard_normal(21), "linear")
        low, high = found.interval(scores[-1], 0.9)
        inside.append(low <= 0.3 + 0.4 * scores[-1] + 0.04 * random.standard_normal() <= high)
    assert 0.85 <= np.mean(inside) <= 0.97


def test_estimates_stay_between_none_and_all(data: tuple[np.ndarray, np.ndarray]) -> None:
    found = fit(*data, "linear")
    assert (found(-5000), found(5000)) == (1, 0)
    low, high = found.interval(5000)
    assert (low, high <= 1) == (0, True)


def test_far_outside_the_fitted_range_is_not_covered(data: tuple[np.ndarray, np.ndarray]) -> None:
    found = fit(*data, "linear")
    assert found.covers(200)
    assert not found.covers(900)


def test_best_form_has_the_least_leave_one_out_error(data: tuple[np.ndarray, np.ndarray]) -> None:
    errors = [fit(*data, form).leave_one_out for form in FORMS]
    assert best(*data).leave_one_out == min(errors)


def test_too_few_splits_are_refused() -> None:
    with pytest.raises(InputError, match="at least 4 labelled splits for a quadratic fit"):
        fit(np.arange(3.0), np.arange(3.0), "quadratic")


def test_a_fit_reads_back_what_it_wrote(data: tuple[np.ndarray, np.ndarray]) -> None:
    found = fit(*data, "cubic")
    assert Fit.from_dict(found.to_dict()) == found


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("monotone", [True, False])
def test_scores_that_never_differ_give_the_mean(form: str, monotone: bool) -> None:
    accuracies = np.array([0.2, 0.4, 0.6, 0.5, 0.3, 0.7])
    assert fit(np.zeros(6), accuracies, form, monotone=monotone)(0.0) == pytest.approx(0.45, abs=1e-6)
