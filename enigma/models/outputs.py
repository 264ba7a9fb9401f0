"""The logits in what a network returns: a tensor, a tuple, a dictionary, or an object with `.logits`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from torch import Tensor

from enigma.spec.errors import InputError

Place = str | int | None
"""Where in an output the logits are: under a name, at a position of a tuple, or it is the logits (None)."""

_NAME = "logits"


def place_of_logits(output: Any, are_logits: Callable[[Tensor], bool]) -> Place:
    """Where the logits are: under the name `logits`, or else the one table of (images, classes) that there is.

    Of several tables the first that `are_logits` is taken, or else the first of a tuple.

    Raises:
        InputError: there is none, or a dictionary has several and nothing tells them apart.
    """
    found = {place: table for place, value in _parts(output).items() if (table := as_table(value)) is not None}
    if not found:
        raise InputError(
            f"Expected a classifier with logits of shape (images, classes), but its output is {_of(output)}."
        )
    if _NAME in found or len(found) == 1:
        return _NAME if _NAME in found else next(iter(found))
    fitting = [place for place, table in found.items() if are_logits(table)]
    if not fitting and not isinstance(output, Sequence):
        raise InputError(
            f"Expected an output with `logits`, but it has {', '.join(map(str, found))} of shape (images, numbers); "
            "return the logits alone, or under that name."
        )
    return fitting[0] if fitting else next(iter(found))


def logits_at(output: Any, place: Place) -> Tensor:
    """The logits of shape (images, classes) at a place that `place_of_logits` found."""
    table = as_table(_parts(output)[place])
    assert table is not None
    return table


def as_table(value: Any) -> Tensor | None:
    """Logits as (images, classes), also where a network that is all convolutions leaves a height and width of 1."""
    if not isinstance(value, Tensor) or not value.is_floating_point():
        return None
    if value.ndim == 4 and value.shape[2:] == (1, 1):
        return value.flatten(1)
    return value if value.ndim == 2 else None


def in_words(place: Place) -> str:
    """Said where the logits are not all that a network returns; empty where they are.

    >>> in_words(0)
    'The logits are part 1 of the tuple that the model returns.'
    """
    if place is None:
        return ""
    where = f"part {place + 1} of the tuple" if isinstance(place, int) else f"`{place}` of what"
    return f"The logits are {where}{' that' if isinstance(place, int) else ''} the model returns."


def _parts(output: Any) -> dict[Any, Any]:
    if isinstance(output, Tensor):
        return {None: output}
    if isinstance(output, Mapping):
        return dict(output)
    if hasattr(output, _NAME):
        return {_NAME: output.logits}
    if isinstance(output, tuple) and hasattr(output, "_fields"):
        return dict(zip(output._fields, output, strict=True))
    if is_dataclass(output) and not isinstance(output, type):
        return {field.name: getattr(output, field.name) for field in fields(output)}
    return dict(enumerate(output)) if isinstance(output, tuple | list) else {}


def _of(output: Any) -> str:
    """What a network returned, in words."""
    if isinstance(output, Tensor):
        return f"of shape {tuple(output.shape)}"
    shapes = {name: tuple(part.shape) for name, part in _parts(output).items() if isinstance(part, Tensor)}
    held = ", ".join(f"{name}: {shape}" for name, shape in shapes.items())
    return f"{type(output).__name__} of {held}" if held else type(output).__name__
