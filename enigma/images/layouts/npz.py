"""An .npz of arrays `images` and perhaps `labels` and `classes`."""

from pathlib import Path

import numpy as np

from enigma.images.layouts.array_files import UNREADABLE, as_bytes, labels_of, unlabelled
from enigma.images.layouts.layout import Layout
from enigma.images.pictures import Array
from enigma.spec.errors import InputError


def read(path: Path, corruption: str, severity: int) -> Layout | None:
    """The arrays of a file; whatever happened to the images is not known."""
    if path.suffix != ".npz" or not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files if name in ("images", "labels", "classes")}
            present = arrays.files
    except UNREADABLE as error:
        raise InputError(f"Expected {path} to be an .npz of plain arrays, but got: {error}.") from error
    if "images" not in found:
        raise InputError(f"Expected {path} to hold an array 'images', but it holds {', '.join(present) or 'nothing'}.")
    images = as_bytes(found["images"], f"'images' in {path}")
    labels = labels_of(found["labels"], len(images), path) if "labels" in found else unlabelled(len(images))
    names = found.get("classes", np.array([], str))
    if names.ndim != 1:
        raise InputError(f"Expected `classes` in {path} to be a list of names, but got the shape {names.shape}.")
    classes = tuple(map(str, names))
    size = (images.shape[2], images.shape[1])
    ready = size[0] == size[1]
    return Layout(path.name, Array(images, path.name), labels, classes, is_ready=ready, uniform=size)
