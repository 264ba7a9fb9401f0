"""The corruptions of a benchmark: which are there, and which of them is meant."""

import re
from pathlib import Path

from enigma.spec.errors import InputError

SEVERITIES = ("1", "2", "3", "4", "5")


def one_of(names: list[str], corruption: str, path: Path) -> str:
    """The corruption that was asked for.

    Raises:
        InputError: it is not among `names`.
    """
    if corruption in names:
        return corruption
    raise InputError(
        f"Expected `corruption` to be one of those in {path} ({', '.join(sorted(names))}), but got {corruption!r}."
    )


def agreed(name: str, corruption: str, path: Path) -> str:
    """The corruption a path names, unless another one was asked for.

    Raises:
        InputError: another one was asked for.
    """
    if corruption in ("none", name) or not re.fullmatch(r"[\w-]+", name):
        return name
    raise InputError(
        f"Expected `corruption` to be none or {name}, because {path} holds {name}, but got {corruption!r}."
    )
