"""Projections that are fitted beside the page, for a run that has none of this version: an older one, an imported one.

A fit takes ten seconds or more, so that it is done by a process of its own, once, whatever the page does meanwhile.
"""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

from filelock import FileLock, Timeout

from enigma.analysis.projection import stored
from enigma.analysis.projection.names import DEFAULT
from enigma.spec.errors import EnigmaError
from enigma.store import policy
from enigma.store.home import VARIABLE, Home
from enigma.store.run_folder import SETTLED, Run

# A fit that failed would fail again; it may be tried once more after so long, when memory or disk may be free.
PATIENCE_SECONDS = 600.0
# Python needs so long at most to start and to take the lock.
START_SECONDS = 20.0


def ensure_fitted(home: Home, run: Run) -> bool:
    """Sees that the default projection of a settled run is fitted; whether that is going on now.

    Where nothing may be changed, PCA stands in.
    """
    if policy.current().read_only:
        return False
    if run.state not in SETTLED or not run.frame_steps or stored.is_current(run, DEFAULT):
        return False
    place = _place(home, run)
    if _is_held(place):
        return True
    with contextlib.suppress(FileNotFoundError):
        begun = time.time() - _begun(place).stat().st_mtime
        # A clock that was put back must not keep it from ever being tried again.
        if 0 <= begun < PATIENCE_SECONDS:
            return begun < START_SECONDS
    try:
        _begun(place).parent.mkdir(parents=True, exist_ok=True)
        _begun(place).touch()
        with place.with_suffix(".log").open("ab") as log:
            # In a session of its own it outlives the page's server.
            subprocess.Popen(
                [sys.executable, "-m", "enigma.jobs.projecting", run.id],
                stdout=log, stderr=log, start_new_session=True,
                env={**policy.own_environment(), VARIABLE: str(home.path)},
            )  # fmt: skip
    except OSError:
        # Without a place to keep it, it could only be made in vain.
        return False
    return True


def fit(home: Home, run: Run) -> None:
    """Fits and keeps the default projection, unless another process does."""
    place = _place(home, run)
    place.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(Timeout), FileLock(place.with_suffix(".lock")).acquire(timeout=1):
        # Who looks whether it is held holds it for a moment.
        stored.project(run)
        _begun(place).unlink(missing_ok=True)


def _is_held(place: Path) -> bool:
    try:
        with FileLock(place.with_suffix(".lock")).acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False


def _place(home: Home, run: Run) -> Path:
    return home.cache / "projecting" / run.id


def _begun(place: Path) -> Path:
    """Written when a process is started, and taken away by one that has done its work."""
    return place.with_suffix(".begun")


if __name__ == "__main__":
    mine = Home.default()
    try:
        fit(mine, mine.find(sys.argv[1]))
    except EnigmaError as error:
        sys.exit(str(error))
