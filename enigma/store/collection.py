"""Runs in a folder of runs: made, extended, found and listed."""

import contextlib
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from enigma.spec.errors import CorruptRunError, RunNotFoundError
from enigma.spec.run_spec import RunSpec
from enigma.store.run_folder import SCHEMA, Run


def create(root: Path, spec: RunSpec, run_id: str, facts: dict[str, Any]) -> Run:
    """A new run folder below `root`, complete with its facts from the moment it can be seen."""
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

    The new run answers to the id of the old one as well, so that links keep working.
    """
    temporary = root / f".{run_id}.{os.getpid()}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    shutil.copytree(old.path, temporary, ignore=shutil.ignore_patterns("manifest.json", "lock", "control", ".*"))
    facts = old.facts
    extends = [*facts.get("extends", []), old.id]
    content = {**facts, "id": run_id, "spec": spec.to_dict(), "extends": extends}
    run = Run(temporary)
    run.write("run.json", json.dumps(content, indent=1).encode())
    run.set_status("paused", old.status["step"])
    temporary.rename(root / run_id)
    if old.path.parent == root:
        shutil.rmtree(old.path)
    return Run(root / run_id)


def find(run_id: str, *roots: Path) -> Run:
    """The run of this id, or the one that extends it, in the first of `roots` that has it; see `listed`.

    Raises:
        RunNotFoundError: none has it.
        CorruptRunError: the folder is not a run.
    """
    folders = [root / run_id for root in roots if run_id and "/" not in run_id and (root / run_id).is_dir()]
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
    raise RunNotFoundError(f"Expected the id of a stored run, but got {run_id!r}; see `enigma runs list`.")


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
