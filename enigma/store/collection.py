"""Runs in a folder of runs: made, extended, found and listed."""

import contextlib
import json
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from enigma.spec.errors import CorruptRunError, InputError, RunNotFoundError
from enigma.spec.run_spec import RunSpec
from enigma.store import durable, soundness
from enigma.store.run_folder import SCHEMA, Run

# Of a file, in bytes, on any file system.
_LONGEST_NAME = 255


def create(root: Path, spec: RunSpec, run_id: str, facts: dict[str, Any]) -> Run:
    """A new run folder below `root`, complete with its facts from the moment it can be seen."""
    durable.sweep_staging(root)
    temporary = root / f".{run_id}.{os.getpid()}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    content = {"schema": SCHEMA, "id": run_id, "spec": spec.to_dict(), **facts}
    Run(temporary).write("run.json", json.dumps(content, indent=1).encode())
    try:
        temporary.rename(root / run_id)
    except OSError:
        # Another process was first with the very same run.
        shutil.rmtree(temporary)
    return Run(root / run_id)


def extend(old: Run, root: Path, spec: RunSpec, run_id: str) -> Run:
    """A run of `spec`, which goes on where `old` stands; `old` makes way for it if it lies in `root` too.

    The new run answers to the id of the old one as well, so that links keep working. The old one is removed when the
    new one is on disk, digest for digest.

    Raises:
        CorruptRunError: the old run is damaged, or was damaged while it was copied.
        InputError: it is being recorded, or cannot be copied.
    """
    if old.state == "running":
        raise InputError(f"Expected run {old.id} to be at rest, but it is being recorded; stop it first.")
    temporary = root / f".{run_id}.{os.getpid()}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        shutil.copytree(old.path, temporary, ignore=shutil.ignore_patterns("lock", "control", ".*"))
        run = Run(temporary)
        _check(run, old.id)
        run.unseal()
        facts = run.facts
        extends = [*facts.get("extends", []), old.id]
        content = {**facts, "id": run_id, "spec": spec.to_dict(), "extends": extends}
        run.write("run.json", json.dumps(content, indent=1).encode())
        run.set_status("paused", old.status["step"])
        durable.sync_tree(temporary)
        temporary.rename(root / run_id)
    except shutil.Error as error:
        shutil.rmtree(temporary, ignore_errors=True)
        # It lists every file that could not be copied, of which there may be thousands.
        _, _, why = error.args[0][0]
        raise InputError(
            f"Expected to copy run {old.id} below {root}, which the longer run takes over, but got: {why}. The run was "
            "left as it is; free some room, or see who may write there."
        ) from error
    except (OSError, CorruptRunError):
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    durable.sync_entry(root)
    if old.path.parent == root:
        delete(old)
    return Run(root / run_id)


def delete(run: Run) -> None:
    """Removes a run; it vanishes at once, so that nobody finds half of it, then its files."""
    doomed = run.path.with_name(f".{run.id}.deleted")
    run.path.rename(doomed)
    shutil.rmtree(doomed)


def _check(run: Run, run_id: str) -> None:
    for name, state in soundness.problems(run, run.spec.frame_steps).items():
        raise CorruptRunError(
            f"Expected run {run_id} as it was recorded, but {name} is {state}; the run was left as it is. Import it "
            "again, or record the longer run from the start."
        )


def set_aside(run: Run) -> None:
    """Takes a damaged run out of the way, with all that it holds, until one that replaces it is whole."""
    run.path.rename(run.path.with_name(f".{run.id}.{time.time_ns()}.damaged"))


def aside(run: Run) -> list[Path]:
    """Damaged folders that were set aside, in place of which this run is recorded anew; the last one last."""
    return sorted(run.path.parent.glob(f".{run.id}.*.damaged"))


def find(run_id: str, *roots: Path) -> Run:
    """The run of this id, or the one that extends it, in the first of `roots` that has it; see `listed`.

    Raises:
        RunNotFoundError: none has it.
        CorruptRunError: the folder is not a run.
    """
    is_name = 0 < len(run_id.encode(errors="replace")) <= _LONGEST_NAME and "/" not in run_id
    folders = [root / run_id for root in roots if is_name and (root / run_id).is_dir()]
    if folders:
        run = Run(first_whole(folders))
        if not run.has("run.json"):
            raise CorruptRunError(
                f"Expected a run in {run.path}, but it has no run.json; it is another kind of folder."
            )
        return run
    for run in listed(*roots):
        # A damaged run among them must not keep the others from being found.
        with contextlib.suppress(CorruptRunError):
            if run_id in run.facts.get("extends", []):
                return run
    raise RunNotFoundError(f"Expected the id of a stored run, but got {run_id[:60]!r}; see `enigma runs list`.")


def listed(*roots: Path) -> list[Run]:
    """All runs below `roots`, newest first; a run in an earlier root hides a later one of its id if it is whole."""
    found: dict[str, list[Path]] = {}
    for root in roots:
        for facts in root.glob("[!.]*/run.json"):
            found.setdefault(facts.parent.name, []).append(facts.parent)
    runs = [Run(first_whole(folders)) for folders in found.values()]
    return sorted(runs, key=lambda run: run.path.joinpath("run.json").stat().st_mtime, reverse=True)


def first_whole(folders: Sequence[Path]) -> Path:
    """The first of several folders of one run that was not left half recorded, or else the last.

    So recording the bundled run anew and giving up hides nothing; recording it again goes on where it was left.
    """
    for folder in folders[:-1]:
        with contextlib.suppress(CorruptRunError):
            if Run(folder).state in ("interrupted", "failed"):
                continue
        return folder
    return folders[-1]
