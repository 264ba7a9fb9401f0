"""Projections: what they show, how far to trust them, and that they are the same every time."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from enigma.analysis.neighbors import nearest
from enigma.analysis.projection import methods, stored
from enigma.analysis.reading import trajectory
from enigma.figures.files.export import export
from enigma.figures.shared.export_request import Export
from enigma.store.run_folder import Run, frame_name


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


def drifting_clusters(frames: int = 6, probes: int = 60, features: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Reference clusters, and test clusters that leave them ever further."""
    random = np.random.default_rng(0)
    centres = random.normal(0, 5, (4, features))
    references = (centres[np.arange(80) % 4] + random.normal(0, 0.3, (80, features))).astype(np.float32)
    away = random.normal(size=(4, features))
    labels = np.arange(probes) % 4
    moved = [
        centres[labels] + step * away[labels] + random.normal(0, 0.3, (probes, features)) for step in range(frames)
    ]
    return references, np.stack(moved).astype(np.float32)


def test_nearest_equals_brute_force(random: np.random.Generator) -> None:
    queries, points = random.normal(size=(50, 6)).astype(np.float32), random.normal(size=(300, 6)).astype(np.float32)
    indices, distances = nearest(queries, points, 5)
    expected = cdist(queries, points)
    np.testing.assert_array_equal(indices, np.argsort(expected, 1)[:, :5])
    np.testing.assert_allclose(distances, np.sort(expected, 1)[:, :5], atol=1e-6)


def test_placing_depends_on_the_point_alone(random: np.random.Generator) -> None:
    fitted, positions = random.normal(size=(100, 6)).astype(np.float32), random.normal(size=(100, 2)).astype(np.float32)
    new = random.normal(size=(40, 6)).astype(np.float32)
    together = methods.placed(new, fitted, positions)
    alone = np.concatenate([methods.placed(point[None], fitted, positions) for point in new])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(methods.placed(fitted[:5], fitted, positions), positions[:5], atol=1e-3)


def test_points_that_are_all_alike_lie_in_one_place(copied: Run) -> None:
    """As those of a layer that is dead: nothing is fitted to them, and every figure of them is drawn."""
    same = copied.read_arrays("reference.safetensors")["embeddings"][0]
    for name in ("reference.safetensors", *map(frame_name, copied.frame_steps)):
        arrays = copied.read_arrays(name)
        arrays["embeddings"][:] = same
        copied.write_arrays(name, arrays)
    for project in methods.PROJECTIONS.values():
        stored.keep(copied, project(copied))
    for name in methods.PROJECTIONS:
        shown = trajectory(copied, name)
        assert np.isfinite(shown.projection.probes).all()
        for what in ("projection", "paper", "animation", "explorable", "points"):
            assert export(copied, shown, Export(what))


def test_pca_equals_singular_value_decomposition(tiny_run: Run) -> None:
    found = methods.pca(tiny_run)
    cloud = methods._cloud(tiny_run).points.astype(np.float64)
    centred = cloud - cloud.mean(0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    expected = centred @ axes[:2].T
    ours = np.concatenate([found.means, found.references, found.probes.reshape(-1, 2)])
    for column in range(2):
        sign = np.sign(expected[:, column] @ ours[:, column])
        np.testing.assert_allclose(ours[:, column], sign * expected[:, column], atol=1e-3)


# The first UMAP of a process compiles for several seconds.
@pytest.mark.parametrize("name", ["pca", pytest.param("umap", marks=pytest.mark.slow)])
def test_joint_projection_is_deterministic_and_survives_storage(copied: Run, name: str) -> None:
    stored.keep(copied, methods.PROJECTIONS[name](copied))
    kept, again = stored.read(copied, name), methods.PROJECTIONS[name](copied)
    assert kept is not None
    np.testing.assert_array_equal(kept.probes, again.probes)
    np.testing.assert_array_equal(kept.means, again.means)
    assert kept.trustworthiness == again.trustworthiness
    assert kept.probes.shape == (4, 60, 2)


@pytest.mark.slow
def test_training_only_umap_warns_of_what_it_hides(tiny_run: Run) -> None:
    found = methods.umap_training(tiny_run)
    assert "hidden" in found.warning
    assert found.fitted_on == "reference"


@pytest.mark.slow
def test_a_large_run_is_fitted_on_a_sample_of_its_frames(tiny_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(methods, "MAX_FITTED", 60 + 90)
    monkeypatch.setattr(methods, "LEAST_FRAMES", 3)
    # Sixty references leave room for three frames of thirty images.
    found = methods.umap_joint(tiny_run)
    assert found.fitted_on == "reference and 3 of 4 frames, 30 images of each"
    assert np.isfinite(found.probes).all()


def test_pca_stands_in_while_no_umap_is_stored(tiny_run: Run, tmp_path) -> None:
    import shutil

    copy = Run(tmp_path / tiny_run.id)
    shutil.copytree(tiny_run.path, copy.path)
    for file in copy.path.rglob("umap.safetensors"):
        file.unlink()
    assert trajectory(copy, "umap").projection.name == "pca"


def test_later_frames_are_placed_in_the_stored_projection(tiny_run: Run, tmp_path) -> None:
    import shutil

    copy = Run(tmp_path / tiny_run.id)
    shutil.copytree(tiny_run.path, copy.path)
    copy.write("frames/000009.safetensors", (copy.path / "frames/000008.safetensors").read_bytes())
    before, after = stored.read(copy, "umap"), trajectory(copy, "umap").projection
    assert before is not None
    np.testing.assert_array_equal(after.probes[:4], before.probes)
    # The added frame is a copy of the last, so its points belong where those are.
    assert np.abs(after.probes[4] - before.probes[3]).max() < 0.05
    assert "placed" in after.title
