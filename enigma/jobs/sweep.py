"""Many runs from one file: lists and ranges in any field of a run spec make a grid.

Each run is the same idempotent job as `enigma run`: what is recorded already is skipped, what was interrupted goes on
from its checkpoint. Anything that offers `concurrent.futures.Executor` can do the work.
"""

import itertools
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from enigma.analysis.projection.names import DEFAULT
from enigma.jobs.processes import processes
from enigma.spec.catalogue import METHODS
from enigma.spec.errors import BusyRunError, EnigmaError, InputError
from enigma.spec.run_spec import RunSpec, read_values
from enigma.store.home import Home
from enigma.store.run_folder import Run

__all__ = ["Outcome", "grid", "processes", "read", "record", "sweep"]

LARGEST = 100_000
"""A grid beyond this is a slip of the pen."""
BUSY = "busy"
"""State of a run that another process is recording, until that has ended."""
_ENDED = "The process that recorded it was ended from outside; the same command goes on from there."


@dataclass(frozen=True)
class Outcome:
    """What became of one run of a sweep.

    Attributes:
        state: recorded, skipped (it was there already, or another sweep recorded it meanwhile) or failed.
        run_id: empty where it failed before it began.
        message: why it failed.
        seconds: wall clock, with analysis and projection.
    """

    spec: RunSpec
    state: str
    run_id: str = ""
    message: str = ""
    seconds: float = 0.0


def read(path: Path) -> list[RunSpec]:
    """The runs of a sweep file in TOML or JSON.

    Raises:
        InputError: the file, a range or one of the specs makes no sense.
    """
    return grid(read_values(path))


def grid(values: dict[str, Any]) -> list[RunSpec]:
    """Every combination of the lists and ranges in `values`, the last field varying fastest.

    A list is a choice, unless the field takes a list by itself (`frames`, `settings.betas`): there a list of lists is.
    `{from = 1, to = 5, step = 2}` is 1, 3, 5; `{from = 1e-4, to = 1e-2, count = 3}` is evenly spaced on a logarithmic
    axis: 0.0001, 0.001, 0.01.

    >>> [(spec.seed, spec.severity) for spec in grid({"seed": {"from": 0, "to": 1}, "severity": [3, 5]})]
    [(0, 3), (0, 5), (1, 3), (1, 5)]
    """
    axes = dict(_axes(values))
    if math.prod(len(choices) for choices in axes.values()) > LARGEST:
        raise InputError(f"Expected a sweep of at most {LARGEST:,} runs, but got more; shorten a list.")
    return [_spec(dict(zip(axes, chosen, strict=True))) for chosen in itertools.product(*axes.values())]


def _axes(values: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """The choices of each field; those of the method's settings under 'settings.name'."""
    for name, value in values.items():
        if name == "settings":
            if not isinstance(value, dict):
                raise InputError(f"Expected `settings` to be a table of names and values, but got {value!r}.")
            for setting, chosen in value.items():
                yield f"settings.{setting}", _choices(f"settings.{setting}", chosen, _is_pair(values, setting))
        else:
            yield name, _choices(name, value, _takes(name, value))


def _choices(name: str, value: Any, plain: bool) -> list[Any]:
    if isinstance(value, dict):
        return _range(name, value)
    if plain or not isinstance(value, list):
        return [value]
    if not value:
        raise InputError(f"Expected `{name}` to list at least one value, but got none.")
    return value


def _takes(name: str, value: Any) -> bool:
    """Whether a field takes this list by itself."""
    field = RunSpec.model_fields.get(name)
    if field is None or field.annotation is None or not isinstance(value, list):
        return True
    try:
        TypeAdapter(field.annotation).validate_python(value)
    except ValidationError:
        return False
    return True


def _is_pair(values: dict[str, Any], setting: str) -> bool:
    """Whether a setting takes two numbers, in any of the methods that are swept."""
    methods = values.get("method", RunSpec().method)
    names = methods if isinstance(methods, list) else [methods]
    known = [found for name in names if name in METHODS for found in METHODS[name].settings if found.name == setting]
    chosen = values["settings"][setting]
    nested = isinstance(chosen, list) and any(isinstance(part, list) for part in chosen)
    return any(isinstance(found.default, tuple) for found in known) and not nested


def _range(name: str, value: dict[str, Any]) -> list[Any]:
    keys = set(value) if all(isinstance(part, int | float) for part in value.values()) else set()
    if keys == {"from", "to", "count"} and value["from"] > 0 and value["to"] > 0 and value["count"] >= 1:
        return [float(f"{number:.6g}") for number in np.geomspace(value["from"], value["to"], value["count"])]
    step = value.get("step", 1)
    if {"from", "to"} <= keys <= {"from", "to", "step"} and step > 0 and value["to"] >= value["from"]:
        count = math.floor((value["to"] - value["from"]) / step + 1e-9) + 1
        numbers = [value["from"] + step * index for index in range(min(count, LARGEST + 1))]
        return [number if isinstance(number, int) else float(f"{number:.10g}") for number in numbers]
    raise InputError(
        f"Expected `{name}` to be a range such as {{from = 1, to = 5, step = 2}} or, on a logarithmic axis, "
        f"{{from = 1e-4, to = 1e-2, count = 5}}, but got {value}."
    )


def _spec(chosen: dict[str, Any]) -> RunSpec:
    fields = {name: value for name, value in chosen.items() if not name.startswith("settings.")}
    settings = {name.removeprefix("settings."): value for name, value in chosen.items() if name not in fields}
    return RunSpec.parse({**fields, **({"settings": settings} if settings else {})})


def sweep(
    specs: Sequence[RunSpec],
    home: Home,
    executor: Executor,
    *,
    project: bool = True,
    done: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Records all of `specs` in `home` and returns what became of each, in their order.

    Args:
        specs: the runs.
        home: where they are recorded.
        executor: who does the work; see `processes`.
        project: whether to compute UMAP projections too.
        done: told of each run as it ends. A run that fails does not stop the others.
    """
    outcomes: dict[int, Outcome] = {}
    for index, outcome in _outcomes(specs, range(len(specs)), home, executor, project):
        outcomes[index] = outcome
        if outcome.state != BUSY:
            done(outcome)
    # Last of all, so that nobody waits while there is something to do.
    busy = [index for index, outcome in outcomes.items() if outcome.state == BUSY]
    for index, outcome in _outcomes(specs, busy, home, executor, project, wait=True):
        outcomes[index] = outcome
        done(outcome)
    return [outcomes[index] for index in range(len(specs))]


def _outcomes(
    specs: Sequence[RunSpec], chosen: Iterable[int], home: Home, executor: Executor, project: bool, *,
    wait: bool = False,
) -> Iterator[tuple[int, Outcome]]:  # fmt: skip
    """Records the chosen specs, and gives the place and outcome of each as it ends."""
    futures: dict[Future[Outcome], int] = {}
    try:
        for index in chosen:
            futures[executor.submit(record, specs[index], home, project, wait)] = index
    except BrokenExecutor:
        # Those that could not be handed over are told below; one that is killed takes the others with it.
        for index in set(chosen) - set(futures.values()):
            yield index, Outcome(specs[index], "failed", "", _ENDED)
    for future in as_completed(futures):
        try:
            yield futures[future], future.result()
        except BrokenExecutor:
            yield futures[future], Outcome(specs[futures[future]], "failed", "", _ENDED)


def record(spec: RunSpec, home: Home, project: bool, wait: bool = False) -> Outcome:
    """One run of a sweep, in whatever process this is called.

    Args:
        wait: where another process is recording it, wait until that has ended; its outcome is `BUSY` otherwise.
    """
    from enigma.jobs.record_and_project import record_and_project
    from enigma.recording.loop import Listeners

    start = time.monotonic()
    begun: list[Run] = []
    try:
        while True:
            try:
                run = record_and_project(spec, home, Listeners(started=begun.append), (DEFAULT,) if project else ())
                break
            except BusyRunError:
                # It has looked for two seconds whether the run would become free.
                if not wait:
                    return Outcome(spec, BUSY)
    except EnigmaError as error:
        run_id = begun[0].id if begun else ""
        return Outcome(spec, "failed", run_id, str(error), time.monotonic() - start)
    return Outcome(spec, "recorded" if begun else "skipped", run.id, "", time.monotonic() - start)
