"""One projection for several runs: when it makes sense, that it is shared, and that it is kept."""

from pathlib import Path

import numpy as np
import pytest

from enigma.analysis.projection.joint import has_moved, joint, obstacle, stored_at
from enigma.jobs.record_and_project import record_and_project
from enigma.spec.errors import InputError
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.conftest import TINY

# The first UMAP of a process compiles for several seconds.
EACH = pytest.mark.parametrize("name", ["pca", pytest.param("umap", marks=pytest.mark.slow)])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, cache: Path, tiny_run: Run) -> list[Run]:
    """The same run by Tent, by Norm, and with another seed."""
    home = Home(tmp_path_factory.mktemp("several"))
    home.cache.symlink_to(cache)
    others = (TINY.override(method="norm"), TINY.override(seed=1, steps=1, frames=(0, 1)))
    return [tiny_run, *(record_and_project(spec, home, projections=()) for spec in others)]


@EACH
def test_runs_share_axes_and_frame_0_which_is_the_same_in_both(runs: list[Run], name: str, tmp_path: Path) -> None:
    tent, norm = (joint(runs[:2], name, tmp_path)[run.id] for run in runs[:2])
    assert tent.probes.shape == norm.probes.shape == (4, 60, 2)
    np.testing.assert_array_equal(tent.references, norm.references)
    np.testing.assert_array_equal(tent.means, norm.means)
    np.testing.assert_allclose(tent.probes[0], norm.probes[0], atol=1e-3)
    # Norm updates nothing, so its points stay where they are; those of Tent move.
    np.testing.assert_allclose(norm.probes[-1], norm.probes[0], atol=1e-3)
    assert np.abs(tent.probes[-1] - tent.probes[0]).max() > 1e-2


def test_joint_pca_equals_the_singular_vectors_of_all_embeddings(runs: list[Run], tmp_path: Path) -> None:
    found = joint(runs[:2], "pca", tmp_path)
    frames = [run.frame(step)["embeddings"] for run in runs[:2] for step in run.frame_steps]
    reference = runs[0].read_arrays("reference.safetensors")
    means = [reference["embeddings"][reference["labels"] == label].mean(0) for label in range(10)]
    points = np.concatenate([means, reference["embeddings"], *frames]).astype(np.float64)
    expected = np.linalg.svd(points - points.mean(0), full_matrices=False)
    spread = np.linalg.norm(np.concatenate([found[run.id].probes.reshape(-1, 2) for run in runs[:2]]), axis=0)
    scores = (expected[0] * expected[1])[len(means) + len(reference["labels"]) :, :2]
    np.testing.assert_allclose(spread, np.linalg.norm(scores, axis=0), rtol=1e-3)


@EACH
def test_order_of_the_runs_changes_nothing_and_the_result_is_kept(runs: list[Run], name: str, tmp_path: Path) -> None:
    first = joint(runs[:2], name, tmp_path)
    kept = stored_at(runs[:2], name, tmp_path)
    written = kept.stat().st_mtime_ns
    second = joint(runs[1::-1], name, tmp_path)
    assert kept.stat().st_mtime_ns == written
    for run in runs[:2]:
        np.testing.assert_array_equal(first[run.id].probes, second[run.id].probes)
        assert first[run.id].fitted_on == second[run.id].fitted_on
        assert first[run.id].trustworthiness == second[run.id].trustworthiness


def test_damaged_file_is_made_again(runs: list[Run], tmp_path: Path) -> None:
    first = joint(runs[:2], "pca", tmp_path)
    stored_at(runs[:2], "pca", tmp_path).write_bytes(b"half")
    np.testing.assert_array_equal(joint(runs[:2], "pca", tmp_path)[runs[0].id].probes, first[runs[0].id].probes)


def test_other_reference_images_are_an_obstacle(runs: list[Run], tmp_path: Path) -> None:
    assert "same reference images" in obstacle([runs[0], runs[2]])
    assert "two runs" in obstacle(runs[:1])
    assert obstacle(runs[:2]) == ""
    with pytest.raises(InputError, match="same reference images"):
        joint([runs[0], runs[2]], "pca", tmp_path)
    with pytest.raises(InputError, match="projection among"):
        joint(runs[:2], "tsne", tmp_path)


def test_image_counts_again_only_where_it_is_far_from_all_its_earlier_places() -> None:
    # Two images ten apart; the first stays, steps away, comes back; the second never moves.
    first = np.array([[0.0], [0.1], [8.0], [0.2]])
    frames = np.stack([first, np.full((4, 1), 10.0)], axis=1).astype(np.float32)
    assert has_moved(frames).tolist() == [[True, True], [False, False], [True, False], [False, False]]
