"""From a name to files: record what is missing, compute, write."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from enigma.jobs import sweep
from enigma.reproduce.grid import CLEAN
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


def clean_base(spec: RunSpec | None, given: Mapping[str, Any]) -> RunSpec:
    """The run on clean images that every other of a reproduction differs from by its shift.

    Args:
        spec: what to begin with; None for that of the bundled grid.
        given: fields that differ; with other `steps` as many frames are recorded as by default.
    """
    named = dict(given)
    if "steps" in named:
        named.setdefault("frames", len(CLEAN.frame_steps))
    return (spec or CLEAN).override(**{**named, "corruption": "none", "severity": 1})


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
