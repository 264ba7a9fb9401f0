"""The paper's figures and tables made again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from enigma.api.given import HomeLike, SpecLike, home_of, spec_of
from enigma.jobs import sweep
from enigma.reproduce import make
from enigma.reproduce.registry import find
from enigma.reproduce.stored import Stored, folder


def reproduce_paper(
    name: str,
    *,
    spec: SpecLike = None,
    out: str | Path | None = None,
    clean: str | None = None,
    workers: int | None = None,
    only_recorded: bool = False,
    home: HomeLike = None,
    on_run: Callable[[sweep.Outcome], None] = lambda outcome: None,
    **fields: Any,
) -> Stored:
    """A figure or table of the paper made again, and compared with what the paper says.

    Records what is missing of the runs it needs, then writes NAME.csv, .png, .pdf, .md and .json.

    Args:
        name: such as figure-6 or table-1; the keys of `enigma.reproduce.registry.REPRODUCTIONS`.
        spec: what its runs share; None for the bundled grid's.
        out: folder to write to; None for paper/NAME in the home.
        clean: with a `dataset` of one's own, the clean images where they lie elsewhere.
        workers: processes at a time; None for as many as the cores have room for.
        only_recorded: record nothing, and make it from the runs that are there.
        home: where runs are kept.
        on_run: told of each run as it ends.
        fields: of `RunSpec`, which change the spec.

    Returns:
        Sentences, each with whether it agrees with the paper; `verdict`, and from how many of how many runs.

    Raises:
        InputError: there is no such name, or too little is recorded.
    """
    one, place = find(name), home_of(home)
    base = make.clean_base(None if spec is None else spec_of(spec, {}), fields)
    wanted = make.specs_of(one, base, clean)
    missing = [] if only_recorded else make.missing(wanted, place)
    if missing:
        with sweep.processes(workers, jobs=len(missing)) as executor:
            make.record(missing, place, executor, on_run)
    return make.make(one, wanted, place, folder(place, name) if out is None else Path(out))
