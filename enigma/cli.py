"""`enigma`: parse, call, print. Bad input is one sentence on standard error and exit status 2."""

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from enigma import __version__
from enigma.errors import EnigmaError, InputError
from enigma.home import VARIABLE, Home
from enigma.spec import RunSpec

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")


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


def spec_options(command: Any) -> Any:
    """One option for each field of RunSpec but `settings`, with the field's description as help."""
    for name, field in reversed(RunSpec.model_fields.items()):
        if name == "settings":
            continue
        help_text = f"{field.description}  [default: {field.default}]"
        command = click.option(f"--{name.replace('_', '-')}", name, default=None, metavar="VALUE", help=help_text)(
            command
        )
    return command


@cli.command()
@click.option(
    "--spec", "spec_file", type=click.Path(path_type=Path), help="A run spec in TOML or JSON; options override it."
)
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of the method; may be repeated."
)
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
    enigma run --dataset photos/ --corruption none --json
    enigma run --spec run.toml --seed 1
    enigma run --resume RUN --more 500
    """
    from enigma.commands import run_command

    given = {name: value for name, value in fields.items() if value is not None}
    extends = home.find(resume) if resume else None
    spec = extends.spec if extends else RunSpec.read(spec_file) if spec_file else RunSpec()
    if extends and more:
        spec = spec.extended(more, extends.status["step"])
    if settings or "method" in given:
        given["settings"] = dict(_setting(text) for text in settings)  # type: ignore[assignment]
    run_command(spec.override(**given), home, extends, project=not no_projection, as_json=as_json)


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
    from enigma.commands import app_command

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
@JSON
def train(name: str, data_root: Path, out: Path, seed: int, epochs: int | None, as_json: bool) -> None:
    """Train a bundled architecture on the 60,000 Fashion-MNIST images.

    \b
    enigma train resnet-bn --data-root /usr/share/datasets/fashion-mnist
    """
    from enigma.catalogue import MODELS
    from enigma.train import train as train_model

    if name not in MODELS:
        raise InputError(f"Expected a model among {', '.join(MODELS)}, but got {name!r}.")
    card = train_model(name, data_root, out, seed=seed, epochs=epochs, report=lambda line: click.echo(line, err=True))
    click.echo(json.dumps(card, indent=1) if as_json else f"Wrote {out / name}.safetensors")


@cli.command("list")
@click.argument("what", type=click.Choice(["models", "datasets", "corruptions", "methods"]))
@JSON
def list_names(what: str, as_json: bool) -> None:
    """What a run can be made of.

    \b
    enigma list corruptions
    enigma list methods --json
    """
    from enigma import catalogue

    entries = getattr(catalogue, what.upper())
    if as_json:
        click.echo(
            json.dumps({name: {"title": e.title, "summary": e.summary} for name, e in entries.items()}, indent=1)
        )
        return
    for name, entry in entries.items():
        click.echo(f"{name:<20}{entry.summary}")


@cli.group(cls=Commands)
def runs() -> None:
    """List, show, delete or import recorded runs."""


@runs.command("list")
@JSON
@click.pass_obj
def runs_list(home: Home, as_json: bool) -> None:
    """All runs, newest first."""
    from enigma.commands import runs_list_command

    runs_list_command(home, as_json)


@runs.command("show")
@click.argument("run_id", metavar="RUN")
@click.option("--frames", is_flag=True, help="A Markdown table with one row a frame instead.")
@JSON
@click.pass_obj
def runs_show(home: Home, run_id: str, frames: bool, as_json: bool) -> None:
    """Spec, state and summary of one run."""
    from enigma.commands import frames_command, runs_show_command

    frames_command(home, run_id) if frames else runs_show_command(home, run_id, as_json)


@runs.command("delete")
@click.argument("run_id", metavar="RUN")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def runs_delete(home: Home, run_id: str, yes: bool) -> None:
    """Delete one run for good."""
    from enigma import archive
    from enigma.runs import find

    found = find(run_id, home.runs)
    if yes or click.confirm(f"Delete {found.path}?"):
        archive.delete(found)
        click.echo(f"Deleted {run_id}")


@runs.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def runs_import(home: Home, file: Path) -> None:
    """Import the zip of a run."""
    from enigma import archive

    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"Expected the zip of a run, but got: {error}.") from error
    home.runs.mkdir(parents=True, exist_ok=True)
    click.echo(archive.import_zip(content, home.runs).id)


@cli.command()
@click.argument("run_id", metavar="RUN")
@click.option(
    "--what", default="zip", show_default=True, help="zip, projection, curves, numbers (CSV) or points (CSV)."
)
@click.option("--format", "file_format", default="png", show_default=True, help="For a figure: png, svg, pdf or html.")
@click.option("--step", type=int, help="For the projection; default: the phase boundary.")
@click.option(
    "--color", default="label", show_default=True, help="label, prediction, correctness, flipped, entropy, confidence."
)
@click.option("--out", type=click.Path(path_type=Path), help="File to write; default: named after the run.")
@click.pass_obj
def export(
    home: Home, run_id: str, what: str, file_format: str, step: int | None, color: str, out: Path | None
) -> None:
    """Write a run, one of its figures or its numbers to a file.

    \b
    enigma export RUN
    enigma export RUN --what projection --step 40 --color correctness --format pdf
    enigma export RUN --what numbers --out run.csv
    """
    from enigma.commands import export_command

    click.echo(export_command(home, run_id, what, file_format, step, color, out))


def _setting(text: str) -> tuple[str, Any]:
    """'reset_every=200' as a name and a number; 'betas=0.9,0.99' as a name and two."""
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"Expected --set NAME=VALUE, but got {text!r}.")
    try:
        numbers = [json.loads(number) for number in value.split(",")]
    except ValueError:
        return name, value
    return name, numbers[0] if len(numbers) == 1 else numbers


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
