"""A folder with one sub-folder a class, or pictures nobody has labelled."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from enigma.images.layouts.array_files import unlabelled
from enigma.images.layouts.layout import Layout
from enigma.images.pictures import IMAGE_SUFFIXES, Files, files_below, is_picture
from enigma.spec.dataset_layouts import LAYOUTS
from enigma.spec.errors import InputError


def read(path: Path, corruption: str, severity: int) -> Layout | None:
    """All that is in the folder; whatever happened to the images is not known."""
    return pictures_in(path) if path.is_dir() else None


def visible(folder: Path) -> list[str]:
    """Names of all that is not hidden, sorted."""
    return sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))


def pictures_in(root: Path) -> Layout:
    """The pictures of a folder.

    Raises:
        InputError: there is none.
    """
    folders = sorted(entry.name for entry in os.scandir(root) if entry.is_dir() and not entry.name.startswith("."))
    names: list[str] = []
    labels: list[int] = []
    kept: list[str] = []
    for folder in folders:
        inside = files_below(root / folder)
        if inside:
            names += [f"{folder}/{name}" for name in inside]
            labels += [len(kept)] * len(inside)
            kept.append(folder)
    loose = sorted(entry.name for entry in os.scandir(root) if entry.is_file() and is_picture(entry.name))
    if names:
        note = f"{len(loose):,} pictures beside the sub-folders are left out" if loose else ""
        title = f"Folder {root.name}"
        return with_size(Layout(title, Files(root, tuple(names)), np.array(labels, np.int64), tuple(kept), note=note))
    if loose:
        return with_size(Layout(f"Folder {root.name}", Files(root, tuple(loose)), unlabelled(len(loose))))
    others = ", ".join(layout.title for name, layout in LAYOUTS.items() if name != "folder")
    raise InputError(
        f"Expected images in {root} or one sub-folder a class in it ({', '.join(sorted(IMAGE_SUFFIXES))}), but got "
        f"none; known are also {others}."
    )


def with_size(layout: Layout, sampled: int = 32) -> Layout:
    """Notes the size that all of a sample of the pictures have: files of the model's size need no resize."""
    sizes = set()
    for position in np.unique(np.linspace(0, len(layout.pictures) - 1, sampled).astype(int)):
        try:
            sizes.add(layout.pictures.image(int(position)).size)
        except OSError:
            continue
    return replace(layout, uniform=sizes.pop() if len(sizes) == 1 else None)
