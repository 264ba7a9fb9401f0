"""`enigma run` and `enigma inspect`: record a run, or look first at what it would work on."""

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import click

from enigma.analysis.projection.names import DEFAULT
from enigma.api.writing import make_place, written
from enigma.cli.options import JSON, RECIPE, SETTINGS, SPEC_FILE, THREADS, asked_spec, named, settings_of, spec_options
from enigma.cli.output import print_json
from enigma.spec.run_spec import RunSpec
from enigma.spec.shares import percent
from enigma.spec.titles import title
from enigma.store.home import Home
from enigma.store.run_folder import Run


@click.command()
@SPEC_FILE
@SETTINGS
@click.option("--resume", metavar="RUN", help="Go on with a paused, stopped or killed run.")
@click.option(
    "--more", type=click.IntRange(1, 10**9), help="With --resume: go on for so many steps from where it stands."
)
@click.option("--no-projection", is_flag=True, help="Do not compute the UMAP projection at the end.")
@RECIPE
@THREADS
@spec_options
@JSON
@click.pass_obj
def run(
    home: Home, spec_file: Path | None, settings: tuple[str, ...], resume: str | None, more: int | None,
    no_projection: bool, recipe: str | None, threads: int | None, as_json: bool, **fields: str | None,
) -> None:  # fmt: skip
    """Adapt a model to a shifted dataset, step by step, and record it.

    \b
    enigma run
    enigma run --model vit-ln --corruption contrast --severity 4 --lr 1e-3
    enigma run --method rdumb --set reset_every=200 --steps 1000
    enigma run --dataset photos/ --json
    enigma run --model torchvision:resnet50 --dataset ImageNet-C/ --corruption fog --severity 3
    enigma run --spec run.toml --seed 1
    enigma run --resume RUN --more 500
    """
    given = named(fields)
    extends = home.find(resume) if resume else None
    spec = extends.spec if extends else RunSpec.read(spec_file) if spec_file else RunSpec()
    if extends and more:
        spec = spec.extended(more, extends.status["step"])
    if settings or "method" in given:
        given["settings"] = settings_of(settings)
    spec = spec.override(**given)
    spec = spec.as_published() if recipe else spec
    record(spec, home, extends, project=not no_projection, threads=threads, as_json=as_json)


def record(
    spec: RunSpec, home: Home, extends: Run | None, *, project: bool, threads: int | None, as_json: bool
) -> None:
    """Records with a progress bar, then prints the summary."""
    from tqdm import tqdm

    from enigma.analysis.reading import summary
    from enigma.jobs.record_and_project import record_and_project
    from enigma.recording.loop import Listeners, Progress

    start = time.monotonic()
    # None hides the bar where nobody sees it.
    with tqdm(total=spec.steps, unit="step", disable=None) as bar:

        def stepped(progress: Progress) -> None:
            bar.update(progress.step - bar.n)
            accuracy = {"accuracy": percent(progress.accuracy)} if math.isfinite(progress.accuracy) else {}
            bar.set_postfix(entropy=f"{progress.entropy:.3f}", **accuracy, refresh=False)

        def corrupting(done: int, total: int) -> None:
            bar.set_description(f"preparing images {done}/{total}" if done < total else "")

        def started(run: Run) -> None:
            bar.initial = bar.n = run.status["step"]
            click.echo("\n".join([f"{title(spec)}: run {run.id} in {run.path}", *run.facts.get("notes", [])]), err=True)

        def repaired(message: str) -> None:
            click.echo(message, err=True)

        listeners = Listeners(corrupting=corrupting, started=started, stepped=stepped, repaired=repaired)
        try:
            recorded = record_and_project(spec, home, listeners, (DEFAULT,) if project else (), extends, threads)
        except KeyboardInterrupt:
            click.echo("\nInterrupted; go on with the same command.", err=True)
            sys.exit(130)
    numbers = {**summary(recorded), "seconds": round(time.monotonic() - start, 1)}
    click.echo(json.dumps(numbers) if as_json else _in_words(numbers))


def _in_words(numbers: dict[str, Any]) -> str:
    watch = f"Watch it: enigma app, then http://localhost:8501/?run={numbers['run']}"
    seconds = f"seconds            {numbers['seconds']:7.1f}"
    if numbers["best_step"] is None:
        return f"accuracy           unknown: the test images have no labels\n{seconds}\n{watch}"
    return "\n".join(
        (
            f"source accuracy    {percent(numbers['source_accuracy']):>7}   the model as trained, stored statistics",
            f"frame 0 accuracy   {percent(numbers['frame0_accuracy']):>7}   before any update",
            f"best accuracy      {percent(numbers['best_accuracy']):>7}   at step {numbers['best_step']}",
            f"final accuracy     {percent(numbers['final_accuracy']):>7}",
            seconds,
            f"{watch}&step={numbers['best_step']}",
        )
    )


@click.command()
@SPEC_FILE
@click.option("--out", type=click.Path(path_type=Path), help="Write sample images as the model is given them, as PNG.")
@spec_options
@JSON
@click.pass_obj
def inspect(home: Home, spec_file: Path | None, out: Path | None, as_json: bool, **fields: str | None) -> None:
    """Look at a model and a dataset together before a run.

    \b
    enigma inspect --corruption fog --severity 5
    enigma inspect --model torchvision:resnet50 --dataset ImageNet-C/fog/3 --out samples.png
    enigma inspect --model mymodels:net --weights net.safetensors --dataset photos/ --json
    """
    from tqdm import tqdm

    from enigma.recording import inspection

    spec = asked_spec(spec_file, fields)
    if out:
        make_place(out)
    with tqdm(disable=None, leave=False) as bar:
        found = inspection.inspect(
            spec, home.cache, lambda done, total: bar.set_description(f"preparing images {done}/{total}")
        )
    if as_json:
        print_json(found.to_dict())
    else:
        click.echo(found.to_text())
    if out:
        click.echo(f"Wrote {written(out, found.samples)}", err=True)
