"""`enigma compare`: runs side by side."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from enigma.cli.options import JSON
from enigma.cli.output import aligned, percent, print_json, written
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
    from enigma.analysis.comparing.differences import differences, in_words
    from enigma.analysis.comparing.runs import compared, environment, series
    from enigma.analysis.comparing.table import rows
    from enigma.analysis.comparing.verdict import verdict

    runs = [home.find(run_id) for run_id in dict.fromkeys(run_ids)]
    for run in runs:
        run.verify()
    read = [compared(run) for run in runs]
    table, found = rows(read), differences([run.spec for run in read])
    words = verdict(table, min(len(run.probe_images) for run in read)) + ([in_words(found)] if len(read) > 1 else [])
    if out is not None:
        # Before anything is printed, so that an unknown format is the one sentence that is.
        from enigma.figures.files.comparison import export_overlay

        content = export_overlay(series(read, fold=fold), read, out.suffix.lstrip(".").lower(), scale=scale)
        click.echo(f"Wrote {written(out, content)}", err=True)
    if not as_json:
        click.echo("\n".join([*_table(table), "", *words]))
        return
    unlike = {
        one.field: dict(zip((run.run_id for run in read), one.values, strict=True))
        for one in [*found, *environment(read)]
    }
    numbers = [
        {key: value if _is_known(key, value) else None for key, value in dataclasses.asdict(row).items()}
        for row in table
    ]
    print_json({"runs": numbers, "differences": unlike, "verdict": words})


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
