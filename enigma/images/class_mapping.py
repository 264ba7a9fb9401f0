"""Which class of the model each folder or label of a dataset is."""

import json
import re
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from enigma.images.layouts import Layout
from enigma.spec.assets import asset
from enigma.spec.errors import InputError

_IMAGENET_CLASSES = 1000


def labels_of(layout: Layout, classes: tuple[str, ...], class_map: str | None = None) -> Int64[np.ndarray, " pictures"]:
    """The labels as places among the model's classes; -1 stays unknown.

    Folders are matched, in this order: by `class_map`; by name, upper or lower case; by the wnids of
    ImageNet for a model with 1,000 classes, also for a part of them, as in ImageNet-A and ImageNet-R;
    by number; and, where they are as many as the classes, in alphabetical order.

    Raises:
        InputError: they do not fit.
    """
    if not layout.has_labels:
        return layout.labels
    if not layout.folders:
        return _numbers(layout, classes)
    if (largest := int(layout.labels.max())) >= len(layout.folders):
        raise InputError(
            f"Expected labels below {len(layout.folders)}, one for each class that {layout.title} names, but got "
            f"{largest}; save the names of all classes with it."
        )
    places = _mapped(class_map, classes) if class_map else _places(layout.folders, classes)
    unknown = [name for name in layout.folders if name not in places]
    if unknown:
        raise InputError(
            f"Expected `class_map` to name each of the {len(layout.folders)} sub-folders, but {len(unknown)} are "
            f"missing, such as {unknown[0]!r}."
        )
    lookup = np.array([places[name] for name in layout.folders])
    return np.where(layout.labels >= 0, lookup[layout.labels], -1)


def matching(folders: tuple[str, ...], classes: tuple[str, ...]) -> str:
    """In words, how the folders were matched.

    >>> matching(("dog", "cat"), ("Cat", "Dog"))
    'matched by name'
    """
    names = {_plain(name) for name in classes}
    if all(_plain(name) in names for name in folders):
        return "matched by name"
    if len(classes) == _IMAGENET_CLASSES and set(folders) <= set(wnids()):
        return "matched by the wnids of ImageNet"
    if all(name.isdecimal() and int(name) < len(classes) for name in folders):
        return "matched by number"
    return "matched in alphabetical order"


def wnids() -> list[str]:
    """The 1,000 wnids of ImageNet in the usual order, which is the alphabetical one."""
    return asset("data", "imagenet-wnids.txt").read_text(encoding="utf-8").split()


def _numbers(layout: Layout, classes: tuple[str, ...]) -> Int64[np.ndarray, " pictures"]:
    largest = int(layout.labels.max())
    if largest >= len(classes):
        raise InputError(
            f"Expected labels from 0 to {len(classes) - 1}, because the model has {len(classes)} classes, but "
            f"{layout.title} has labels up to {largest}; take a model that was trained on these classes."
        )
    return layout.labels


def _places(folders: tuple[str, ...], classes: tuple[str, ...]) -> dict[str, int]:
    how = matching(folders, classes)
    if how == "matched by name":
        by_name = {_plain(name): place for place, name in reversed(list(enumerate(classes)))}
        return {name: by_name[_plain(name)] for name in folders}
    if how == "matched by the wnids of ImageNet":
        return {name: place for place, name in enumerate(wnids())}
    if how == "matched by number":
        return {name: int(name) for name in folders}
    if len(folders) == len(classes):
        return {name: place for place, name in enumerate(folders)}
    shown = ", ".join(classes[:5]) + (", …" if len(classes) > 5 else "")
    raise InputError(
        f"Expected sub-folders named after the model's {len(classes)} classes ({shown}) or as many as these, but got "
        f"{len(folders)}: {', '.join(folders[:5])}; say which is which with `class_map`."
    )


def _mapped(file: str, classes: tuple[str, ...]) -> dict[str, int]:
    """A JSON object from folder to class, by name or number; or lines 'folder class' of text."""
    path = Path(file)
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            pairs = json.loads(text)
        else:
            pairs = dict(re.split(r"\s+|,", line.strip(), maxsplit=1) for line in text.splitlines() if line.strip())
        if not isinstance(pairs, dict):
            raise ValueError("it is no object")
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"Expected `class_map` to be a .json object from sub-folder to class or a text with lines 'folder class', "
            f"but got {file!r}: {error}."
        ) from error
    return {name: _place(value, classes, file) for name, value in pairs.items()}


def _place(value: object, classes: tuple[str, ...], file: str) -> int:
    text = str(value).strip()
    by_name = {_plain(name): place for place, name in reversed(list(enumerate(classes)))}
    if _plain(text) in by_name:
        return by_name[_plain(text)]
    if text.isdecimal() and int(text) < len(classes):
        return int(text)
    raise InputError(
        f"Expected {file} to name classes of the model or numbers from 0 to {len(classes) - 1}, but got {text!r}."
    )


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().lower()
