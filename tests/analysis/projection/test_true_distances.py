"""True distances: what can be measured with a ruler on the picture is what is so in embedding space."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from enigma.analysis.metrics.observed import source_means
from enigma.analysis.projection import stored
from enigma.analysis.projection.methods import pca
from enigma.analysis.projection.true_distances import NO_TRAINING_IMAGES, true_distances
from enigma.analysis.reading import trajectory
from enigma.analysis.trajectory import Projection
from enigma.store.home import Home
from enigma.store.run_folder import Run


@pytest.fixture(scope="module")
def bundled() -> Run:
    return Home.default().example()


@pytest.fixture(scope="module")
def drawn(bundled: Run) -> Projection:
    return true_distances(bundled, pca(bundled))


def relabelled(run: Run, file: str, change) -> Run:
    """The run with other labels in one of its files."""
    arrays = load((run.path / file).read_bytes())
    labels = arrays["labels"].copy()
    change(labels)
    run.write(file, save(arrays | {"labels": labels}))
    return run


def centroid_distance(frames: np.ndarray, means: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean over the classes of the distance from a class's test centroid to its training mean, frame by frame."""
    classes = np.unique(labels)
    return np.array(
        [np.mean([np.linalg.norm(x[labels == c].mean(0) - means[c]) for c in classes]) for x in frames], float
    )


def test_every_image_lies_at_its_true_distance_from_its_class_mean(bundled: Run, drawn: Projection) -> None:
    means, reference = source_means(bundled), bundled.read_arrays("reference.safetensors")
    labels = bundled.read_arrays("probe.safetensors")["labels"]
    for (_, frame), positions in zip(bundled.frames(), drawn.probes, strict=True):
        true = np.linalg.norm(frame["embeddings"].astype(float) - means[labels], axis=1)
        shown = np.linalg.norm(positions.astype(float) - drawn.means[labels], axis=1)
        np.testing.assert_allclose(shown, drawn.scale * true, rtol=1e-4, atol=1e-5)
    true = np.linalg.norm(reference["embeddings"].astype(float) - means[reference["labels"]], axis=1)
    shown = np.linalg.norm(drawn.references - drawn.means[reference["labels"]], axis=1)
    np.testing.assert_allclose(shown, drawn.scale * true, rtol=1e-4, atol=1e-5)


def test_centroids_approach_and_leave_as_in_embedding_space(bundled: Run, drawn: Projection) -> None:
    labels = bundled.read_arrays("probe.safetensors")["labels"]
    frames = np.stack([frame["embeddings"] for _, frame in bundled.frames()]).astype(float)
    true = centroid_distance(frames, source_means(bundled), labels)
    shown = centroid_distance(drawn.probes.astype(float), drawn.means, labels) / drawn.scale
    np.testing.assert_allclose(shown, true, rtol=0.02)
    best = int(true.argmin())
    assert shown[best] / shown[0] - 1 == pytest.approx(true[best] / true[0] - 1, abs=0.02)


def test_images_stay_in_the_direction_that_was_given_but_for_the_gathering(bundled: Run, drawn: Projection) -> None:
    given = pca(bundled)
    labels = bundled.read_arrays("reference.safetensors")["labels"]
    centres = np.stack([given.references[labels == c].mean(0) for c in range(10)])
    before = given.references - centres[labels]
    after = drawn.references - drawn.means[labels]
    cosine = (before * after).sum(1) / (np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1))
    np.testing.assert_allclose(cosine, 1, atol=1e-4)


def test_image_of_unknown_class_lies_at_the_distance_of_the_nearest_mean(copied: Run) -> None:
    run = relabelled(copied, "probe.safetensors", lambda labels: labels.fill(-1))
    drawn, means = true_distances(run, pca(run)), source_means(run)
    known = np.isfinite(means).all(1)
    for (_, frame), positions in zip(run.frames(), drawn.probes, strict=True):
        each = np.linalg.norm(frame["embeddings"][:, None].astype(float) - means[known], axis=2)
        around = drawn.means[known][each.argmin(1)]
        np.testing.assert_allclose(
            np.linalg.norm(positions - around, axis=1), drawn.scale * each.min(1), rtol=1e-3, atol=1e-4
        )


def test_class_without_training_images_borrows_the_nearest_mean(copied: Run) -> None:
    def without_class_3(labels: np.ndarray) -> None:
        labels[labels == 3] = 4

    drawn = true_distances(relabelled(copied, "reference.safetensors", without_class_3), pca(copied))
    assert np.isnan(drawn.means[3]).all()
    assert np.isfinite(drawn.probes).all()


def test_run_without_training_images_says_that_there_are_no_distances(copied: Run) -> None:
    arrays = load((copied.path / "reference.safetensors").read_bytes())
    copied.write("reference.safetensors", save({name: values[:0].copy() for name, values in arrays.items()}))
    given = pca(copied)
    drawn = true_distances(copied, given)
    assert (drawn.name, drawn.warning) == ("true-distances", NO_TRAINING_IMAGES)
    assert np.isnan(drawn.scale)
    np.testing.assert_array_equal(drawn.probes, given.probes)


def test_directions_of_pca_stand_in_until_umap_is_fitted(copied: Run) -> None:
    for file in copied.path.rglob("projections/*.safetensors"):
        file.unlink()
    stand_in = trajectory(copied).projection
    assert (stand_in.name, stand_in.title) == ("true-distances", "True distances, directions of PCA")
    assert np.isfinite(stand_in.scale)


def test_stored_projection_keeps_its_unit_and_its_bits(copied: Run) -> None:
    kept = stored.read(copied, "true-distances")
    assert kept is not None
    stored.keep(copied, kept)
    again = stored.read(copied, "true-distances")
    assert again is not None
    assert (again.scale, again.title) == (kept.scale, "True distances")
    np.testing.assert_array_equal(again.probes, kept.probes)
    umap = stored.read(copied, "umap")
    assert umap is not None
    np.testing.assert_array_equal(true_distances(copied, umap).probes, kept.probes)


def test_later_frames_are_placed_at_their_true_distance_too(copied: Run) -> None:
    copied.write("frames/000009.safetensors", (copied.path / "frames/000008.safetensors").read_bytes())
    drawn = trajectory(copied).projection
    assert drawn.title == "True distances, later frames placed"
    labels, means = copied.read_arrays("probe.safetensors")["labels"], source_means(copied)
    true = np.linalg.norm(copied.frame(9)["embeddings"] - means[labels], axis=1)
    shown = np.linalg.norm(drawn.probes[4] - drawn.means[labels], axis=1)
    np.testing.assert_allclose(shown, drawn.scale * true, rtol=1e-3, atol=1e-4)


def test_older_projection_is_not_read(copied: Run, tmp_path: Path) -> None:
    kept = stored.read(copied, "umap")
    assert kept is not None
    version = stored.VERSION
    try:
        stored.VERSION = version + 1
        assert stored.read(copied, "umap") is None
    finally:
        stored.VERSION = version
