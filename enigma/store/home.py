"""The folder a user's runs live in: given on the command line, by ENIGMA_HOME, or ~/.enigma."""

import contextlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

from enigma.spec.assets import asset
from enigma.spec.errors import CorruptRunError, InputError, RunNotFoundError
from enigma.store import collection
from enigma.store.run_folder import Run

VARIABLE = "ENIGMA_HOME"


@dataclass(frozen=True)
class Home:
    """Where runs, corrupted images and queued jobs are kept.

    >>> Home(Path("/data")).runs.as_posix()
    '/data/runs'
    """

    path: Path

    @classmethod
    def default(cls) -> "Home":
        return cls(Path(os.environ.get(VARIABLE) or Path.home() / ".enigma"))

    @property
    def runs(self) -> Path:
        return self.path / "runs"

    @property
    def cache(self) -> Path:
        return self.path / "cache"

    @property
    def queue(self) -> Path:
        return self.path / "queue"

    @property
    def trash(self) -> Path:
        return self.path / "trash"

    @property
    def uploads(self) -> Path:
        return self.path / "uploads"

    @property
    def bundled(self) -> Path:
        return asset("runs")

    @property
    def bundled_examples(self) -> Path:
        """Further runs that came with the installation, for pages that need more than the bundled one; not listed."""
        return asset("examples")

    def examples(self) -> list[Run]:
        """The runs with unknown images that came with the installation, in the order of their models' names."""
        found = collection.listed(self.bundled_examples)
        return [self.opened(run) for run in sorted(found, key=lambda run: run.spec.model, reverse=True)]

    def is_bundled(self, run: Run) -> bool:
        """Whether a run came with the installation, and so is nobody's to change."""
        return run.path.parent in (self.bundled, self.bundled_examples)

    def own(self, run_id: str, to: str) -> Run:
        """The user's run of this id, which may be changed, unlike the bundled one.

        Raises:
            InputError: it is the bundled run; `to` says what was asked for, such as 'be deleted'.
            RunNotFoundError: there is none.
        """
        run = self.find(run_id)
        if self.is_bundled(run):
            raise InputError(f"Expected a run of your own, but {run.id} came with the installation and cannot {to}.")
        return run

    def opened(self, run: Run) -> Run:
        """The run, with a place in this home for what is derived from it where its own folder cannot be written."""
        if not self.is_bundled(run) and os.access(run.path, os.W_OK):
            return run
        return replace(run, cache=self.cache / "derived" / run.id)

    def find(self, run_id: str) -> Run:
        """The user's run of this id, or else the bundled one."""
        return self.opened(collection.find(run_id, self.runs, self.bundled, self.bundled_examples))

    def example(self) -> Run:
        """The bundled run, also when the user has recorded one of the same spec and so of the same id.

        Raises:
            RunNotFoundError: the installation lacks it.
        """
        found = collection.listed(self.bundled)
        if not found:
            raise RunNotFoundError("Expected a bundled run, but the installation has none; press Run to record one.")
        return self.opened(found[0])

    def listed(self) -> list[Run]:
        """The user's runs, newest first, then the bundled ones."""
        return [self.opened(run) for run in collection.listed(self.runs, self.bundled)]

    def readable(self) -> list[Run]:
        """Those of `listed` whose facts and spec this version can read: a damaged or newer run hides no other."""
        found = []
        for run in self.listed():
            with contextlib.suppress(CorruptRunError):
                _ = run.spec, run.status
                found.append(run)
        return found

    def finished(self) -> dict[str, Run]:
        """Those that are finished, by their spec as JSON.

        A spec determines a run but for the bytes of its data, so it finds one without reading them.
        """
        return {run.spec.to_json(): run for run in self.readable() if run.state == "finished"}
