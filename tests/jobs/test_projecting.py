"""A run without a projection of this version gets one beside the page, once, by a process of its own."""

import os
import shutil
import time
from pathlib import Path

import pytest
from filelock import FileLock

from enigma.analysis.projection import stored
from enigma.jobs import projecting
from enigma.store.home import Home
from enigma.store.run_folder import Run

OLD = Path(__file__).parents[1] / "data" / "runs-0.1.0" / "0e2b8d2acd5f"


@pytest.fixture
def old(home: Home) -> Run:
    """A run as version 0.1.0 wrote it, with a projection that is no longer read."""
    shutil.copytree(OLD, home.runs / OLD.name)
    return home.find(OLD.name)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands of processes that would be started."""
    commands: list[list[str]] = []
    monkeypatch.setattr(projecting.subprocess, "Popen", lambda command, **_: commands.append(command))
    return commands


def test_a_fit_is_begun_once_and_not_again_soon(home: Home, old: Run, started: list[list[str]]) -> None:
    assert projecting.ensure_fitted(home, old)
    assert projecting.ensure_fitted(home, old)
    assert [command[2:] for command in started] == [["enigma.jobs.projecting", old.id]]
    long_ago = time.time() - projecting.START_SECONDS - 1
    (begun,) = (home.cache / "projecting").glob(f"{old.id}.begun")
    os.utime(begun, (long_ago, long_ago))
    # It has ended without a result, or died: not again at once, but later.
    assert not projecting.ensure_fitted(home, old)
    os.utime(begun, (0, 0))
    assert projecting.ensure_fitted(home, old)
    assert len(started) == 2


def test_a_fit_that_goes_on_is_not_begun_again(home: Home, old: Run, started: list[list[str]]) -> None:
    place = home.cache / "projecting" / f"{old.id}.lock"
    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(place):
        assert projecting.ensure_fitted(home, old)
    assert started == []


def test_nothing_is_begun_for_a_run_that_is_fitted_or_goes_on(
    home: Home, old: Run, recorded_home: Home, tiny_run: Run, started: list[list[str]]
) -> None:
    assert not projecting.ensure_fitted(recorded_home, tiny_run)
    old.write("status.json", b'{"state": "running", "step": 8, "message": ""}')
    assert not projecting.ensure_fitted(home, old)
    assert started == []


@pytest.mark.slow
def test_older_run_is_fitted_by_a_process_of_its_own(home: Home, old: Run) -> None:
    assert projecting.ensure_fitted(home, old)
    until = time.monotonic() + 120
    while projecting.ensure_fitted(home, old) and time.monotonic() < until:
        time.sleep(0.5)
    assert stored.is_current(old, "true-distances")
    assert stored.is_current(old, "umap")
    old.verify()
    assert not list((home.cache / "projecting").glob("*.begun"))
