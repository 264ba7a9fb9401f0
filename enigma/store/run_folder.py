"""The run folder: everything a run leaves, readable without torch and without pickle.

    <run id>/
      run.json                  schema version, spec, digests, versions, hardware, classes, source accuracy
      scalars.csv               one row a step: `enigma.store.scalars`
      frames/000035.safetensors one file a frame; older ones lack the drift of each adapted tensor
      reference.safetensors     embeddings and labels of the training images under the source model
      probe.safetensors         labels of the probe, predictions of the source model
      thumbnails.webp           the probe images as one picture
      reference_thumbnails.webp the training images likewise; older ones lack it
      checkpoint.safetensors    what is needed to go on
      status.json               running, paused, stopped, finished or failed, and how far
      label.json                name, tags and note that a person gave it
      owner.json                whose it is, on a server to which people sign in
      digests                   SHA-256 of each recorded file as it is written, until the run has settled
      manifest.json             SHA-256 of every file that was recorded, once the run has settled
      derived/                  what can be made again: `enigma.store.derived`

Every file is written under a temporary name and renamed, so a reader never sees half of one.

Runs of schema 1, as version 0.1.0 wrote them, hold metrics and projections in folders of their own and list them in
the manifest; those are left alone and made again in `derived/`.
"""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load, save

from enigma import __version__
from enigma.spec.errors import CorruptRunError, InputError, NewerRunError
from enigma.spec.run_spec import RunSpec
from enigma.store import agreement, durable, manifest, noted, permission, scalars
from enigma.store.forms import FACTS, STATUS
from enigma.store.json_file import ADVICE, conform, read_object
from enigma.store.mapped import header

SCHEMA = 2
# What is over will not go on by itself; what is paused may be about to.
OVER = ("stopped", "finished", "failed")
SETTLED = ("paused", *OVER)

LABEL = "label.json"

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Run:
    """One run folder. All state is on disk; the object is only a path.

    Attributes:
        cache: folder for what is derived from the run, where that cannot lie in the run folder itself.
        fixed_steps: the frames it is read with, where those that come later are none of the reader's business.
    """

    path: Path
    cache: Path | None = field(default=None, compare=False)
    fixed_steps: tuple[int, ...] | None = field(default=None, compare=False)

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def facts(self) -> dict[str, Any]:
        """The contents of run.json.

        Raises:
            CorruptRunError: it cannot be read, or (`NewerRunError`) a newer version wrote it.
        """
        facts = read_object(self.path / "run.json")
        if not isinstance(facts.get("schema"), int):
            raise CorruptRunError(f"Expected a schema number in run.json of {self.path}, but got none. {ADVICE}")
        if facts["schema"] > SCHEMA:
            raise NewerRunError(
                f"Expected run {self.id} of schema {SCHEMA} at most, but it has "
                f"schema {facts['schema']}, {_maker(facts)}"
            )
        conform(facts, FACTS, f"run.json of {self.id}")
        return facts

    @property
    def spec(self) -> RunSpec:
        facts = self.facts
        try:
            return RunSpec.parse(facts["spec"])
        except (InputError, KeyError) as error:
            # A field that came later, or a name that this version does not know.
            raise NewerRunError(
                f"Expected a run spec in run {self.id} that this version knows, but got: {error} It was written "
                f"{_maker(facts)}"
            ) from error

    @property
    def status(self) -> dict[str, Any]:
        """`state`, `step`, `message`; a run that has written none yet is waiting."""
        path = self.path / "status.json"
        return read_object(path, STATUS) if path.exists() else {"state": "waiting", "step": 0, "message": ""}

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
        except OSError:
            # Nobody records into a folder that cannot be written.
            return "interrupted"

    def ask(self, wish: str) -> None:
        """Asks whoever records this run to 'pause' or 'stop' after the current step.

        Raises:
            RefusedError: who acts may not change it.
        """
        permission.check_run(self.path)
        self.write("control", wish.encode())

    @property
    def wish(self) -> str:
        """What was asked of whoever records this run and is still to be done: pause, stop, or nothing."""
        try:
            return (self.path / "control").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""

    def set_status(self, state: str, step: int, message: str = "") -> None:
        values = {"state": state, "step": step, "message": message, "updated": time.time(), "process": os.getpid()}
        self.write("status.json", json.dumps(values).encode())

    def write(self, name: str, content: bytes) -> None:
        """Writes a file in one piece; of what is recorded the digest is noted first, and all of it is on disk then."""
        path, lasts = self.path / name, bool(manifest.RECORDED.fullmatch(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        if lasts:
            noted.add(self.path, {name: manifest.hashed_bytes(content)})
        durable.write(path, content, sync=lasts or name == manifest.NAME)

    def write_arrays(self, name: str, arrays: Arrays, facts: dict[str, str] | None = None) -> None:
        self.write(name, save({key: np.ascontiguousarray(value) for key, value in arrays.items()}, facts))

    def read_arrays(self, name: str) -> Arrays:
        try:
            return load((self.path / name).read_bytes())
        except (OSError, SafetensorError) as error:
            raise CorruptRunError(f"Expected {name} in run {self.id}, but got: {error}. {ADVICE}") from error

    def read_array(self, name: str, key: str) -> np.ndarray:
        """One array of a file, without reading the others."""
        try:
            with safe_open(self.path / name, "numpy") as file:
                return file.get_tensor(key)
        except (OSError, SafetensorError) as error:
            raise CorruptRunError(f"Expected {key} of {name} in run {self.id}, but got: {error}. {ADVICE}") from error

    def read_facts(self, name: str) -> dict[str, str]:
        """The strings that were stored with a file of arrays."""
        try:
            return header_facts((self.path / name).read_bytes())
        except OSError as error:
            raise CorruptRunError(f"Expected {name} in run {self.id}, but got: {error}. {ADVICE}") from error

    def has(self, name: str) -> bool:
        return (self.path / name).exists()

    @property
    def frame_steps(self) -> tuple[int, ...]:
        """The steps that have a frame, in order."""
        if self.fixed_steps is not None:
            return self.fixed_steps
        try:
            return tuple(sorted(int(path.stem) for path in (self.path / "frames").glob("[0-9]*.safetensors")))
        except FileNotFoundError:
            # The run made way for a longer one, or was deleted, just now.
            return ()

    def as_of_now(self) -> "Run":
        """The run with the frames that it has now, so that what is read one after another belongs together."""
        return replace(self, fixed_steps=self.frame_steps)

    def frame(self, step: int) -> Arrays:
        return self.read_arrays(frame_name(step))

    def frames(self) -> Iterator[tuple[int, Arrays]]:
        for step in self.frame_steps:
            yield step, self.frame(step)

    def append_scalars(self, rows: list[tuple[float | int, ...]]) -> None:
        """Adds one row a step, as `enigma.store.scalars.append`."""
        scalars.append(self.path / scalars.NAME, rows)

    def scalars(self) -> Arrays:
        """The per-step numbers as columns; a half-written last row is left out."""
        return scalars.read(self.path / scalars.NAME)

    def note_scalars(self) -> None:
        """Notes the digest of the rows so far; what is added to them later is not in it."""
        if self.has(scalars.NAME):
            durable.sync_entry(self.path / scalars.NAME)
            noted.add(self.path, {scalars.NAME: manifest.hashed(self.path / scalars.NAME)})

    def unseal(self) -> None:
        """Takes the manifest away, once the digest of every recorded file is noted beside it."""
        known, sealed = noted.read(self.path), manifest.digests(self.path)
        names = [name for name in manifest.recorded(self.path) if name not in known]
        noted.add(self.path, {name: sealed.get(name) or manifest.hashed(self.path / name) for name in names})
        self.path.joinpath(manifest.NAME).unlink(missing_ok=True)

    def rewind(self, step: int, due: tuple[int, ...]) -> None:
        """Forgets what came after `step`, and frames that are not due, so that the run can go on from there."""
        self.unseal()
        if self.has(scalars.NAME):
            self.write(scalars.NAME, scalars.until(self.path / scalars.NAME, step))
        for recorded in self.frame_steps:
            if recorded > step or recorded not in due:
                self.path.joinpath(frame_name(recorded)).unlink()

    @property
    def derived_folders(self) -> tuple[Path, ...]:
        """Where what is derived from the run may lie, the place that is written first."""
        inside = self.path / "derived"
        return (self.cache, inside) if self.cache else (inside,)

    def verify(self) -> None:
        """Checks schema, checksums, and that the files fit together.

        Raises:
            CorruptRunError: naming the first thing that is wrong.
        """
        self._check_identity()
        if not self.has("manifest.json") and self.status["state"] == "finished":
            raise CorruptRunError(f"Expected a manifest in run {self.id}, but it is missing; import the run again.")
        for name, state in manifest.problems(self.path):
            raise CorruptRunError(f"Expected run {self.id} as it was recorded, but {name} is {state}; import it again.")
        self.check()

    def check(self) -> None:
        """Checks schema, and that the files fit together, whether or not they are those that were recorded.

        Raises:
            CorruptRunError: naming the first thing that is wrong.
        """
        self._check_identity()
        agreement.check(self.path, self.facts, self.spec)

    def _check_identity(self) -> None:
        if (said := self.facts["id"]) != self.id:
            raise CorruptRunError(
                f"Expected run {self.id}, but its run.json says run {said[:40]!r}; it was renamed or changed."
            )

    def digest(self, name: str) -> str:
        """SHA-256 of a recorded file: as it was sealed, or of the file itself while the run is not."""
        try:
            return manifest.digest(self.path, name)
        except OSError as error:
            raise CorruptRunError(f"Expected {name} in run {self.id}, but got: {error}. {ADVICE}") from error

    def seal(self) -> None:
        """Writes the checksums of all that was recorded, after which any change of it is noticed.

        Raises:
            CorruptRunError: it has changed already, since it was written.
        """
        self.write(manifest.NAME, manifest.made(self.path))
        self.path.joinpath(noted.NAME).unlink(missing_ok=True)


def header_facts(content: bytes) -> dict[str, str]:
    """The strings in the header of a safetensors file."""
    return header(content, "the header of arrays").get("__metadata__") or {}


def frame_name(step: int) -> str:
    return f"frames/{step:06d}.safetensors"


def _maker(facts: dict[str, Any]) -> str:
    """Which version wrote a run, and what to do if that is a newer one."""
    versions = facts.get("versions")
    made = versions.get("enigma", "unknown") if isinstance(versions, dict) else "unknown"
    return (
        f"by version {made} of Entropy Enigma, and this is {__version__}; install that version, or a later one, to "
        "open it."
    )
