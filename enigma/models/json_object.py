"""JSON that lies beside weights: model cards, and what Hugging Face writes."""

import json
from pathlib import Path
from typing import Any

from enigma.spec.errors import InputError


def json_object(file: Path, called: str) -> dict[str, Any]:
    """The object in a JSON file.

    Args:
        called: the file, as a message names it.

    Raises:
        InputError: it cannot be read, or holds something else.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError("it is not an object")
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"Expected {called} to be a JSON object, but: {error}.") from error
    return content
