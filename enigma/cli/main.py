"""`enigma`: parse, call, print. Bad input is one sentence on standard error and exit status 2."""

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from enigma import __version__
from enigma.cli.detect import detect, unknown
from enigma.cli.estimate import calibrate, estimate
from enigma.cli.explain import explain
from enigma.cli.options import SETTINGS, SPEC_FILE, named, settings_of, spec_options
from enigma.cli.reproduce import reproduce
from enigma.cli.runs import JSON, add_commands
from enigma.cli.sweep import sweep
from enigma.errors import EnigmaError, InputError
from enigma.figures.shared.export_request import KINDS, WIDTHS, Export
from enigma.figures.shared.palette import COLORS
from enigma.spec.run_spec import RunSpec
from enigma.store.home import VARIABLE, Home


class Commands(click.Group):
    """Shows examples as they are written, and names the nearest command for an unknown one."""

    def resolve_command(self, context: click.Context, arguments: list[str]) -> Any:
        import difflib

        if arguments and self.get_command(context, arguments[0]) is None:
            near = difflib.get_close_matches(arguments[0], self.list_commands(context), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise click.UsageError(
                f"Expected a command among {', '.join(self.list_commands(context))}, but got {arguments[0]!r}{hint}"
            )
        return super().resolve_command(context, arguments)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="enigma")
@click.option(
    "--home", type=click.Path(path_type=Path), envvar=VARIABLE, help="Where runs are kept; default ~/.enigma."
)
@click.pass_context
def cli(context: click.Context, home: Path | None) -> None:
    """Watch entropy minimisation at test time succeed, then fail.

    \b
    enigma app                                     the dashboard, on http://localhost:8501
    enigma run                                     record the default run
    enigma run --corruption fog --severity 5       record another
    enigma runs list                               what is recorded
    """
    context.obj = Home(home) if home else Home.default()


@cli.command()
@SPEC_FILE
@SETTINGS
@click.option("--resume", metavar="RUN", help="Go on with a paused, stopped or killed run.")
@click.option("--more", type=click.IntRange(min=1), help="With --resume: go on for so many steps from where it stands.")
@click.option("--no-projection", is_flag=True, help="Do not compute the UMAP projection at the end.")
@spec_options
@JSON
@click.pass_obj
def run(
    home: Home, spec_file: Path | None, settings: tuple[str, ...], resume: str | None, more: int | None,
    no_projection: bool, as_json: bool, **fields: str | None,
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
    from enigma.cli.actions import run_command

    given = named(fields)
    extends = home.find(resume) if resume else None
    spec = extends.spec if extends else RunSpec.read(spec_file) if spec_file else RunSpec()
    if extends and more:
        spec = spec.extended(more, extends.status["step"])
    if settings or "method" in given:
        given["settings"] = settings_of(settings)
    run_command(spec.override(**given), home, extends, project=not no_projection, as_json=as_json)


@cli.command("inspect")
@SPEC_FILE
@click.option("--out", type=click.Path(path_type=Path), help="Write sample images as the model is given them, as PNG.")
@spec_options
@JSON
@click.pass_obj
def inspect_(home: Home, spec_file: Path | None, out: Path | None, as_json: bool, **fields: str | None) -> None:
    """Look at a model and a dataset together before a run.

    \b
    enigma inspect --corruption fog --severity 5
    enigma inspect --model torchvision:resnet50 --dataset ImageNet-C/fog/3 --out samples.png
    enigma inspect --model mymodels:net --weights net.safetensors --dataset photos/ --json
    """
    from enigma.cli.actions import inspect_command

    spec = (RunSpec.read(spec_file) if spec_file else RunSpec()).override(**named(fields))
    inspect_command(spec, home, out, as_json)


@cli.command()
@click.option("--port", default=8501, show_default=True, help="Port of the dashboard.")
@click.option("--address", default="localhost", show_default=True, help="0.0.0.0 lets other machines in.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.pass_obj
def app(home: Home, port: int, address: str, no_browser: bool) -> None:
    """Start the dashboard.

    \b
    enigma app
    enigma app --port 8600 --no-browser
    """
    from enigma.cli.actions import app_command

    app_command(home, port, address, headless=no_browser)


@cli.command()
@click.argument("name", metavar="MODEL")
@click.option(
    "--data-root", type=click.Path(path_type=Path), default=Path("data"), show_default=True, help="Fashion-MNIST."
)
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("models"), show_default=True, help="Where to write."
)
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--epochs", type=click.IntRange(min=1), help="Passes over the 60,000 images; default: the model's recipe."
)
@click.option(
    "--head",
    type=click.Choice(["softmax", "isomax", "isomaxplus", "dismax"]),
    help="What classifies, all by one shorter recipe; default: softmax by the model's own recipe.",
)
@click.option("--leave-out", default="", help="Classes the network never sees, with commas: 'Sneaker,Bag'.")
@click.option("--fractional", is_flag=True, help="With dismax: also train on images put together from quadrants.")
@JSON
def train(
    name: str,
    data_root: Path,
    out: Path,
    seed: int,
    epochs: int | None,
    head: str | None,
    leave_out: str,
    fractional: bool,
    as_json: bool,
) -> None:
    """Train a bundled architecture on the 60,000 Fashion-MNIST images.

    What was interrupted goes on after its last whole epoch.

    \b
    enigma train resnet-bn --data-root /usr/share/datasets/fashion-mnist
    enigma train resnet-bn --head isomaxplus --data-root /usr/share/datasets/fashion-mnist
    """  # fmt: skip
    from enigma.jobs.training import Task
    from enigma.jobs.training import train as train_model
    from enigma.models.architectures import ARCHITECTURES

    if name not in ARCHITECTURES:
        raise InputError(f"Expected a model among {', '.join(ARCHITECTURES)}, but got {name!r}.")
    task = Task(name, head, tuple(one.strip() for one in leave_out.split(",") if one.strip()), fractional)
    card = train_model(task, data_root, out, seed=seed, epochs=epochs, report=lambda line: click.echo(line, err=True))
    click.echo(json.dumps(card, indent=1) if as_json else f"Wrote {out / task.name}.safetensors")


@cli.command("list")
@click.argument("what", type=click.Choice(["models", "datasets", "corruptions", "methods", "unknowns", "scores"]))
@JSON
def list_names(what: str, as_json: bool) -> None:
    """What a run can be made of.

    \b
    enigma list corruptions
    enigma list methods --json
    """
    from enigma.spec import catalogue

    entries = getattr(catalogue, what.upper())
    if as_json:
        click.echo(json.dumps({name: catalogue.described(entry) for name, entry in entries.items()}, indent=1))
        return
    width = max(18, *map(len, entries)) + 2
    for name, entry in entries.items():
        click.echo(f"{name:<{width}}{entry.summary}")
        if isinstance(entry, catalogue.Method):
            click.echo(f"{'':<{width}}{entry.reference}")
    if what == "models":
        for zoo in catalogue.ZOOS.values():
            click.echo(f"{'':<{width}}{zoo.title}: {zoo.summary}")
        click.echo(f"{'':<{width}}Your own: --model package.module:function --weights FILE")
    if what == "datasets":
        click.echo(f"{'':<{width}}{RunSpec.model_fields['dataset'].description}")


@cli.group(cls=Commands)
def runs() -> None:
    """List, show, label, delete, restore or import recorded runs."""


@cli.group(cls=Commands)
def queue() -> None:
    """See what runs and waits, or cancel it."""


add_commands(runs, queue)
runs.add_command(explain)
runs.add_command(unknown)


@runs.command("show")
@click.argument("run_id", metavar="RUN")
@click.option("--frames", is_flag=True, help="A Markdown table with one row a frame instead.")
@JSON
@click.pass_obj
def runs_show(home: Home, run_id: str, frames: bool, as_json: bool) -> None:
    """Spec, state and summary of one run."""
    from enigma.cli.actions import frames_command, runs_show_command

    frames_command(home, run_id) if frames else runs_show_command(home, run_id, as_json)


@cli.command()
@click.argument("run_id", metavar="RUN")
@click.option("--what", default="zip", show_default=True, metavar="WHAT", help=f"One of: {', '.join(KINDS)}.")
@click.option(
    "--format",
    "file_format",
    default="",
    metavar="FORMAT",
    help="; ".join(f"{what}: {', '.join(formats)}" for what, formats in KINDS.items() if len(formats) > 1)
    + ". Default: the first.",
)
@click.option("--step", type=int, help="For projection, curves and explorable; default: the phase boundary.")
@click.option(
    "--steps", default="", metavar="STEPS", help="For paper, such as 0,13,500; default: frame 0, phase boundary, last."
)
@click.option("--color", default="label", show_default=True, metavar="COLOR", help=f"One of: {', '.join(COLORS)}.")
@click.option(
    "--width",
    default="icml-page",
    show_default=True,
    metavar="WIDTH",
    help="For paper, inches or one of: " + ", ".join(f"{name} ({inches:g})" for name, (inches, _) in WIDTHS.items()),
)
@click.option("--projection", default="umap", show_default=True, metavar="NAME", help="umap, pca or another.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; default: named after the run.")
@click.pass_obj
def export(
    home: Home, run_id: str, what: str, file_format: str, step: int | None, steps: str, color: str, width: str,
    projection: str, out: Path | None,
) -> None:  # fmt: skip
    """Write a run, one of its figures or its numbers to a file.

    \b
    enigma export RUN                                                  the whole run, as a zip
    enigma export RUN --what projection --step 40 --format svg
    enigma export RUN --what paper --width icml-column --color correctness
    enigma export RUN --what animation                                 a GIF; --format mp4 with the extra `video`
    enigma export RUN --what explorable                                the scrubber as one HTML file
    enigma export RUN --what frames --format parquet
    enigma export RUN --what bibtex
    enigma export RUN --what reproduce                                 the command that records it again
    """
    from enigma.cli.actions import export_command

    # Until 0.1.0 the table of frames was called numbers.
    kind = "frames" if what == "numbers" else what
    wanted = Export(kind, file_format, step, _steps(steps), color, width, projection)
    written = export_command(home, run_id, wanted, out)
    if written is not None:
        click.echo(written)


def _steps(text: str) -> tuple[int, ...]:
    """'0,13,500' as numbers."""
    try:
        return tuple(int(part) for part in text.split(",")) if text else ()
    except ValueError:
        raise InputError(f"Expected --steps such as 0,13,500, but got {text!r}.") from None


cli.add_command(sweep)
cli.add_command(calibrate)
cli.add_command(estimate)
cli.add_command(detect)
cli.add_command(reproduce)


@cli.command()
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
    from enigma.cli.actions import compare_command

    compare_command(home, run_ids, fold=fold, scale=scale, out=out, as_json=as_json)


def main() -> NoReturn:
    """The console script."""
    try:
        cli.main(standalone_mode=False)
    except (EnigmaError, click.ClickException) as error:
        text = error.format_message() if isinstance(error, click.ClickException) else str(error)
        click.echo(f"Error: {text}", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    sys.exit(0)
