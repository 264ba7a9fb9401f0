"""Geometry and calibration of a frame against their definitions, SciPy and scikit-learn."""

import math

import numpy as np
import pytest
from scipy.linalg import svdvals
from scipy.stats import entropy
from sklearn.metrics import brier_score_loss
from sklearn.neighbors import NearestNeighbors

from enigma.analysis.metrics.confidence import brier, confidence_gap
from enigma.analysis.metrics.frame_metrics import frame_metrics
from enigma.analysis.metrics.geometry import centre_distances, effective_rank, reference_distance, spread
from enigma.analysis.metrics.observed import Observed, Setting, source_means
from enigma.analysis.metrics.registry import EXPLANATION, shown
from enigma.store.run_folder import Run


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize(("images", "features"), [(60, 5), (40, 90)])
def test_spread_equals_the_traces_of_the_matrices_it_is_defined_by(
    random: np.random.Generator, images: int, features: int
) -> None:
    groups = random.integers(0, 4, images)
    points = random.normal(size=(images, features)) + 3 * random.normal(size=(4, features))[groups]
    means = np.stack([points[groups == label].mean(0) for label in range(4)])
    within = np.mean([np.cov(points[groups == label].T, bias=True) for label in range(4)], axis=0)
    between = np.cov(means.T, bias=True)
    found = spread(points, groups)
    assert found.within == pytest.approx(np.trace(within), abs=1e-10)
    assert found.between == pytest.approx(np.trace(between), abs=1e-10)
    expected = np.trace(within @ np.linalg.pinv(between, rcond=1e-10)) / 4
    assert found.collapse == pytest.approx(expected, rel=1e-8)


def test_variances_of_equal_classes_add_up_to_the_variance(random: np.random.Generator) -> None:
    points, groups = random.normal(size=(60, 7)), np.repeat([0, 1, 2], 20)
    found = spread(points, groups)
    assert found.within + found.between == pytest.approx(points.var(0).sum(), abs=1e-10)


def test_collapse_is_zero_for_collapsed_classes_and_does_not_depend_on_scale_or_rotation(
    random: np.random.Generator,
) -> None:
    means, groups = random.normal(size=(3, 6)), np.repeat([0, 1, 2], 10)
    assert spread(means[groups], groups).collapse == pytest.approx(0, abs=1e-25)
    points = means[groups] + random.normal(size=(30, 6))
    rotation = np.linalg.qr(random.normal(size=(6, 6)))[0]
    assert spread(5 * points @ rotation + 7, groups).collapse == pytest.approx(spread(points, groups).collapse)


def test_small_classes_unknown_labels_and_a_single_class_count_for_nothing(random: np.random.Generator) -> None:
    points, groups = random.normal(size=(24, 3)), np.repeat([0, 1], 12)
    more = np.concatenate([points, random.normal(size=(6, 3))])
    assert spread(more, np.concatenate([groups, [2, 2, 2, 2, -1, -1]])) == spread(points, groups)
    assert math.isnan(spread(points, np.zeros(24, int)).collapse)
    assert math.isnan(spread(points, np.full(24, -1)).within)


@pytest.mark.parametrize("shape", [(50, 8), (12, 40)])
def test_effective_rank_equals_the_exponential_of_scipys_entropy(
    random: np.random.Generator, shape: tuple[int, int]
) -> None:
    points = random.normal(size=shape) * np.linspace(0.1, 4, shape[1])
    assert effective_rank(points) == pytest.approx(np.exp(entropy(svdvals(points - points.mean(0)))), rel=1e-6)


def test_effective_rank_is_between_one_and_the_rank_and_undefined_for_one_point(random: np.random.Generator) -> None:
    line = np.outer(random.normal(size=30), random.normal(size=9))
    assert effective_rank(line) == pytest.approx(1, abs=1e-6)
    assert 2 < effective_rank(line + np.outer(random.normal(size=30), random.normal(size=9))) + 1 < 3 + 1e-9
    assert math.isnan(effective_rank(np.ones((4, 3))))


def test_distance_to_training_equals_scikit_learn(random: np.random.Generator) -> None:
    points, references = random.normal(size=(30, 6)), random.normal(size=(80, 6))
    expected = NearestNeighbors(n_neighbors=10).fit(references).kneighbors(points)[0].mean()
    assert reference_distance(points, references) == pytest.approx(expected, rel=1e-5)
    assert reference_distance(points, references[:4]) == pytest.approx(
        np.mean([np.linalg.norm(point - other) for point in points for other in references[:4]]), rel=1e-5
    )
    assert math.isnan(reference_distance(points, references[:0]))


def test_centre_of_a_class_is_compared_with_its_own_training_mean() -> None:
    points = np.array([[0.0, 0.0], [2.0, 0.0], [5.0, 5.0], [9.0, 9.0]])
    means = np.array([[1.0, 3.0], [np.nan, np.nan], [0.0, 0.0]])
    distances = centre_distances(points, np.array([0, 0, 1, -1]), means, least=1)
    np.testing.assert_array_equal(distances, [3.0, np.nan, np.nan])


def seen(p: np.ndarray, labels: np.ndarray, kept: int) -> Observed:
    """A frame that predicts the probabilities `p` and keeps the highest few."""
    order = np.argsort(-p, axis=1)[:, :kept]
    truth = np.where(labels < 0, np.nan, p[np.arange(len(p)), labels])
    frame = {
        "top_classes": order, "top_logits": np.log(np.take_along_axis(p, order, 1)) + 2.0,
        "logsumexp": np.full(len(p), 2.0), "mean_prediction": p.mean(0), "label_log_probabilities": np.log(truth),
    }  # fmt: skip
    none = np.empty((0, 1))
    return Observed(frame, Setting(np.ones(len(p), bool), labels, frame, none, none))


def test_brier_score_equals_scikit_learn_and_leaves_unknown_labels_out(random: np.random.Generator) -> None:
    p, labels = random.dirichlet(np.ones(4), 50), random.integers(0, 4, 50)
    expected = np.mean(
        [4 * brier_score_loss([0, 0, 0, 1], np.roll(row, -label - 1)) for row, label in zip(p, labels, strict=True)]
    )
    assert brier(seen(p, labels, 4)) == pytest.approx(expected, abs=1e-12)
    some = np.where(np.arange(50) < 20, labels, -1)
    assert brier(seen(p, some, 4)) == pytest.approx(brier(seen(p[:20], labels[:20], 4)))
    assert math.isnan(brier(seen(p, np.full(50, -1), 4)))


def test_brier_score_from_the_ten_highest_of_many_classes_is_within_its_bound(random: np.random.Generator) -> None:
    p, labels = random.dirichlet(np.full(200, 0.05), 100), random.integers(0, 200, 100)
    p = (p + 1e-9) / (p + 1e-9).sum(1, keepdims=True)
    exact = np.square(p - np.eye(200)[labels]).sum(1).mean()
    top = np.sort(p, axis=1)[:, -10:]
    found = brier(seen(p, labels, 10))
    assert exact - ((1 - top.sum(1)) * top[:, 0]).mean() <= found <= exact + 1e-12


def test_brier_score_of_many_classes_is_exact_where_the_rest_is_spread_evenly(random: np.random.Generator) -> None:
    top = np.sort(random.dirichlet(np.full(10, 50.0), 40), axis=1)[:, ::-1] * 0.7
    p = np.concatenate([top, np.full((40, 30), 0.3 / 30)], axis=1)
    labels = random.integers(0, 40, 40)
    exact = np.square(p - np.eye(40)[labels]).sum(1).mean()
    assert brier(seen(p, labels, 10)) == pytest.approx(exact, abs=1e-12)


def test_confidence_gap_is_mean_confidence_minus_accuracy() -> None:
    p = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    assert confidence_gap(seen(p, np.array([0, 0, -1]), 2)) == pytest.approx(0.85 - 0.5)
    assert math.isnan(confidence_gap(seen(p, np.full(3, -1), 2)))


def test_measures_of_a_recorded_frame_follow_from_its_arrays(tiny_run: Run) -> None:
    labels, frame = tiny_run.read_arrays("probe.safetensors")["labels"], tiny_run.frame(8)
    logits = np.empty((len(labels), 10))
    np.put_along_axis(logits, frame["top_classes"].astype(int), frame["top_logits"].astype(float), 1)
    p = np.exp(logits - frame["logsumexp"][:, None])
    found = frame_metrics(tiny_run, 8, shown(EXPLANATION))
    assert found["brier"] == pytest.approx(np.square(p - np.eye(10)[labels]).sum(1).mean(), abs=1e-5)
    assert found["confidence_gap"] == pytest.approx((p.max(1) - (p.argmax(1) == labels)).mean(), abs=1e-5)
    assert found["collapse_label"] == spread(frame["embeddings"].astype(float), labels).collapse
    assert (
        found["reference_distance"]
        < np.linalg.norm(frame["embeddings"].astype(float)[:, None] - source_means(tiny_run)[None], axis=-1).max()
    )
