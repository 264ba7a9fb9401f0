"""`enigma list`: what a run can be made of."""

import click

from enigma.cli.options import JSON
from enigma.cli.output import print_json
from enigma.spec import catalogue
from enigma.spec.run_spec import RunSpec


@click.command("list")
@click.argument("what", type=click.Choice(["models", "datasets", "corruptions", "methods", "unknowns", "scores"]))
@JSON
def list_catalogue(what: str, as_json: bool) -> None:
    """What a run can be made of.

    \b
    enigma list corruptions
    enigma list methods --json
    """
    entries = getattr(catalogue, what.upper())
    if as_json:
        print_json({name: catalogue.described(entry) for name, entry in entries.items()})
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
