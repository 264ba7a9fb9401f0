"""Every metric against an independent computation."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import entropy as scipy_entropy
from sklearn.cluster import KMeans

from enigma.analysis.metrics import frame_metrics, measures, observed
from enigma.analysis.reading import phase_boundary
from enigma.store.run_folder import Run


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


def test_shift_distance_equals_the_best_of_all_permutations(random: np.random.Generator) -> None:
    centroids, means = random.normal(size=(2, 5, 3))
    brute_force = min(
        np.mean([np.linalg.norm(centroids[i] - means[j]) for i, j in enumerate(order)])
        for order in itertools.permutations(range(5))
    )
    assert measures.shift_distance(centroids, means) == pytest.approx(brute_force, abs=1e-12)


def test_silhouette_equals_its_definition(random: np.random.Generator) -> None:
    points = np.concatenate([random.normal(loc, 1, (12, 2)) for loc in (0, 3, 6)])
    labels = np.repeat([0, 1, 2], 12)
    values = []
    for i, point in enumerate(points):
        distances = {
            c: [np.linalg.norm(point - q) for j, q in enumerate(points) if labels[j] == c and j != i] for c in range(3)
        }
        within = np.mean(distances[labels[i]])
        other = min(np.mean(d) for c, d in distances.items() if c != labels[i])
        values.append((other - within) / max(other, within))
    assert measures.silhouette(points, labels) == pytest.approx(np.mean(values), abs=1e-12)
    assert math.isnan(measures.silhouette(points, np.zeros(36, int)))


def test_weighted_flips_equal_the_reference_implementation() -> None:
    from pathlib import Path

    with np.load(Path(__file__).parents[2] / "golden" / "reference_runs.npz", allow_pickle=False) as arrays:
        numbers = {name: arrays[name] for name in arrays.files if name.startswith("flips/")}
    flipped = numbers["flips/class_before"] != numbers["flips/class_after"]
    ours = measures.weighted_flips(flipped, numbers["flips/confidence_before"].astype(np.float64))
    assert ours == pytest.approx(float(numbers["flips/weighted"]), abs=1e-8)
    assert flipped.sum() == int(numbers["flips/unweighted"])


def test_weighted_flips_average_ties_as_pandas_does() -> None:
    confidence, flipped = np.array([0.5, 0.9, 0.5, 0.5, 0.1]), np.array([True, False, True, False, True])
    expected = (pd.Series(confidence).rank() / 5)[flipped].sum()
    assert measures.weighted_flips(flipped, confidence) == pytest.approx(expected)


def test_calibration_error_equals_a_loop_over_bins(random: np.random.Generator) -> None:
    confidence, correct = random.uniform(0, 1, 500), random.uniform(0, 1, 500) < 0.6
    expected = 0.0
    for low in np.arange(15) / 15:
        inside = (confidence > low) & (confidence <= low + 1 / 15)
        if inside.any():
            expected += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    assert measures.calibration_error(confidence, correct) == pytest.approx(expected, abs=1e-9)


def test_entropy_of_mean_prediction_equals_scipy(random: np.random.Generator) -> None:
    p = random.dirichlet(np.ones(7))
    assert measures.entropy_of(p) == pytest.approx(scipy_entropy(p), abs=1e-12)


def test_phase_boundary_is_the_first_step_of_best_accuracy() -> None:
    assert phase_boundary(np.array([0, 4, 9, 20]), np.array([0.5, 0.8, 0.8, 0.1])) == 4


def test_metrics_of_a_recorded_frame_follow_from_its_logits(tiny_run: Run) -> None:
    labels = tiny_run.read_arrays("probe.safetensors")["labels"]
    first, frame = tiny_run.frame(0), tiny_run.frame(8)
    logits = np.empty((len(labels), 10))
    np.put_along_axis(logits, frame["top_classes"].astype(int), frame["top_logits"].astype(float), 1)
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    values = frame_metrics.frame_metrics(tiny_run, 8)
    assert values["accuracy"] == (p.argmax(1) == labels).mean()
    assert values["entropy"] == pytest.approx(scipy_entropy(p, axis=1).mean(), abs=1e-5)
    assert values["prediction_entropy"] == pytest.approx(scipy_entropy(p.mean(0)), abs=1e-5)
    assert values["label_flips"] == (first["top_classes"][:, 0] != frame["top_classes"][:, 0]).sum()
    np.testing.assert_allclose(observed.confidences(frame), p.max(1), atol=1e-6)
    embeddings = frame["embeddings"].astype(float)
    found = observed.observed(tiny_run, 8, observed.setting(tiny_run)).clusters
    assert found.inertia <= 1.001 * KMeans(10, n_init=50, random_state=0).fit(embeddings).inertia_
    centroids = np.stack([embeddings[found.labels == label].mean(0) for label in range(10)])
    assert values["shift_distance"] == pytest.approx(
        measures.shift_distance(centroids, observed.source_means(tiny_run)), abs=1e-9
    )
