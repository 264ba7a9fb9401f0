"""`enigma detect` and `enigma runs unknown`: how well unknown images are told from known ones."""

import math
from pathlib import Path
from typing import Any

import click

from enigma.api.writing import make_place, written
from enigma.cli.options import JSON, named, spec_options
from enigma.cli.output import print_json
from enigma.spec.catalogue import SCORES
from enigma.spec.errors import InputError
from enigma.spec.shares import percent
from enigma.store.csv_file import csv_text
from enigma.store.home import Home

COLUMNS = {
    "auroc": "AUROC", "aupr_known": "AUPR-in", "aupr_unknown": "AUPR-out", "tnr_at_tpr95_known_positive": "TNR@TPR95",
    "fpr95_unknown_positive": "FPR@95", "dtacc": "DTACC",
}  # fmt: skip
CONVENTIONS = (
    "In %. TNR@TPR95: known positive, unknown images rejected when 95 % of the known are kept. "
    "FPR@95: unknown positive, known images rejected when 95 % of the unknown are caught."
)


@click.command()
@click.option("--keep", type=click.FloatRange(0.0, 1.0, min_open=True), default=0.95, show_default=True,
              help="Which part of the known images the threshold keeps.")  # fmt: skip
@click.option("--score", type=click.Choice(list(SCORES)), default="energy", show_default=True,
              help="The score that the decisions go by.")  # fmt: skip
@click.option("--csv", type=click.Path(path_type=Path), help="Write the decision on every image to this file.")
@spec_options
@JSON
@click.pass_obj
def detect(home: Home, keep: float, score: str, csv: Path | None, as_json: bool, **fields: str | None) -> None:
    """Tell images a model does not know from those it does, before any adaptation.

    \b
    enigma detect --model resnet-bn-isomaxplus --unknown digits,uniform,patches
    enigma detect --model vit-ln --unknown photos/ --score entropy --csv decisions.csv

    The threshold is set on one half of the known images and judged on the other. Without --unknown, on all sets.
    """
    from enigma.api import models

    if math.isnan(keep):
        raise InputError("Expected --keep to be a share above 0 and at most 1, but got nan.")
    if csv:
        make_place(csv)
    given = named(fields)
    names = [name.strip() for name in given.pop("unknown").split(",")] if "unknown" in given else []
    found = models.detect(*names, home=home, **given)
    decided = [one.decide(score, keep) for one in found]
    if csv:
        import pandas as pd

        table = pd.concat([one.table for one in decided])
        written(csv, csv_text(table).encode())
    if as_json:
        rows = [{"unknown": one.name, "accuracy": one.accuracy, "detection": one.to_dict()} for one in found]
        print_json({"sets": rows, "thresholds": [one.to_dict() for one in decided]})
        return
    click.echo(CONVENTIONS)
    for one, decision in zip(found, decided, strict=True):
        known, unknown = len(next(iter(one.known.values()))), len(next(iter(one.unknown.values())))
        click.echo(
            f"\n{one.name}: {unknown:,} unknown images, {known:,} known ones with accuracy {percent(one.accuracy)}"
        )
        click.echo(_metrics({name: metrics.to_dict() for name, metrics in one.metrics.items()}, "score"))
        click.echo(decision.sentence)
    if csv:
        click.echo(f"\nWrote {csv}")


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("--score", type=click.Choice(list(SCORES)), help="Only this score; default: all.")
@click.option("--csv", is_flag=True, help="As CSV.")
@JSON
@click.pass_obj
def unknown(home: Home, run_id: str, score: str | None, csv: bool, as_json: bool) -> None:
    """Say of every frame of a run how well unknown images are told from known ones.

    \b
    enigma runs unknown RUN --score entropy
    """
    from enigma.analysis.unknowns.frames import table, unknowns

    run = home.find(run_id)
    run.verify()
    if score is not None and score not in run.facts.get("scores", [score]):
        raise InputError(f"Expected a score among {', '.join(run.facts['scores'])} in run {run_id}, but got {score}.")
    found = unknowns(run)
    rows = table(found)
    rows = rows[rows["score"] == score] if score else rows
    if as_json:
        click.echo(rows.to_json(orient="records", indent=1))
        return
    if csv:
        click.echo(csv_text(rows), nl=False)
        return
    click.echo(CONVENTIONS)
    for name, part in rows.groupby("score", sort=False):
        click.echo(f"\n{SCORES[str(name)].title}")
        values = {str(row["frame"]): dict(row) for _, row in part.iterrows()}
        accuracy, auroc = found.best(str(name))
        click.echo(_metrics(values, "frame", {"accuracy": "accuracy", **COLUMNS, "h_score": "H-score"}))
        click.echo(f"Best accuracy at step {accuracy.step}, best AUROC at step {auroc.step}.")


def _metrics(rows: dict[str, dict[str, Any]], first: str, columns: dict[str, str] = COLUMNS) -> str:
    """A table of shares in per cent."""
    lines = [f"{first:<12}" + "".join(f"{title:>11}" for title in columns.values())]
    for name, values in rows.items():
        lines.append(f"{name:<12}" + "".join(f"{100 * values[column]:>11.1f}" for column in columns))
    return "\n".join(lines)
