"""What several commands print and write: JSON, shares in per cent, aligned columns, files."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from enigma.spec.errors import InputError


def print_json(value: Any) -> None:
    """Prints a value for scripts."""
    click.echo(json.dumps(value, indent=1))


def percent(share: float | None, unknown: str = "-") -> str:
    """A share in [0, 1] in per cent with one decimal; `unknown` where it is None or NaN.

    >>> percent(0.6542), percent(float("nan"))
    ('65.4%', '-')
    """
    # NaN does not equal itself.
    return unknown if share is None or share != share else f"{share:.1%}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """One line a row, with columns as wide as their longest cell: the first to the left, the others to the right.

    >>> aligned([("", "best"), ("Tent", "65.4%")])
    ['       best', 'Tent  65.4%']
    """
    first, *others = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        f"{row[0]:{first}}" + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], others, strict=True))
        for row in rows
    ]


def written(path: Path, content: bytes) -> Path:
    """Writes a file, with the folders it lies in, and returns where.

    Raises:
        InputError: it cannot be written there.
    """
    make_place(path)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"Expected to write {path}, but got: {error}.") from error
    return path


def make_place(path: Path) -> None:
    """Makes the folders that a file will lie in: before long work, so that it is not done in vain.

    Raises:
        InputError: there can be no such file.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"Expected to write {path}, but got: {error}.") from error
    if path.is_dir():
        raise InputError(f"Expected to write {path}, but it is a folder; name a file in it.")
