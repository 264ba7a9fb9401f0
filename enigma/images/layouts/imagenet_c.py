"""ImageNet-C: `<corruption>/<severity>/<class>/<picture>`."""

import os
from dataclasses import replace
from pathlib import Path

from enigma.images.layouts.corruption_names import SEVERITIES, agreed, one_of
from enigma.images.layouts.folder import pictures_in, visible
from enigma.images.layouts.layout import Layout
from enigma.spec.errors import InputError


def read(root: Path, corruption: str, severity: int) -> Layout | None:
    """A leaf, one corruption, or the root of all."""
    if not root.is_dir():
        return None
    entries = visible(root)
    if root.name in SEVERITIES and _is_corruption(root.parent, [*SEVERITIES]):
        folder, name, level = root, agreed(root.parent.name, corruption, root), root.name
    elif _is_corruption(root, entries):
        folder, name, level = root / str(severity), agreed(root.name, corruption, root), str(severity)
    else:
        names = [entry for entry in entries if _is_corruption(root / entry, list(SEVERITIES))]
        if not names:
            return None
        name, level = one_of(names, corruption, root), str(severity)
        folder = root / name / level
    if not folder.is_dir():
        raise InputError(f"Expected severity {level} of {name} in {folder}, but there is no such folder.")
    leaf = pictures_in(folder)
    return replace(leaf, title=f"ImageNet-C, {name}, severity {level}", is_ready=True, is_corrupted=True)


def _is_corruption(folder: Path, entries: list[str]) -> bool:
    """Whether a folder holds nothing but severities, and these hold folders."""
    return bool(entries) and set(entries) <= set(SEVERITIES) and any(_holds_folders(folder / e) for e in entries)


def _holds_folders(folder: Path) -> bool:
    return folder.is_dir() and any(entry.is_dir() for entry in os.scandir(folder))
