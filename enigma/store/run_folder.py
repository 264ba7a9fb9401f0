"""The run folder: everything a run leaves, readable without torch and without pickle.

    <run id>/
      run.json                  schema version, spec, digests, versions, hardware, classes, source accuracy
      scalars.csv               one row a step
      frames/000035.safetensors one file a frame; older ones lack the drift of each adapted tensor
      reference.safetensors     embeddings and labels of the training images under the source model
      probe.safetensors         labels of the probe, predictions of the source model
      thumbnails.webp           the probe images as one picture
      checkpoint.safetensors    what is needed to go on
      projections/, metrics/    derived from the frames, can be made again
      status.json               running, paused, stopped, finished or failed, and how far
      label.json                name, tags and note that a person gave it
      manifest.json             SHA-256 of every file, once the run has settled

Every file is written under a temporary name and renamed, so a reader never sees half of one.
"""

import contextlib
import csv
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from safetensors import SafetensorError
from safetensors.numpy import load, save

from enigma.errors import CorruptRunError, RunNotFoundError
from enigma.spec.run_spec import RunSpec

SCHEMA = 1
# Those after `samples_used` came later; runs recorded before have none of them.
SCALARS = (
    "step", "loss", "entropy", "accuracy", "gradient_norm", "parameter_drift", "samples_used", "confidence",
    "diversity", "initial_diversity", "largest_class", "histogram_shift", "flip_rate", "logit_norm", "event",
)  # fmt: skip
# What `event` counts.
EVENTS = ("", "alarm", "stop", "reset")
SETTLED = ("paused", "stopped", "finished", "failed")

LABEL = "label.json"

# These change while nothing else does, so they are not part of the manifest.
_UNSEALED = ("status.json", "manifest.json", "control", "lock", LABEL)

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Run:
    """One run folder. All state is on disk; the object is only a path."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def facts(self) -> dict[str, Any]:
        """The contents of run.json."""
        return _read_json(self.path / "run.json")

    @property
    def spec(self) -> RunSpec:
        return RunSpec.parse(self.facts["spec"])

    @property
    def status(self) -> dict[str, Any]:
        """`state`, `step`, `message`; a run that has written none yet is waiting."""
        path = self.path / "status.json"
        return _read_json(path) if path.exists() else {"state": "waiting", "step": 0, "message": ""}

    @property
    def state(self) -> str:
        """waiting, running, paused, stopped, finished, failed, or interrupted: the process that ran it is gone."""
        state = self.status["state"]
        if state != "running":
            return state
        try:
            with FileLock(self.path / "lock").acquire(timeout=0):
                return "interrupted"
        except Timeout:
            return state

    def ask(self, wish: str) -> None:
        """Asks whoever records this run to 'pause' or 'stop' after the current step."""
        self.write("control", wish.encode())

    def set_status(self, state: str, step: int, message: str = "") -> None:
        values = {"state": state, "step": step, "message": message, "updated": time.time(), "process": os.getpid()}
        self.write("status.json", json.dumps(values).encode())

    def write(self, name: str, content: bytes) -> None:
        """Writes a file in one piece: temporary name, then rename."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        temporary.write_bytes(content)
        temporary.replace(path)

    def write_arrays(self, name: str, arrays: Arrays, facts: dict[str, str] | None = None) -> None:
        self.write(name, save({key: np.ascontiguousarray(value) for key, value in arrays.items()}, facts))

    def read_arrays(self, name: str) -> Arrays:
        try:
            return load((self.path / name).read_bytes())
        except (OSError, SafetensorError) as error:
            raise CorruptRunError(
                f"Expected {name} in run {self.id}, but got: {error}. Delete or import it again."
            ) from error

    def read_facts(self, name: str) -> dict[str, str]:
        """The strings that were stored with a file of arrays."""
        return header_facts((self.path / name).read_bytes())

    def has(self, name: str) -> bool:
        return (self.path / name).exists()

    @property
    def frame_steps(self) -> tuple[int, ...]:
        """The steps that have a frame, in order."""
        return tuple(sorted(int(path.stem) for path in (self.path / "frames").glob("[0-9]*.safetensors")))

    def frame(self, step: int) -> Arrays:
        return self.read_arrays(frame_name(step))

    def frames(self) -> Iterator[tuple[int, Arrays]]:
        for step in self.frame_steps:
            yield step, self.frame(step)

    def append_scalars(self, rows: list[tuple[float | int, ...]]) -> None:
        """Adds one row a step, in the order of `SCALARS`; a run that began with fewer columns keeps to them."""
        path = self.path / "scalars.csv"
        columns = self._columns() if path.exists() else SCALARS
        new = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            if new:
                writer.writerow(SCALARS)
            writer.writerows(row[: len(columns)] for row in rows)

    def _columns(self) -> tuple[str, ...]:
        with (self.path / "scalars.csv").open(encoding="utf-8") as file:
            return tuple(file.readline().strip().split(","))

    def scalars(self) -> Arrays:
        """The per-step numbers as columns; a half-written last row is left out."""
        path = self.path / "scalars.csv"
        lines = path.read_text(encoding="utf-8").rpartition("\n")[0].splitlines() if path.exists() else []
        names = lines[0].split(",") if lines else SCALARS
        rows = np.array([[float(value) for value in line.split(",")] for line in lines[1:]]).reshape(-1, len(names))
        return {name: rows[:, column] for column, name in enumerate(names)}

    def rewind(self, step: int, due: tuple[int, ...]) -> None:
        """Forgets what came after `step`, and frames that are not due, so that the run can go on from there."""
        self.path.joinpath("manifest.json").unlink(missing_ok=True)
        scalars = self.path / "scalars.csv"
        if scalars.exists():
            lines = scalars.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
            kept = [lines[0], *(line for line in lines[1:] if int(line.split(",")[0]) <= step)]
            self.write("scalars.csv", ("\n".join(kept) + "\n").encode())
        for recorded in self.frame_steps:
            if recorded > step or recorded not in due:
                self.path.joinpath(frame_name(recorded)).unlink()
                for kept_for in ("metrics", "unknowns"):
                    self.path.joinpath(f"{kept_for}/{recorded:06d}.json").unlink(missing_ok=True)

    def seal(self) -> None:
        """Writes the checksums of all files, after which any change is noticed."""
        digests = {name: hashlib.sha256((self.path / name).read_bytes()).hexdigest() for name in self._sealed_names()}
        self.write("manifest.json", json.dumps(digests, indent=1).encode())

    def verify(self) -> None:
        """Checks schema and checksums.

        Raises:
            CorruptRunError: naming the first thing that is wrong.
        """
        facts = self.facts
        if facts.get("schema") != SCHEMA or facts.get("id") != self.id:
            raise CorruptRunError(
                f"Expected run {self.id} of schema {SCHEMA}, but its run.json says run {facts.get('id')!r} of schema "
                f"{facts.get('schema')!r}; it was renamed, changed, or made by another version of Entropy Enigma."
            )
        if not self.has("manifest.json"):
            if self.status["state"] == "finished":
                raise CorruptRunError(f"Expected a manifest in run {self.id}, but it is missing; import the run again.")
            return
        manifest = _read_json(self.path / "manifest.json")
        for name, digest in manifest.items():
            path = self.path / name
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                state = "changed" if path.is_file() else "missing"
                raise CorruptRunError(
                    f"Expected run {self.id} as it was recorded, but {name} is {state}; import it again."
                )

    def _sealed_names(self) -> list[str]:
        files = (p for p in self.path.rglob("*") if p.is_file() and not p.name.startswith("."))
        return sorted(name for p in files if (name := p.relative_to(self.path).as_posix()) not in _UNSEALED)


def missing(labels: np.ndarray, reference_labels: np.ndarray) -> dict[str, str]:
    """What cannot be measured for want of labels or of reference images, and why.

    >>> sorted(missing(np.array([0, 1]), np.array([-1, -1])))
    ['class_means', 'shift_distance']
    """
    reasons: dict[str, str] = {}
    if not (labels >= 0).any():
        reason = "the test images have no labels"
        reasons |= dict.fromkeys(("accuracy", "calibration_error", "phases"), reason)
    if not (reference_labels >= 0).any():
        reason = "the reference images have no labels" if len(reference_labels) else "there are no reference images"
        reasons |= dict.fromkeys(("shift_distance", "class_means"), reason)
    return reasons


def header_facts(content: bytes) -> dict[str, str]:
    """The strings in the header of a safetensors file, which begins with its length in eight bytes."""
    return json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")]).get("__metadata__", {})


def frame_name(step: int) -> str:
    return f"frames/{step:06d}.safetensors"


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
    """The run of this id, or the one that extends it, in the first of `roots` that has it.

    Raises:
        RunNotFoundError: none has it.
        CorruptRunError: the folder is not a run.
    """
    for root in roots:
        if run_id and "/" not in run_id and (root / run_id).is_dir():
            run = Run(root / run_id)
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
    """All runs below `roots`, newest first; a run in an earlier root hides one of the same id in a later."""
    found: dict[str, Run] = {}
    for root in roots:
        for facts in root.glob("[!.]*/run.json"):
            found.setdefault(facts.parent.name, Run(facts.parent))
    return sorted(found.values(), key=lambda run: run.path.joinpath("run.json").stat().st_mtime, reverse=True)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorruptRunError(
            f"Expected {path.name} in {path.parent}, but got: {error}. The run is damaged."
        ) from error
