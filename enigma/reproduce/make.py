"""From a name to files: record what is missing, compute, write."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path

from enigma.jobs import sweep
from enigma.reproduce.result import Reproduction
from enigma.reproduce.stored import Stored, write
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.run_folder import Run


def missing(specs: Sequence[RunSpec], home: Home) -> list[RunSpec]:
    """Those of `specs` that no finished run of `home` was made from."""
    known = home.finished()
    return [spec for spec in specs if spec.to_json() not in known]


def recorded(specs: Sequence[RunSpec], home: Home) -> list[Run]:
    """The finished runs of `specs` that `home` has, in their order."""
    known = home.finished()
    return [known[spec.to_json()] for spec in specs if spec.to_json() in known]


def record(
    specs: Sequence[RunSpec], home: Home, executor: Executor, done: Callable[[sweep.Outcome], None]
) -> list[sweep.Outcome]:
    """Records those that are missing and returns the ones that failed; what was interrupted goes on."""
    outcomes = sweep.sweep(specs, home, executor, project=False, done=done)
    return [outcome for outcome in outcomes if outcome.state == "failed"]


def specs_of(reproduction: Reproduction, clean: RunSpec, dataset: str | None = None) -> list[RunSpec]:
    """The runs of a reproduction; those of clean images are of `dataset`, where they lie elsewhere."""
    specs = reproduction.specs(clean)
    return [spec.override(dataset=dataset) if dataset and spec.corruption == "none" else spec for spec in specs]


def make(reproduction: Reproduction, specs: Sequence[RunSpec], home: Home, out: Path) -> Stored:
    """Computes and writes a reproduction from what is recorded.

    Raises:
        InputError: too little is recorded.
    """
    runs = recorded(specs, home)
    return write(reproduction, reproduction.make(runs), runs, specs, out)
