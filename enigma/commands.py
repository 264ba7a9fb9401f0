"""What the commands of `enigma` do; imported when one runs, so that `--help` is quick."""

import json
import os
import sys
import time
import tomllib
from pathlib import Path
from typing import Any, NoReturn

import click
from tqdm import tqdm

from enigma import archive
from enigma.analysis.load import phase_boundary, summary, title, trajectory
from enigma.analysis.metrics import frame_metrics
from enigma.assets import app_script, streamlit_config
from enigma.errors import InputError
from enigma.home import VARIABLE, Home
from enigma.runs import Run
from enigma.spec import RunSpec


def run_command(spec: RunSpec, home: Home, extends: Run | None, *, project: bool, as_json: bool) -> None:
    """Records with a progress bar, then prints the summary."""
    from enigma import job
    from enigma.record import Listeners, Progress

    start = time.monotonic()
    # None hides the bar where nobody sees it.
    with tqdm(total=spec.steps, unit="step", disable=None) as bar:

        def stepped(progress: Progress) -> None:
            bar.update(progress.step - bar.n)
            bar.set_postfix(entropy=f"{progress.entropy:.3f}", accuracy=f"{progress.accuracy:.1%}", refresh=False)

        def corrupting(done: int, total: int) -> None:
            bar.set_description(f"corrupting images {done}/{total}" if done < total else "")

        def started(run: Run) -> None:
            bar.initial = bar.n = run.status["step"]
            click.echo(f"{title(spec)}: run {run.id} in {run.path}", err=True)

        listeners = Listeners(corrupting=corrupting, started=started, stepped=stepped)
        try:
            run = job.run(spec, home, listeners, ("umap",) if project else (), extends)
        except KeyboardInterrupt:
            click.echo("\nInterrupted; go on with the same command.", err=True)
            sys.exit(130)
    numbers = {**summary(run), "seconds": round(time.monotonic() - start, 1)}
    click.echo(json.dumps(numbers) if as_json else _told(numbers))


def _told(numbers: dict[str, Any]) -> str:
    return "\n".join(
        (
            f"source accuracy    {numbers['source_accuracy']:7.1%}   the model as trained, stored statistics",
            f"frame 0 accuracy   {numbers['frame0_accuracy']:7.1%}   before any update",
            f"best accuracy      {numbers['best_accuracy']:7.1%}   at step {numbers['best_step']}: phase 1 ends here",
            f"final accuracy     {numbers['final_accuracy']:7.1%}",
            f"seconds            {numbers['seconds']:7.1f}",
            f"Watch it: enigma app, then http://localhost:8501/?run={numbers['run']}&step={numbers['best_step']}",
        )
    )


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


def runs_list_command(home: Home, as_json: bool) -> None:
    """One line a run, or a JSON list."""
    rows = [_row(run) for run in home.listed()]
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        day = row["created"][:10]
        click.echo(f"{row['run']}  {row['state']:<9} step {row['step']:>6}  {day}  {row['model']}, {row['title']}")


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
    click.echo("\n".join(f"{name:<18}{value}" for name, value in values.items()))
    click.echo("\n" + RunSpec.parse(spec).to_toml())


def frames_command(home: Home, run_id: str) -> None:
    """One row a frame, as Markdown."""
    run = home.find(run_id)
    run.verify()
    click.echo("| step | accuracy % | entropy | silhouette score | shift distance | entropy of the mean prediction |")
    click.echo("|---:|---:|---:|---:|---:|---:|")
    for step in run.frame_steps:
        m = frame_metrics(run, step)
        click.echo(
            f"| {step} | {100 * m.accuracy:.1f} | {m.entropy:.2f} | {m.silhouette:.3f} "
            f"| {m.shift_distance:.2f} | {m.prediction_entropy:.2f} |"
        )


def export_command(
    home: Home, run_id: str, what: str, file_format: str, step: int | None, color: str, out: Path | None
) -> Path:
    """Writes one file and returns its path."""
    run = home.find(run_id)
    run.verify()
    if what == "zip":
        return _written(out or Path(f"{run.id}.zip"), archive.export_zip(run))
    # Figures import Matplotlib and Plotly, which a zip does not need.
    from enigma.figures import export

    shown = trajectory(run)
    if what in ("numbers", "points"):
        table = export.numbers_csv(shown) if what == "numbers" else export.points_csv(shown)
        return _written(out or Path(f"{run.id}-{what}.csv"), table.encode())
    if what not in ("projection", "curves"):
        raise InputError(f"Expected `--what` to be zip, projection, curves, numbers or points, but got {what!r}.")
    at = phase_boundary(shown.steps, shown.metrics["accuracy"]) if step is None else step
    content = export.export_figure(shown, what, file_format, step=at, color=color)
    return _written(out or Path(f"{run.id}-{what}-{at}.{file_format}"), content)


def _written(path: Path, content: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"Expected to write {path}, but got: {error}.") from error
    return path
