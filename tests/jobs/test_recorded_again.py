"""A run recorded again is compared with what was stored, array by array."""

import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from enigma.jobs.recorded_again import record_again
from enigma.recording.listeners import Listeners
from enigma.recording.loop import record
from enigma.spec.errors import InputError
from enigma.store import durable
from enigma.store.collection import listed
from enigma.store.home import Home
from enigma.store.run_folder import Run, frame_name
from tests.conftest import TINY


@pytest.fixture
def recorded(home: Home) -> Run:
    return record(TINY, home.runs, home.cache)


def test_the_same_machine_gives_the_same_bits_and_leaves_nothing_behind(home: Home, recorded: Run) -> None:
    before = sorted(home.path.rglob("*"))
    found = record_again(recorded, home)
    assert found.is_identical
    assert found.frames == len(TINY.frame_steps)
    assert found.threads == found.stored_threads
    assert {"frames/embeddings", "probe/source_predictions", "reference/embeddings", "scalars/entropy"} <= {
        each.array for each in found.differences
    }
    assert sorted(home.path.rglob("*")) == before


def test_what_a_kill_leaves_is_removed_by_a_later_recording(home: Home, recorded: Run) -> None:
    begun: list[Path] = []

    def kept(again: Run) -> None:
        """A copy under the same name is what would stay after a kill."""
        (folder,) = [path for path in home.runs.iterdir() if path != recorded.path]
        begun.append(shutil.copytree(folder, folder.with_name(folder.name.replace(".again.", ".again.killed."))))

    record_again(recorded, home, listeners=Listeners(started=kept))
    assert [run.id for run in listed(home.runs)] == [recorded.id]
    durable.sweep_staging(home.runs, time.time() + 7200)
    assert [path.exists() for path in begun] == [False]


def test_a_changed_number_is_found_with_its_array_step_and_size(home: Home, recorded: Run) -> None:
    frame = recorded.frame(3)
    frame["entropies"] = frame["entropies"] + np.float32([0.25, *[0.0] * 59])
    recorded.unseal()
    recorded.write_arrays(frame_name(3), frame)
    (different,) = [each for each in record_again(recorded, home).differences if each.differing]
    assert (different.array, different.step, different.differing) == ("frames/entropies", 3, 1)
    assert different.entries == 4 * 60
    assert different.largest == pytest.approx(0.25, rel=1e-5)


def test_not_a_number_is_the_same_only_as_itself(home: Home, recorded: Run) -> None:
    frame = recorded.frame(8)
    frame["entropies"][:2] = np.nan
    recorded.unseal()
    recorded.write_arrays(frame_name(8), frame)
    (different,) = [each for each in record_again(recorded, home).differences if each.differing]
    assert different.differing == 2
    assert np.isnan(different.largest)


def test_a_run_that_was_stopped_is_recorded_as_far_as_it_went(home: Home, recorded: Run) -> None:
    recorded.unseal()
    recorded.path.joinpath(frame_name(8)).unlink()
    found = record_again(recorded, home)
    assert found.frames == 3
    assert found.is_identical


def test_other_images_than_then_are_named(home: Home, recorded: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = recorded.facts
    facts["digests"]["test"] = "0" * 12
    monkeypatch.setattr(Run, "facts", property(lambda run: facts if run.path == recorded.path else _facts(run)))
    with pytest.raises(InputError, match="Expected the test images that run"):
        record_again(recorded, home)


_facts = Run.facts.fget
