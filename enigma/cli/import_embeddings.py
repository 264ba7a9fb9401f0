"""`enigma import`: embeddings in a file as a run, without code."""

from pathlib import Path

import click

from enigma.spec.errors import InputError
from enigma.store.home import Home


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--name", default="", help="What the run is called; default: the name of the file.")
@click.option(
    "--metadata", type=click.Path(path_type=Path), help="A .tsv that says what each row of a .tsv is: its class."
)
@click.option("--label", help="The column of it that holds the classes; default: the only one, or 'label' or 'class'.")
@click.option("--steps", help="The step of each .tsv, with commas between; default: 0, 1, 2 and so on.")
@click.pass_obj
def import_embeddings(
    home: Home, files: tuple[Path, ...], name: str, metadata: Path | None, label: str | None, steps: str | None
) -> None:
    """Make a run of embeddings in a file, so that every page shows them; prints its id.

    \b
    enigma import embeddings.npz
    enigma import embeddings.parquet --name "epoch by epoch"
    enigma import embeddings.zarr
    enigma import tensors.tsv metadata.tsv
    enigma import epoch0.tsv epoch10.tsv --metadata metadata.tsv --steps 0,10
    """
    # It imports pandas' Arrow, which the other commands do without.
    from enigma.api.watching import import_embeddings as imported

    run = imported(*files, name=name, metadata=metadata, label=label, steps=_steps(steps), home=home)
    click.echo(f"Imported {run.id}: {run.title}, {len(run.steps)} frame{'s' if len(run.steps) != 1 else ''}")


def _steps(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    parts = text.split(",")
    if not all(part.strip().isdecimal() and len(part) < 16 for part in parts):
        raise InputError(f"Expected --steps as whole numbers with commas between, but got {text[:60]!r}.")
    return tuple(int(part) for part in parts)
