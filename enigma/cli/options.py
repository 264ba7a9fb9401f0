"""Options that several commands share."""

import json
from pathlib import Path
from typing import Any

import click

from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
SPEC_FILE = click.option(
    "--spec", "spec_file", type=click.Path(path_type=Path), help="A run spec in TOML or JSON; options override it."
)
WORKERS = click.option(
    "--workers", type=click.IntRange(min=1), help="Processes at a time; default: as many as the cores have room for."
)
THREADS = click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    help="Threads of torch, on which the last bits of a run depend; default: OMP_NUM_THREADS, else 2.",
)
RECIPE = click.option(
    "--recipe",
    type=click.Choice(["paper"]),
    help="Where no optimizer or learning rate is named, take those of the method's paper, for Tent on a bundled model "
    "too; without it that one takes three times its paper's rate, which shows both phases.",
)
SETTINGS = click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of the method; may be repeated."
)


def spec_options(command: Any) -> Any:
    """One option for each field of RunSpec but two, with the field's description as help.

    `settings` are given by `--set`, and what was watched in a loop of one's own no command records.
    """
    for name, field in reversed(RunSpec.model_fields.items()):
        if name in ("settings", "watched"):
            continue
        default = "" if field.default is None else f"  [default: {field.default}]"
        help_text = f"{field.description}{default}"
        command = click.option(f"--{name.replace('_', '-')}", name, default=None, metavar="VALUE", help=help_text)(
            command
        )
    return command


def settings_of(texts: tuple[str, ...]) -> dict[str, Any]:
    """The values of `--set NAME=VALUE`, repeated."""
    return dict(_setting(text) for text in texts)


def asked_spec(spec_file: Path | None, fields: dict[str, str | None], settings: tuple[str, ...] = ()) -> RunSpec:
    """The spec of `--spec`, or else of the default run, with what the options change."""
    return (RunSpec.read(spec_file) if spec_file else RunSpec()).override(**named(fields, settings))


def named(fields: dict[str, str | None], settings: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of a run spec that were named, with the settings if there are any."""
    given = {name: value for name, value in fields.items() if value is not None}
    return given | ({"settings": settings_of(settings)} if settings else {})


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
