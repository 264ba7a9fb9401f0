"""`enigma list`: what a run can be made of, and what the words mean."""

import click

from enigma.cli.options import JSON
from enigma.cli.output import print_json
from enigma.spec import catalogue
from enigma.spec.glossary import WORDS, meaning
from enigma.spec.run_spec import RunSpec

REGISTRIES = ("models", "datasets", "corruptions", "methods", "unknowns", "scores")


@click.command("list")
@click.argument("what", type=click.Choice([*REGISTRIES, "words"]))
@JSON
def list_catalogue(what: str, as_json: bool) -> None:
    """What a run can be made of, and what the words mean.

    \b
    enigma list corruptions
    enigma list methods --json
    enigma list words
    """
    if what == "words":
        _words(as_json)
        return
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


def _words(as_json: bool) -> None:
    """The glossary."""
    if as_json:
        print_json({word: meaning(word) for word in WORDS})
        return
    width = max(map(len, WORDS)) + 2
    for word in WORDS:
        click.echo(f"{word:<{width}}{meaning(word)}")
