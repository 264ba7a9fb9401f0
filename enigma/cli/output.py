"""What several commands print: JSON, aligned columns."""

import json
from collections.abc import Sequence
from typing import Any

import click


def print_json(value: Any) -> None:
    """Prints a value for scripts."""
    click.echo(json.dumps(value, indent=1))


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """One line a row, with columns as wide as their longest cell: the first to the left, the others to the right.

    >>> aligned([("", "best"), ("Tent", "65.4 %")])
    ['        best', 'Tent  65.4 %']
    """
    first, *others = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        f"{row[0]:{first}}" + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], others, strict=True))
        for row in rows
    ]
