"""`enigma compare`: runs side by side."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from enigma.cli.options import JSON
from enigma.cli.output import aligned, print_json
from enigma.spec.shares import percent
from enigma.store.home import Home

if TYPE_CHECKING:
    from enigma.analysis.comparing.table import Row

_HEADS = {
    "source": "source", "first": "frame 0", "best": "best", "best_step": "(step)", "final": "final",
    "final_step": "(step)", "regret": "regret", "regret_overall": "to all", "entropy": "entropy", "flips": "flips",
    "prediction_entropy": "mean prediction",
}  # fmt: skip


@click.command()
@click.argument("run_ids", metavar="RUN...", nargs=-1, required=True)
@click.option("--fold", is_flag=True, help="Runs that differ in nothing but the seed become mean and deviation.")
@click.option("--scale", default="log", show_default=True, help="Axis of steps in the figure: log or linear.")
@click.option("--out", type=click.Path(path_type=Path), help="Figure to write: .png, .svg, .pdf, .html, or .csv.")
@JSON
@click.pass_obj
def compare(home: Home, run_ids: tuple[str, ...], fold: bool, scale: str, out: Path | None, as_json: bool) -> None:
    """Compare runs: best, final, regret, what differs, and the curves in one figure.

    \b
    enigma compare RUN RUN
    enigma compare RUN RUN RUN --out comparison.pdf
    enigma compare RUN RUN --json
    """
    from enigma.api import questions

    found = questions.compare(*run_ids, fold=fold, home=home)
    if out is not None:
        # Before anything is printed, so that an unknown format is the one sentence that is.
        click.echo(f"Wrote {found.export(out, scale=scale)}", err=True)
    if not as_json:
        click.echo("\n".join([*_table(found.rows), "", *found.verdict]))
        return
    ids = [row.run_id for row in found.rows]
    unlike = {one.field: dict(zip(ids, one.values, strict=True)) for one in found.differences}
    numbers = [
        {key: value if _is_known(key, value) else None for key, value in dataclasses.asdict(row).items()}
        for row in found.rows
    ]
    print_json({"runs": numbers, "differences": unlike, "verdict": found.verdict})


def _table(table: list["Row"]) -> list[str]:
    """One line a run, with the columns of the page; – where a run has no such number, and then why."""
    from enigma.analysis.comparing.table import columns, lacking

    shown = [column for column in columns(table) if column in _HEADS]
    cells = [["", *(_HEADS[column] for column in shown), "run"]]
    cells += [[row.name, *(_number(row, column) for column in shown), row.run_id] for row in table]
    return [*aligned(cells), *filter(None, [lacking(table)])]


def _is_known(column: str, value: Any) -> bool:
    """NaN, which does not equal itself, and a best step below 0 say that there are no labels."""
    return value == value and not (column == "best_step" and value < 0)


def _number(row: "Row", column: str) -> str:
    value = getattr(row, column)
    if not _is_known(column, value):
        return "–"
    if column in ("source", "first", "best", "final"):
        return percent(value)
    if column in ("best_step", "final_step"):
        return f"({value})"
    if column in ("entropy", "prediction_entropy"):
        return f"{value:.2f} nats"
    return f"{value:,.0f}" if column == "flips" else f"{value:.1f}"
