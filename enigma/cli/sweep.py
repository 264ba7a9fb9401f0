"""`enigma sweep`: many runs from one file."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from enigma.api.writing import make_place
from enigma.cli.options import JSON, RECIPE, THREADS, WORKERS
from enigma.cli.output import aligned, print_json
from enigma.spec.run_spec import RunSpec
from enigma.spec.shares import percent
from enigma.store.home import Home

_OUT_HELP = "Write the table of errors: .csv, .parquet, .tex or .md; may be repeated."


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@WORKERS
@THREADS
@RECIPE
@click.option("--no-projection", is_flag=True, help="Do not compute UMAP projections.")
@click.option("--dry-run", is_flag=True, help="Print the specs and record nothing.")
@click.option("--out", "places", type=click.Path(path_type=Path), multiple=True, help=_OUT_HELP)
@JSON
@click.pass_obj
def sweep(
    home: Home, file: Path, workers: int | None, threads: int | None, recipe: str | None, no_projection: bool,
    dry_run: bool, places: tuple[Path, ...], as_json: bool,
) -> None:  # fmt: skip
    """Record every combination of the lists and ranges in a run spec.

    \b
    enigma sweep sweep.toml
    enigma sweep sweep.toml --recipe paper --out errors.tex --out errors.csv
    enigma sweep sweep.toml --workers 4 --no-projection --json

    \b
    A sweep file is a run spec whose fields may be lists or ranges:
      corruption = ["fog", "contrast"]
      severity = { from = 1, to = 5, step = 2 }
      lr = { from = 1e-4, to = 1e-2, count = 3 }

    What is recorded is skipped, what was interrupted goes on, what fails is listed and stops nothing else. At the end
    stands a table of errors: the mean over corruptions, and mean and deviation over seeds. The online error is that on
    each batch as it arrives.
    """
    from enigma.figures.files import sweep_table
    from enigma.jobs.sweep import read

    specs = [spec.as_published() if recipe else spec for spec in read(file)]
    if dry_run:
        print_json([spec.to_dict() for spec in specs])
        return
    for place in places:
        sweep_table.check(place)
        make_place(place)
    _say(specs, is_published=bool(recipe))
    outcomes = _recorded(specs, home, workers, threads, project=not no_projection)
    _show(home, outcomes, places, as_json=as_json)
    if any(outcome.state == "failed" for outcome in outcomes):
        sys.exit(1)


def _say(specs: Sequence[RunSpec], *, is_published: bool) -> None:
    """What varies, and where methods would be compared at rates that are not theirs."""
    from enigma.analysis.sweep_table import varying

    axes = varying(specs)
    told = " x ".join(f"{len(values)} {name} ({_listed(values)})" for name, values in axes.items())
    click.echo(f"{len(specs):,} runs" + (f": {told}" if told else ""), err=True)
    demonstrated = any(spec != spec.as_published() for spec in specs)
    if "method" in axes and demonstrated and not is_published:
        click.echo(
            "Tent takes the learning rate of the demonstration, 0.003, and the other methods those of their papers; "
            "compare them as published with --recipe paper.",
            err=True,
        )


def _listed(values: Sequence[Any]) -> str:
    words = [str(value) for value in values]
    return ", ".join(words if len(words) <= 6 else [*words[:3], "…", words[-1]])


def _recorded(
    specs: Sequence[RunSpec], home: Home, workers: int | None, threads: int | None, *, project: bool
) -> list[Any]:
    from tqdm import tqdm

    from enigma.jobs.sweep import Outcome, processes
    from enigma.jobs.sweep import sweep as record_all

    with processes(workers, threads, jobs=len(specs)) as executor, tqdm(total=len(specs), unit="run") as bar:

        def done(outcome: Outcome) -> None:
            bar.update()
            if outcome.state == "failed":
                bar.write(f"Failed: {outcome.message}", file=sys.stderr)

        try:
            return record_all(specs, home, executor, project=project, done=done)
        except KeyboardInterrupt:
            executor.shutdown(wait=False, cancel_futures=True)
            click.echo("\nInterrupted; go on with the same command.", err=True)
            sys.exit(130)


def _show(home: Home, outcomes: Sequence[Any], places: Sequence[Path], *, as_json: bool) -> None:
    """A line a run and the table of errors, or all of it as JSON; the table in files too."""
    from enigma.analysis.sweep_table import errors, table
    from enigma.figures.files import sweep_table

    runs = [None if outcome.state == "failed" else home.find(outcome.run_id) for outcome in outcomes]
    found = table([outcome.spec for outcome in outcomes], runs)
    for place in places:
        place.write_bytes(sweep_table.WRITERS[place.suffix](found, [run.id for run in runs if run]))
        click.echo(f"Wrote {place}", err=True)
    rows = [_row(home, outcome) for outcome in outcomes]
    if as_json:
        known = [{} if run is None else errors(run) for run in runs]
        online = [one.get("online_error") for one in known]
        print_json(
            [row | {"online_error": None if value != value else value} for row, value in zip(rows, online, strict=True)]
        )
        return
    head, cells = sweep_table.cells(found)
    click.echo("\n".join([*(_line(row) for row in rows), "", *aligned([head, *cells])]))


def _row(home: Home, outcome: Any) -> dict[str, Any]:
    from enigma.analysis.reading import summary
    from enigma.spec.titles import title

    numbers = summary(home.find(outcome.run_id)) if outcome.state != "failed" else {"run": outcome.run_id}
    facts = {"title": title(outcome.spec), "state": outcome.state, "message": outcome.message}
    return {**facts, **numbers, "seconds": round(outcome.seconds, 1), "spec": outcome.spec.to_dict()}


def _line(row: dict[str, Any]) -> str:
    if row["state"] == "failed":
        return f"{row['run'] or '-':<12}  failed    {row['title']}: {row['message']}"
    names = {"source": "source", "frame0": "frame 0", "best": "best", "final": "final"}
    known = {name: row[f"{key}_accuracy"] for key, name in names.items()}
    accuracies = "  ".join(f"{name} {percent(value, unknown='-'):>7}" for name, value in known.items())
    return f"{row['run']}  {row['state']:<8}  {accuracies}  {row['title']}"
