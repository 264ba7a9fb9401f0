"""The toy of figure 8 is Expectation-Maximisation, until its samples move."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from enigma.reproduce import mixture


def likelihood(points: np.ndarray, centres: np.ndarray) -> float:
    """Of a mixture of equally weighted unit Gaussians, by SciPy."""
    densities = np.mean([multivariate_normal(centre, np.eye(2)).pdf(points) for centre in centres], axis=0)
    return float(np.log(densities).sum())


def test_likelihood_never_falls_while_samples_stay() -> None:
    means, points, labels = mixture.sampled(0)
    found = mixture.maximised(points, means + 2.0, labels, steps=20, rate=0.0)
    values = [likelihood(points, centres) for centres in found.centres]
    assert np.diff(values).min() > -1e-9
    assert values[-1] > values[0] + 1
    assert (found.points == points).all()


def test_one_step_is_responsibilities_then_weighted_means() -> None:
    points, centres = np.array([[0.0, 0.0], [2.0, 0.0]]), np.array([[0.0, 0.0], [2.0, 0.0]])
    near = 1 / (1 + np.exp(-2.0))
    found = mixture.maximised(points, centres, np.array([0, 1]), steps=1, rate=0.5)
    first = 2 * (1 - near)
    np.testing.assert_allclose(found.centres[1], [[first, 0], [2 - first, 0]])
    pulled = near * first + (1 - near) * (2 - first)
    np.testing.assert_allclose(found.points[1], [[0.5 * pulled, 0], [2 - 0.5 * pulled, 0]])


@pytest.mark.parametrize("seed", range(3))
def test_a_smart_start_keeps_the_classes_and_a_shifted_one_mixes_them(seed: int) -> None:
    found = mixture.starts(seed)
    smart, shifted, plain = (found[name].accuracy for name in mixture.STARTS)
    assert smart[-1] > 0.9
    assert shifted.max() > shifted[0] > 0
    assert shifted[-1] < shifted.max()
    assert plain[-1] > shifted[-1]
