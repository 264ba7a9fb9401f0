"""A run that is read while it is recorded."""

import shutil
from pathlib import Path

import pytest

from enigma.analysis.reading import trajectory
from enigma.store.run_folder import Run, frame_name
from tests.stored import TINY_ID, stored


class Growing(Run):
    """It has one frame more each time somebody asks which it has."""

    @property
    def frame_steps(self) -> tuple[int, ...]:
        now = super().frame_steps
        for later in sorted(self.path.glob("later/*"))[:1]:
            later.rename(self.path / "frames" / later.name)
        return now


@pytest.fixture
def growing(tmp_path: Path) -> Growing:
    run = Growing(tmp_path / TINY_ID)
    shutil.copytree(stored(TINY_ID), run.path)
    (run.path / "later").mkdir()
    for step in (3, 8):
        (run.path / frame_name(step)).rename(run.path / "later" / Path(frame_name(step)).name)
    return run


@pytest.mark.parametrize("projection", ["pca", "umap"])
def test_all_of_a_trajectory_is_of_the_frames_that_were_there_when_it_was_asked_for(
    growing: Growing, projection: str
) -> None:
    read = trajectory(growing, projection)
    assert read.steps.tolist() == read.projection.steps.tolist() == [0, 1]
    assert {len(values) for values in (read.entropies, read.predictions, *read.metrics.values())} == {2}
    assert len(growing.frame_steps) > 2
