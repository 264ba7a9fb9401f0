"""Record one run, go on with one, or record many."""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from enigma.analysis.projection.names import DEFAULT
from enigma.api.given import HomeLike, SpecLike, home_of, spec_of
from enigma.api.opened import OpenedRun
from enigma.jobs import sweep as sweeps
from enigma.recording.listeners import Listeners, Progress
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.run_folder import Run


def run(
    spec: SpecLike = None,
    *,
    home: HomeLike = None,
    project: bool = True,
    threads: int | None = None,
    on_step: Callable[[Progress], None] | None = None,
    **fields: Any,
) -> OpenedRun:
    """Adapts a model to a shifted dataset step by step and records it; what is recorded already is opened.

        enigma.run(method="eata", corruption="fog", severity=5)
        enigma.run({"dataset": "photos/", "steps": 200}, on_step=print)

    Interrupted, the same call goes on from where it stood, to the same bits.

    Args:
        spec: a `RunSpec`, its values, or a TOML or JSON file; None for the default run.
        home: where runs are kept; None for ENIGMA_HOME, else ~/.enigma.
        project: whether UMAP is computed at the end, which takes seconds to a minute.
        threads: of torch, on which the last bits of a run depend; None for OMP_NUM_THREADS, else 2, as everywhere.
        on_step: told of step, entropy (nats) and accuracy of the batch after every update.
        fields: of `RunSpec`, which change the spec. Optimizer and learning rate that are not named are those of
            `enigma.spec.recipes`, the same that `enigma.adapt.build` starts from.

    Raises:
        InputError: the spec makes no sense, or does not fit the model or the data.
        NonFiniteLossError: the loss became NaN or infinite; the run keeps what it has.
    """
    return _recorded(spec_of(spec, fields), home_of(home), project, on_step, threads=threads)


def resume(
    run: OpenedRun | str,
    more: int | None = None,
    *,
    home: HomeLike = None,
    project: bool = True,
    on_step: Callable[[Progress], None] | None = None,
) -> OpenedRun:
    """Goes on with a paused, stopped or interrupted run, or with a finished one for more steps.

    Args:
        run: the run, or its id.
        more: how many steps from where it stands; None as far as it was meant to go. The longer run has an id of its
            own and answers to that of the shorter one too.
        home: as in `run`.
        project: as in `run`.
        on_step: as in `run`.

    Raises:
        RunNotFoundError: there is no such run.
        InputError: it is being recorded elsewhere.
    """
    place = home_of(home)
    extends = place.find(run if isinstance(run, str) else run.id)
    spec = extends.spec.extended(more, extends.status["step"]) if more else extends.spec
    return _recorded(spec, place, project, on_step, extends)


def specs(source: str | Path | Mapping[str, Any]) -> list[RunSpec]:
    """The runs of a sweep, the last field varying fastest, without recording any.

    Args:
        source: a TOML or JSON file, or its values: those of a spec, of which any may be a list or a range.

    Raises:
        InputError: the file, a range or one of the specs makes no sense.

    >>> [spec.seed for spec in specs({"seed": {"from": 0, "to": 2}})]
    [0, 1, 2]
    """
    return sweeps.read(Path(source)) if isinstance(source, str | Path) else sweeps.grid(dict(source))


def sweep(
    source: str | Path | Mapping[str, Any],
    *,
    home: HomeLike = None,
    workers: int | None = None,
    threads: int | None = None,
    project: bool = True,
    on_run: Callable[[sweeps.Outcome], None] = lambda outcome: None,
) -> list[OpenedRun]:
    """Records every combination of the lists and ranges in a spec, several at a time; what is recorded is opened.

    Each run is recorded by a process of its own, so a script that calls this begins with
    `if __name__ == "__main__":`; a notebook needs nothing.

    Args:
        source: as in `specs`.
        home: where runs are kept.
        workers: processes at a time; None for as many as the cores have room for.
        threads: of torch in each process, on which the last bits of a run depend; None for as many as in `run`.
        project: whether UMAP is computed.
        on_run: told of each run as it ends: its spec, whether it was recorded, skipped or failed, and why.

    Returns:
        The runs in the order of `specs`. One that fails stops no other: a warning says why, and it is among them only
        as far as it has frames.

    Raises:
        InputError: the source makes no sense.
    """
    wanted, place = specs(source), home_of(home)
    with sweeps.processes(workers, threads, jobs=len(wanted)) as executor:
        outcomes = sweeps.sweep(wanted, place, executor, project=project, done=on_run)
    for outcome in outcomes:
        if outcome.state == "failed":
            warnings.warn(outcome.message, stacklevel=2)
    return [OpenedRun(place.find(outcome.run_id), place) for outcome in outcomes if outcome.run_id]


def _recorded(
    spec: RunSpec, home: Home, project: bool, on_step: Callable[[Progress], None] | None, extends: Run | None = None,
    threads: int | None = None,
) -> OpenedRun:  # fmt: skip
    # It imports torch, which who only opens runs does not need.
    from enigma.jobs.record_and_project import record_and_project

    listeners = Listeners(stepped=on_step) if on_step else None
    names = (DEFAULT,) if project else ()
    return OpenedRun(record_and_project(spec, home, listeners, names, extends, threads), home)
