"""`enigma`: the commands, and what becomes of errors: one sentence on standard error and exit status 2."""

import sys
from pathlib import Path
from typing import NoReturn

import click

from enigma import __version__
from enigma.cli.app import app
from enigma.cli.bench import bench
from enigma.cli.catalogue import list_catalogue
from enigma.cli.command_group import CommandGroup
from enigma.cli.compare import compare
from enigma.cli.detect import detect
from enigma.cli.estimate import calibrate, estimate
from enigma.cli.export import export
from enigma.cli.import_embeddings import import_embeddings
from enigma.cli.queue import queue
from enigma.cli.reproduce import reproduce
from enigma.cli.run import inspect, run
from enigma.cli.runs import runs
from enigma.cli.sweep import sweep
from enigma.cli.train import train
from enigma.cli.verify import verify
from enigma.spec.errors import EnigmaError, InputError, sentence
from enigma.store.home import VARIABLE, Home

COMMANDS = [
    app, bench, calibrate, compare, detect, estimate, export, import_embeddings, inspect, list_catalogue, queue,
    reproduce, run, runs, sweep, train, verify,
]  # fmt: skip


@click.group(
    cls=CommandGroup,
    commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
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
    if context.obj.path.exists() and not context.obj.path.is_dir():
        raise InputError(f"Expected a folder to keep runs in, but {context.obj.path} is a file.")


def main() -> NoReturn:
    """The console script."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        said = error.format_message()
        if said.startswith("Usage:"):
            # A group without a command answers with its help, of many lines.
            click.echo(said, err=True)
            sys.exit(2)
        _fail(said)
    except EnigmaError as error:
        _fail(str(error))
    except OSError as error:
        # No permission, no space, no such folder: the message of the system names it.
        _fail(f"Expected to read and write files, but got: {error}.")
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    sys.exit(0)


def _fail(text: str) -> NoReturn:
    click.echo(f"Error: {sentence(text)}", err=True)
    sys.exit(2)
