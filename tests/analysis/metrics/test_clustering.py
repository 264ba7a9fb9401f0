"""k-means against every partition there is, against many restarts, and against itself with another seed."""

import itertools
import warnings

import numpy as np
import pytest
from sklearn.cluster import KMeans

from enigma.analysis.metrics import measures
from enigma.analysis.metrics.clustering import AS_GOOD, clusters
from enigma.analysis.metrics.observed import Observed, nearness, observed, setting
from enigma.spec.assets import asset
from enigma.store import collection
from enigma.store.run_folder import Run
from tests.benchmarks.cluster_seeds import differences


@pytest.fixture(scope="module")
def run() -> Run:
    (run,) = collection.listed(asset("runs"))
    return run


def frame(run: Run, step: int) -> Observed:
    return observed(run, step, setting(run))


def inertia(points: np.ndarray, labels: np.ndarray) -> float:
    groups = [points[labels == label] for label in np.unique(labels)]
    return sum(float(np.square(group - group.mean(0)).sum()) for group in groups)


@pytest.mark.parametrize("seed", range(6))
def test_of_all_partitions_the_best_is_found(seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(9, 2))
    found = clusters(points, 3)
    best = min(inertia(points, np.array((0, *rest))) for rest in itertools.product(range(3), repeat=8))
    assert found.inertia == pytest.approx(best, rel=1e-9)
    assert inertia(points, found.labels) == pytest.approx(best, rel=1e-9)


def test_centroids_are_the_means_and_no_single_move_helps() -> None:
    points = np.random.default_rng(0).normal(size=(80, 3)) + 5
    found = clusters(points, 6)
    for label, centroid in enumerate(found.centroids):
        np.testing.assert_allclose(points[found.labels == label].mean(0), centroid, atol=1e-9)
    for image, label in itertools.product(range(80), range(6)):
        moved = found.labels.copy()
        moved[image] = label
        assert inertia(points, moved) >= found.inertia - 1e-9


def test_points_that_are_all_alike_are_clusters_too() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn says that there are fewer points than clusters: so there are
        same = clusters(np.ones((12, 2)), 3)
    assert same.inertia == pytest.approx(0)
    assert clusters(np.arange(10.0).reshape(5, 2), 1).centroids.tolist() == [[4.0, 5.0]]


@pytest.mark.parametrize("seed", range(8))
def test_as_many_places_as_clusters_are_one_cluster_each(seed: int) -> None:
    places = np.random.default_rng(seed).normal(size=(11, 16)).astype(np.float32).astype(np.float64)
    found = clusters(np.repeat(places, 6, axis=0), 11)
    assert len(np.unique(found.labels)) == 11
    assert found.inertia == pytest.approx(0, abs=1e-9)


def test_nothing_that_restarts_find_is_better(run: Run) -> None:
    seen = frame(run, 27)
    many = KMeans(10, n_init=50, random_state=1).fit(seen.embeddings)
    assert seen.clusters.inertia <= (1 + AS_GOOD) * many.inertia_
    # Four restarts, as there were before, end at 2.15 here.
    assert measures.shift_distance(seen.clusters.centroids, seen.setting.means) == pytest.approx(1.785, abs=0.01)


def test_another_seed_changes_a_frame_by_less_than_a_percent(run: Run) -> None:
    """The frame on which two optima with a shift distance of 3.76 and 4.07 differ by 0.007 % of the inertia."""
    seen = frame(run, 167)
    shifts = [
        measures.shift_distance(
            clusters(seen.embeddings, 10, preferred=nearness(seen.setting.means), seed=seed).centroids,
            seen.setting.means,
        )
        for seed in (1, 2)
    ]
    shifts.append(measures.shift_distance(seen.clusters.centroids, seen.setting.means))
    assert np.ptp(shifts) <= 0.01 * min(shifts)


@pytest.mark.slow
def test_another_seed_changes_no_frame_by_more_than_a_percent(run: Run) -> None:
    rows = differences(run, 2, 10)
    assert rows[:, 3:5].max() <= 1
