"""Weighted flips against the reference numbers and the paper's."""

from pathlib import Path

import numpy as np
import pytest

from enigma.analysis.estimators.weighted_flips import PAPER, PUBLISHED, flips

GOLDEN = Path(__file__).parents[2] / "golden" / "reference_runs.npz"


@pytest.fixture(scope="module")
def reference() -> dict[str, np.ndarray]:
    with np.load(GOLDEN) as arrays:
        return {name.removeprefix("flips/"): arrays[name] for name in arrays.files if name.startswith("flips/")}


def test_counts_equal_the_reference_code(reference: dict[str, np.ndarray]) -> None:
    given = (reference["class_before"], reference["class_after"], reference["confidence_before"])
    assert flips(*given) == pytest.approx(float(reference["weighted"]), abs=1e-8)
    assert flips(*given, weighted=False) == float(reference["unweighted"])


@pytest.mark.parametrize(
    ("form", "count"), [("weighted quadratic", "weighted"), ("linear", "unweighted"), ("quadratic", "unweighted")]
)
def test_estimates_equal_the_reference_code(reference: dict[str, np.ndarray], form: str, count: str) -> None:
    expected = float(reference[f"estimate_{form if form[0] == 'w' else 'unweighted ' + form}".replace(" ", "_")])
    assert PUBLISHED[form].percent(float(reference[count])) == pytest.approx(expected, abs=1e-8)


def test_printed_digits_are_those_of_the_code() -> None:
    flipped = range(0, 500, 10)
    printed = np.array([PAPER.percent(f) for f in flipped])
    code = np.array([PUBLISHED["weighted quadratic"].percent(f) for f in flipped])
    assert np.abs(printed - code).max() < 2


@pytest.mark.parametrize("published", [PAPER, PUBLISHED["weighted quadratic"]])
def test_published_polynomial_rises_again_where_it_says(published) -> None:
    a, b, _ = published.coefficients
    assert published.rising_from == pytest.approx(-b / (2 * a), abs=0.5)
    assert published.percent(500) > published.percent(published.rising_from)


def test_fewer_images_are_scaled_to_a_thousand() -> None:
    assert PAPER.percent(10, images=100) == PAPER.percent(100)
