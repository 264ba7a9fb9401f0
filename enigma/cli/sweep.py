"""`enigma sweep`: many runs from one file."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from enigma.cli.options import JSON
from enigma.cli.output import print_json
from enigma.spec.shares import percent
from enigma.store.home import Home


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--workers", type=click.IntRange(min=1), help="Processes at a time; default: one a core.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Threads of torch a process.")
@click.option("--no-projection", is_flag=True, help="Do not compute UMAP projections.")
@click.option("--dry-run", is_flag=True, help="Print the specs and record nothing.")
@JSON
@click.pass_obj
def sweep(
    home: Home, file: Path, workers: int | None, threads: int, no_projection: bool, dry_run: bool, as_json: bool
) -> None:
    """Record every combination of the lists and ranges in a run spec.

    \b
    enigma sweep sweep.toml
    enigma sweep sweep.toml --workers 4 --no-projection --json

    \b
    A sweep file is a run spec whose fields may be lists or ranges:
      corruption = ["fog", "contrast"]
      severity = { from = 1, to = 5, step = 2 }
      lr = { from = 1e-4, to = 1e-2, count = 3 }

    What is recorded is skipped, what was interrupted goes on, what fails is listed and stops nothing else.
    """
    from tqdm import tqdm

    from enigma.jobs.sweep import Outcome, processes, read
    from enigma.jobs.sweep import sweep as record_all

    specs = read(file)
    if dry_run:
        print_json([spec.to_dict() for spec in specs])
        return
    workers = workers or max(1, (os.cpu_count() or 1) // threads)
    with processes(min(workers, len(specs)), threads) as executor, tqdm(total=len(specs), unit="run") as bar:

        def done(outcome: Outcome) -> None:
            bar.update()
            if outcome.state == "failed":
                bar.write(f"Failed: {outcome.message}", file=sys.stderr)

        outcomes = record_all(specs, home, executor, project=not no_projection, done=done)
    rows = [_row(home, outcome) for outcome in outcomes]
    if as_json:
        print_json(rows)
    else:
        click.echo("\n".join(_line(row) for row in rows))
    if any(outcome.state == "failed" for outcome in outcomes):
        sys.exit(1)


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
