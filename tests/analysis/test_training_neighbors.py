"""The nearest training images of selected test images, beside SciPy and beside the recorded pictures."""

from pathlib import Path

import numpy as np
from scipy.spatial.distance import cdist

from enigma.analysis.training_neighbors import COUNT, MOST_POINTS, training_neighbors
from enigma.recording.loop import record
from enigma.store import thumbnails
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.conftest import TINY


def test_neighbours_are_the_nearest_of_all_training_images_at_every_frame() -> None:
    run = Home.default().example()
    reference = run.read_arrays("reference.safetensors")["embeddings"].astype(float)
    found = training_neighbors(run, (3, 17, 29))
    assert found is not None
    assert found.points.tolist() == [3, 17, 29]
    for frame, (_, arrays) in enumerate(run.frames()):
        distances = np.sort(cdist(arrays["embeddings"][[3, 17, 29]].astype(float), reference), axis=1)[:, :COUNT]
        np.testing.assert_allclose(found.distances[frame], distances, rtol=1e-4)
        own = np.linalg.norm(
            arrays["embeddings"][[3, 17, 29], None].astype(float) - reference[found.references[frame]], axis=-1
        )
        np.testing.assert_allclose(own, distances, rtol=1e-4)


def test_of_many_points_the_first_twelve_are_looked_at_and_of_none_nothing() -> None:
    run = Home.default().example()
    found = training_neighbors(run, tuple(range(100)), pictures=False)
    assert found is not None
    assert found.points.tolist() == list(range(MOST_POINTS))
    assert found.pictures == b""
    assert training_neighbors(run, ()) is None


def test_a_recorded_run_has_the_pictures_of_its_training_images_and_an_older_one_says_nothing(
    tmp_path: Path, cache: Path
) -> None:
    run = record(TINY.override(steps=1, frames=(0, 1), probes=14, references=30, batch_size=8), tmp_path, cache)
    run.verify()
    found = training_neighbors(run, (2,))
    assert found is not None
    shown = thumbnails.tiles(found.pictures, thumbnails.COLUMNS, thumbnails.SIZE).astype(float)
    whole = (run.path / thumbnails.REFERENCE).read_bytes()
    recorded = thumbnails.tiles(whole, thumbnails.COLUMNS, thumbnails.SIZE).astype(float)
    np.testing.assert_array_equal(found.pictured, np.unique(found.references))
    for place, reference in enumerate(found.pictured):
        errors = np.abs(recorded - shown[place]).mean(axis=(1, 2, 3))
        assert errors.argmin() == reference
    (run.path / thumbnails.REFERENCE).unlink()
    older = training_neighbors(Run(run.path), (2,))
    assert older is not None
    assert (len(older.pictured), older.pictures) == (0, b"")
