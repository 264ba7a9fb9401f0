"""`enigma train`: weights of a bundled architecture."""

from pathlib import Path

import click

from enigma.cli.options import JSON
from enigma.cli.output import print_json


@click.command()
@click.argument("name", metavar="MODEL")
@click.option(
    "--data-root", type=click.Path(path_type=Path), default=Path("data"), show_default=True, help="Fashion-MNIST."
)
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("models"), show_default=True, help="Where to write."
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=0,
    show_default=True,
    help="Seed of the weights and of the order of the images.",
)
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
    from enigma.api import models

    card = models.train(
        name, data_root=data_root, out=out, head=head, fractional=fractional, seed=seed, epochs=epochs,
        leave_out=[one.strip() for one in leave_out.split(",") if one.strip()],
        report=lambda line: click.echo(line, err=True),
    )  # fmt: skip
    if as_json:
        print_json(card)
    else:
        click.echo(f"Wrote {out / card['name']}.safetensors")
