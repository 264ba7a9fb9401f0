"""What the commands of `enigma` do; imported when one runs, so that `--help` is quick."""

import dataclasses
import json
import math
import os
import sys
import time
import tomllib
from pathlib import Path
from typing import Any, NoReturn

import click
from tqdm import tqdm

from enigma.analysis.assemble import notes, summary, trajectory
from enigma.analysis.comparing.differences import differences, in_words
from enigma.analysis.comparing.runs import compared, environment, series
from enigma.analysis.comparing.table import Row, columns, lacking, rows
from enigma.analysis.comparing.verdict import verdict
from enigma.analysis.metrics.frame_metrics import frame_metrics
from enigma.analysis.projection.methods import PROJECTIONS
from enigma.errors import InputError
from enigma.figures.shared.export_request import Export
from enigma.spec.assets import app_script, streamlit_config
from enigma.spec.run_spec import RunSpec
from enigma.spec.titles import title
from enigma.store.home import VARIABLE, Home
from enigma.store.run_folder import Run


def run_command(spec: RunSpec, home: Home, extends: Run | None, *, project: bool, as_json: bool) -> None:
    """Records with a progress bar, then prints the summary."""
    from enigma.jobs import pipeline
    from enigma.recording.loop import Listeners, Progress

    start = time.monotonic()
    # None hides the bar where nobody sees it.
    with tqdm(total=spec.steps, unit="step", disable=None) as bar:

        def stepped(progress: Progress) -> None:
            bar.update(progress.step - bar.n)
            accuracy = {"accuracy": f"{progress.accuracy:.1%}"} if math.isfinite(progress.accuracy) else {}
            bar.set_postfix(entropy=f"{progress.entropy:.3f}", **accuracy, refresh=False)

        def corrupting(done: int, total: int) -> None:
            bar.set_description(f"preparing images {done}/{total}" if done < total else "")

        def started(run: Run) -> None:
            bar.initial = bar.n = run.status["step"]
            click.echo(f"{title(spec)}: run {run.id} in {run.path}", err=True)

        listeners = Listeners(corrupting=corrupting, started=started, stepped=stepped)
        try:
            run = pipeline.run(spec, home, listeners, ("umap",) if project else (), extends)
        except KeyboardInterrupt:
            click.echo("\nInterrupted; go on with the same command.", err=True)
            sys.exit(130)
    numbers = {**summary(run), "seconds": round(time.monotonic() - start, 1)}
    click.echo(json.dumps(numbers) if as_json else _told(numbers))


def _told(numbers: dict[str, Any]) -> str:
    watch = f"Watch it: enigma app, then http://localhost:8501/?run={numbers['run']}"
    seconds = f"seconds            {numbers['seconds']:7.1f}"
    if numbers["best_step"] is None:
        return f"accuracy           unknown: the test images have no labels\n{seconds}\n{watch}"
    return "\n".join(
        (
            f"source accuracy    {numbers['source_accuracy']:7.1%}   the model as trained, stored statistics",
            f"frame 0 accuracy   {numbers['frame0_accuracy']:7.1%}   before any update",
            f"best accuracy      {numbers['best_accuracy']:7.1%}   at step {numbers['best_step']}: phase 1 ends here",
            f"final accuracy     {numbers['final_accuracy']:7.1%}",
            seconds,
            f"{watch}&step={numbers['best_step']}",
        )
    )


def inspect_command(spec: RunSpec, home: Home, out: Path | None, as_json: bool) -> None:
    """Prints what a run of `spec` would work on."""
    from enigma.recording.inspection import inspect

    with tqdm(disable=None, leave=False) as bar:
        found = inspect(spec, home.cache, lambda done, total: bar.set_description(f"preparing images {done}/{total}"))
    click.echo(json.dumps(found.to_dict(), indent=1) if as_json else found.to_text())
    if out:
        click.echo(f"Wrote {_written(out, found.samples)}", err=True)


def app_command(home: Home, port: int, address: str, *, headless: bool) -> NoReturn:
    """Becomes Streamlit on the app script, so that whoever stops this process stops the server."""
    settings = _flat(tomllib.loads(streamlit_config().read_text(encoding="utf-8")))
    settings |= {"server.port": port, "server.address": address, "server.headless": headless}
    flags = [f"--{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in settings.items()]
    command = [sys.executable, "-m", "streamlit", "run", str(app_script()), *flags]
    os.execve(sys.executable, command, {**os.environ, VARIABLE: str(home.path)})


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as 'theme.light.textColor' names, as Streamlit's flags are called."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return flat


def _row(run: Run) -> dict[str, Any]:
    status, facts = run.status, run.facts
    return {
        "run": run.id,
        "title": title(run.spec),
        "model": run.spec.model,
        "state": status["state"],
        "step": status["step"],
        "created": facts["created"],
    }


def runs_show_command(home: Home, run_id: str, as_json: bool) -> None:
    """Spec as TOML and the summary, or all of it as JSON."""
    run = home.find(run_id)
    run.verify()
    values = {**_row(run), **(summary(run) if run.frame_steps else {}), "spec": run.spec.to_dict()}
    if as_json:
        click.echo(json.dumps({**values, "facts": run.facts}, indent=1))
        return
    spec = values.pop("spec")
    unknown = "unknown: the test images have no labels"
    click.echo("\n".join(f"{name:<18}{unknown if value is None else value}" for name, value in values.items()))
    for line in (*run.facts.get("dataset", []), *notes(run.facts)):
        click.echo(line)
    click.echo("\n" + RunSpec.parse(spec).to_toml())


def _shown(value: float, digits: int) -> str:
    """A number, or a dash where it is not known."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "–"


def frames_command(home: Home, run_id: str) -> None:
    """One row a frame, as Markdown."""
    run = home.find(run_id)
    run.verify()
    click.echo("| step | accuracy % | entropy | silhouette score | shift distance | entropy of the mean prediction |")
    click.echo("|---:|---:|---:|---:|---:|---:|")
    for step in run.frame_steps:
        m = frame_metrics(run, step)
        click.echo(
            f"| {step} | {_shown(100 * m['accuracy'], 1)} | {m['entropy']:.2f} | {_shown(m['silhouette'], 3)} "
            f"| {_shown(m['shift_distance'], 2)} | {m['prediction_entropy']:.2f} |"
        )


def export_command(home: Home, run_id: str, wanted: Export, out: Path | None) -> Path | None:
    """Writes one file and returns its path; words for people to read go to standard output, unless `out` is given."""
    # Figures import Matplotlib and Plotly, which the other commands do not need.
    from enigma.figures.files.export import export, resolved

    if wanted.projection not in PROJECTIONS:
        raise InputError(f"Expected a projection among {', '.join(PROJECTIONS)}, but got {wanted.projection!r}.")
    run = home.find(run_id)
    run.verify()
    shown = trajectory(run, wanted.projection)
    content = export(run, shown, wanted)
    if out is None and wanted.what in ("bibtex", "reproduce"):
        click.echo(content.decode(), nl=False)
        return None
    return _written(out or Path(resolved(wanted, shown).file_name(run.id)), content)


def compare_command(
    home: Home, run_ids: tuple[str, ...], *, fold: bool, scale: str, out: Path | None, as_json: bool
) -> None:
    """Prints verdict, table and differences; writes the curves if asked to."""
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
        click.echo(f"Wrote {_written(out, content)}", err=True)
    if as_json:
        unlike = {
            one.field: dict(zip((run.run_id for run in read), one.values, strict=True))
            for one in [*found, *environment(read)]
        }
        numbers = [
            {key: value if _is_known(key, value) else None for key, value in dataclasses.asdict(row).items()}
            for row in table
        ]
        click.echo(json.dumps({"runs": numbers, "differences": unlike, "verdict": words}, indent=1))
    else:
        click.echo("\n".join([*_table(table), "", *words]))


_HEADS = {
    "source": "source", "first": "frame 0", "best": "best", "best_step": "(step)", "final": "final",
    "final_step": "(step)", "regret": "regret", "regret_overall": "to all", "entropy": "entropy", "flips": "flips",
    "prediction_entropy": "mean prediction",
}  # fmt: skip


def _table(table: list[Row]) -> list[str]:
    """One line a run, with the columns of the page; – where a run has no such number, and then why."""
    shown = [column for column in columns(table) if column in _HEADS]
    cells = [["", *(_HEADS[column] for column in shown), "run"]]
    cells += [[row.name, *(_number(row, column) for column in shown), row.run_id] for row in table]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        f"{line[0]:{widths[0]}}"
        + "".join(f"  {cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True))
        for line in cells
    ]
    return [*lines, *filter(None, [lacking(table)])]


def _is_known(column: str, value: Any) -> bool:
    """NaN, which does not equal itself, and a best step below 0 say that there are no labels."""
    return value == value and not (column == "best_step" and value < 0)


def _number(row: Row, column: str) -> str:
    value = getattr(row, column)
    if not _is_known(column, value):
        return "–"
    if column in ("source", "first", "best", "final"):
        return f"{value:.1%}"
    if column in ("best_step", "final_step"):
        return f"({value})"
    if column in ("entropy", "prediction_entropy"):
        return f"{value:.2f} nats"
    return f"{value:,.0f}" if column == "flips" else f"{value:.1f}"


def _written(path: Path, content: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"Expected to write {path}, but got: {error}.") from error
    return path
