"""Runs that are stored: open one, list them, bring them in, bring them back."""

from pathlib import Path

import pandas as pd

from enigma.api.given import HomeLike, home_of
from enigma.api.opened import OpenedRun
from enigma.spec.errors import InputError
from enigma.store import archive, index
from enigma.store import trash as bin_
from enigma.store.run_folder import Run


def open_run(run: str | Path, *, home: HomeLike = None) -> OpenedRun:
    """A stored run by its id, or by the path of its folder.

    Args:
        run: the id of a run, or the folder of one anywhere.
        home: where ids are looked up, besides the runs that come with the installation.

    Raises:
        RunNotFoundError: there is no such run.
        CorruptRunError: it was changed since it was recorded, is damaged, or of a newer version.

    >>> open_run("429b4332ba79").title
    'Tent · Impulse noise 4'
    """
    place = Path(run)
    found = Run(place.resolve()) if (place / "run.json").is_file() else home_of(home).find(str(run))
    found.verify()
    return OpenedRun(found, home_of(home))


def runs(query: str = "", *, sort: str = "-created", home: HomeLike = None) -> pd.DataFrame:
    """All recorded runs, the bundled ones among them: one row a run, indexed by its id.

    Args:
        query: only runs that hold every word; also state:, method:, model:, shift: or tag: with a value.
        sort: created, title, name, state, steps, source, first, best or last; -best is from high to low.
        home: where they are kept.

    Returns:
        title, name, tags, note, model, shift, method, state, step, steps, four accuracies in [0, 1] (NaN where not
        known), created, bundled, and what is wrong with a run that is damaged.

    Raises:
        InputError: there is no such column or field.
    """
    found = index.ordered(index.filtered(index.rows(home_of(home)), query), sort)
    columns = list(index.Row(Path("none"), True, "").to_dict())
    table = pd.DataFrame([row.to_dict() for row in found], columns=columns)
    accuracies = [name for name in columns if name.endswith("_accuracy")]
    return table.astype(dict.fromkeys(accuracies, "float64")).set_index("run")


def import_runs(*files: str | Path, home: HomeLike = None) -> list[OpenedRun]:
    """The runs in zips that `OpenedRun.export` or `enigma export` wrote.

    Raises:
        InputError: one could not be read or imported; the others were, and the message says which was not.
    """
    place, imported, refused = home_of(home), [], []
    for file in files:
        found, errors = archive.import_runs(Path(file), place.runs)
        imported += [OpenedRun(run, place) for run in found]
        refused += errors
    if refused:
        raise InputError(" ".join(map(str, refused)))
    return imported


def restore(run_id: str, *, home: HomeLike = None) -> OpenedRun:
    """Brings a deleted run back from the trash.

    Raises:
        RunNotFoundError: it is not there.
        InputError: a run of this id has been recorded or imported since.
    """
    place = home_of(home)
    return OpenedRun(bin_.restore(run_id, place.trash, place.runs), place)


def trash(*, home: HomeLike = None) -> pd.DataFrame:
    """The deleted runs, last deleted first: indexed by id, with when, days left, and bytes."""
    rows = [
        {"run": item.run.id, "deleted": pd.Timestamp(item.when, unit="s"), "days_left": item.days_left(),
         "bytes": item.size}
        for item in bin_.thrown(home_of(home).trash)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["run", "deleted", "days_left", "bytes"]).set_index("run")


def empty_trash(*, home: HomeLike = None) -> int:
    """Deletes what is in the trash for good; returns how many runs that were."""
    return bin_.empty(home_of(home).trash, 0)
