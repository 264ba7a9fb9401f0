"""Deleted runs, until they are brought back or thrown away for good.

    <home>/trash/<time of deletion in ns>/<run id>/

A run keeps its folder name, and so its id, in the trash; nothing in it is changed.
"""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from enigma.spec.errors import CorruptRunError, InputError, RunNotFoundError
from enigma.store import permission
from enigma.store.run_folder import Run

DAYS_KEPT = 30
_DAY = 86_400


@dataclass(frozen=True)
class Thrown:
    """A run in the trash, with the time at which it was deleted in seconds since 1970."""

    run: Run
    when: float

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(path.stat().st_size for path in self.run.path.rglob("*") if path.is_file())

    def days_left(self, now: float | None = None) -> float:
        """Days until it is thrown away for good."""
        return DAYS_KEPT - ((time.time() if now is None else now) - self.when) / _DAY


def throw(run: Run, trash: Path) -> Thrown:
    """Moves a run into the trash.

    Raises:
        InputError: it is being recorded.
        RefusedError: who acts may not change it.
    """
    permission.check_run(run.path)
    if _is_recording(run):
        raise InputError(f"Expected run {run.id} to be at rest, but it is being recorded; stop it first.")
    when = time.time_ns()
    place = trash / f"{when:020d}" / run.id
    place.parent.mkdir(parents=True)
    shutil.move(run.path, place)
    return Thrown(Run(place), when / 1e9)


def thrown(trash: Path) -> list[Thrown]:
    """What is in the trash, last deleted first."""
    places = sorted(trash.glob("[0-9]*/[!.]*"), reverse=True)
    return [Thrown(Run(place), int(place.parent.name) / 1e9) for place in places if place.parent.name.isdecimal()]


def restore(run_id: str, trash: Path, root: Path) -> Run:
    """Brings back the run of this id, the last deleted of them, into `root`.

    Raises:
        RunNotFoundError: it is not in the trash.
        InputError: a run of this id has been recorded or imported since.
        RefusedError: who acts may not change it.
    """
    found = next((item for item in thrown(trash) if item.run.id == run_id), None)
    if found is None:
        raise RunNotFoundError(f"Expected the id of a run in the trash, but got {run_id!r}; see `enigma runs trash`.")
    permission.check_run(found.run.path)
    if (root / run_id).exists():
        raise InputError(f"Expected no run {run_id} to be there, but one is; delete it first to bring this one back.")
    root.mkdir(parents=True, exist_ok=True)
    shutil.move(found.run.path, root / run_id)
    found.run.path.parent.rmdir()
    return Run(root / run_id)


def empty(trash: Path, older_than_days: float | int = 0) -> int:
    """Deletes for good what has been in the trash for so many days; returns how many runs that were.

    Of who acts only what that person may change; what has been there for its time goes whosesoever it is.

    Raises:
        RefusedError: nothing may be changed here.
    """
    permission.check_change()
    is_over = older_than_days >= DAYS_KEPT
    doomed = [
        item
        for item in thrown(trash)
        if item.days_left() <= DAYS_KEPT - older_than_days and (is_over or permission.may_change_run(item.run.path))
    ]
    for item in doomed:
        shutil.rmtree(item.run.path.parent)
    return len(doomed)


def _is_recording(run: Run) -> bool:
    try:
        return run.state == "running"
    except CorruptRunError:
        # It cannot say so itself, but nobody records a damaged run.
        return False
