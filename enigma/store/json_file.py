"""The one way in for JSON that is stored or comes from elsewhere: limited in size and depth, finite, of its form."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from enigma.spec.errors import CorruptRunError

# A thousand class names take 30 kB, the digests of 8,000 frames 800 kB.
MOST_BYTES = 1 << 20
# A run.json with a spec whose settings are lists has 4.
MOST_DEPTH = 12
_LARGEST_NUMBER = 2**63
_TOO_DEEP = f"one deeper than {MOST_DEPTH} levels"

Form = Callable[[Any], Any]
"""Raises pydantic's ValidationError where something lacks a form."""

ADVICE = "Delete it, and import it again if you have its zip."
DAMAGED = f"The run is damaged. {ADVICE}"


def read_object(path: Path, form: Form | None = None) -> dict[str, Any]:
    """The object in a JSON file.

    Args:
        form: what it must look like.

    Raises:
        CorruptRunError: it cannot be read, is too large or too deep, or holds something else.
    """
    try:
        with path.open("rb") as file:
            # A byte more than is allowed tells that there is more.
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CorruptRunError(
            f"Expected to read {path.name} of {path.parent.name}, but got: {error.strerror}. {DAMAGED}"
        ) from error
    return parse_object(content, f"{path.name} of {path.parent.name}", form)


def parse_object(content: bytes, what: str, form: Form | None = None, *, finite: bool = True) -> dict[str, Any]:
    """The object that `content` spells; `what` names it in errors, which are those of `read_object`.

    >>> parse_object(b'{"step": 3}', "status.json")
    {'step': 3}
    """
    try:
        if len(content) > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES:,} bytes")
        found = json.loads(content)
        if not isinstance(found, dict):
            raise ValueError("a list" if isinstance(found, list) else "a single value")
        _check(found, MOST_DEPTH, finite)
    except (ValueError, RecursionError) as error:
        why = _TOO_DEEP if isinstance(error, RecursionError) else str(error)
        raise CorruptRunError(f"Expected {what} to be an object in JSON, but got {why}. {DAMAGED}") from error
    if form is not None:
        conform(found, form, what)
    return found


def conform(found: dict[str, Any], form: Form, what: str) -> Any:
    """What has the form.

    Raises:
        CorruptRunError: naming the first field that is wrong.
    """
    try:
        return form(found)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        place, wrong = ".".join(map(str, problem["loc"])), problem["msg"]
        raise CorruptRunError(
            f"Expected {what} as it is recorded, but its {place[:60]!r} is wrong ({wrong[:150]}). {DAMAGED}"
        ) from error


def _check(value: Any, levels: int, finite: bool) -> None:
    """Python reads 1e999 as infinite, and depths at which it cannot write again."""
    if isinstance(value, (dict, list)):
        if not levels:
            raise ValueError(_TOO_DEEP)
        for each in (*value, *value.values()) if isinstance(value, dict) else value:
            _check(each, levels - 1, finite)
    elif isinstance(value, str):
        # JSON can spell half of a surrogate pair, which no other file can hold.
        value.encode()
    elif isinstance(value, float) and finite and not math.isfinite(value):
        raise ValueError(f"the number {value}, which is not finite")
    elif isinstance(value, int) and abs(value) >= _LARGEST_NUMBER:
        raise ValueError("a whole number of more than 64 bits")
