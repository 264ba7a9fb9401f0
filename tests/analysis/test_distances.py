"""Distances to training class means, by another route than they are computed."""

import numpy as np
from scipy.spatial.distance import cdist

from enigma.analysis import distances
from enigma.analysis.metrics.observed import source_means
from enigma.analysis.reading import trajectory
from enigma.store.home import Home


def made_up(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three frames of thirty embeddings, labels of which some are unknown, four means of which one is missing."""
    means = rng.normal(size=(4, 6))
    means[2] = np.nan
    return rng.normal(size=(3, 30, 6)).astype(np.float16), rng.integers(-1, 4, 30), means


def test_a_labelled_image_is_measured_to_its_own_class_mean_and_one_without_a_label_to_the_nearest() -> None:
    embeddings, labels, means = made_up(np.random.default_rng(0))
    found = distances.to_means(embeddings, labels, means)
    for frame in range(3):
        every = cdist(embeddings[frame].astype(float), means)
        nearest = np.nanargmin(every, axis=1)
        expected = np.where(labels < 0, nearest, labels)
        np.testing.assert_array_equal(found.classes[frame], expected)
        np.testing.assert_allclose(found.distances[frame], every[np.arange(30), expected], rtol=1e-6)
    assert np.isnan(found.distances[:, labels == 2]).all()


def test_without_training_images_nothing_is_near() -> None:
    embeddings, labels, means = made_up(np.random.default_rng(1))
    found = distances.to_means(embeddings, labels, np.full_like(means, np.nan))
    assert np.isnan(found.distances).all()
    assert (found.classes[:, labels < 0] == -1).all()


def test_the_bundled_run_is_read_with_the_distances_of_its_training_images() -> None:
    run = Home.default().example()
    read, means, reference = trajectory(run), source_means(run), run.read_arrays("reference.safetensors")
    every = cdist(reference["embeddings"].astype(float), means)
    own = every[np.arange(len(every)), reference["labels"]]
    np.testing.assert_allclose(read.reference_distances, own, rtol=1e-6)
    np.testing.assert_array_equal(read.distance_classes, np.tile(read.labels, (len(read.steps), 1)))
