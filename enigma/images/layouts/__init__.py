"""What a path is: the usual layouts of shifted image datasets, told apart by what lies in them.

Nothing is decoded here and no model is needed, so a form can say at once what it was given.
"""

import importlib
from pathlib import Path

from enigma.images.layouts.layout import Layout
from enigma.spec.dataset_layouts import FILES, LAYOUTS
from enigma.spec.errors import InputError

__all__ = ["Layout", "recognise"]


def recognise(path: Path, corruption: str = "none", severity: int = 1, *, field: str = "dataset") -> Layout:
    """Tells what lies at `path`.

    Args:
        corruption: which part of a set of several corruptions is meant.
        severity: likewise, where it has severities.
        field: of the spec, which names the path.

    Raises:
        InputError: nothing is there, it is no known layout, or it lacks that corruption.
    """
    for layout in LAYOUTS.values():
        module, _, function = layout.reader.partition(":")
        found: Layout | None = getattr(importlib.import_module(module), function)(path, corruption, severity)
        if found is not None:
            return found
    raise InputError(f"Expected `{field}` to be a bundled name, a folder of images, {FILES}, but got {str(path)!r}.")
