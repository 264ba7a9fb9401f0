"""Which class of the model each folder or label of a dataset is."""

import json
import re
from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from enigma.images.layouts import Layout
from enigma.spec.assets import asset
from enigma.spec.errors import InputError

_IMAGENET_CLASSES = 1000


def labels_of(layout: Layout, classes: tuple[str, ...], class_map: str | None = None) -> Int64[np.ndarray, " pictures"]:
    """The labels as places among the model's classes; -1 stays unknown.

    Folders are matched, in this order: by `class_map`; by name, whatever the case, in the plural, or by one of
    several names ('tench, Tinca tinca'); by the wnids of ImageNet for a model with 1,000 classes, also for a part of
    them, as in ImageNet-A and ImageNet-R; and by number. Their order never decides.

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
    """In words, how the folders were matched; empty where they are not.

    >>> matching(("dog", "cats"), ("Cat", "Dog"))
    "matched by name, 1 of them spelled differently: 'cats' for 'Cat'"
    """
    places = _by_name(folders, classes)
    if places is not None:
        other = [name for name in folders if _plain(name) != _plain(classes[places[name]])]
        if not other:
            return "matched by name"
        such = ", such as" if len(other) > 1 else ":"
        return (
            f"matched by name, {len(other):,} of them spelled differently{such} {other[0]!r} for "
            f"{classes[places[other[0]]]!r}"
        )
    if len(classes) == _IMAGENET_CLASSES and set(folders) <= set(wnids()):
        return "matched by the wnids of ImageNet"
    if _are_numbers(folders, classes):
        return "matched by number"
    return ""


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
    by_name = _by_name(folders, classes)
    if by_name is not None:
        return by_name
    if len(classes) == _IMAGENET_CLASSES and set(folders) <= set(wnids()):
        return {name: place for place, name in enumerate(wnids())}
    if _are_numbers(folders, classes):
        return {name: int(name) for name in folders}
    foreign = [name for name in folders if not _candidates(name, classes)]
    shown = ", ".join(classes[:5]) + (", …" if len(classes) > 5 else "")
    which = ", ".join(map(repr, foreign[:3])) + (", …" if len(foreign) > 3 else "")
    told = (
        f"{which} {'is' if len(foreign) == 1 else 'are'} none of them" if foreign else "some could be several of them"
    )
    raise InputError(
        f"Expected sub-folders named after the model's {len(classes)} classes ({shown}), but got {len(folders)}, and "
        f"{told}; say which is which with `class_map`, or give the model's `class_names`."
    )


def _by_name(folders: tuple[str, ...], classes: tuple[str, ...]) -> dict[str, int] | None:
    """The class of each folder, where every one has a class of its own by name."""
    found = {name: _candidates(name, classes) for name in folders}
    if not all(len(places) == 1 for places in found.values()):
        return None
    places = {name: next(iter(candidates)) for name, candidates in found.items()}
    return places if len(set(places.values())) == len(places) else None


def _candidates(folder: str, classes: tuple[str, ...]) -> set[int]:
    """The classes that a folder may mean: the one of its name, or else those that go by a name like it."""
    exact, similar = _names_of(classes)
    if _plain(folder) in exact:
        return {exact[_plain(folder)]}
    return {place for name in _spellings(folder) for place in similar.get(name, ())}


@lru_cache(maxsize=8)
def _names_of(classes: tuple[str, ...]) -> tuple[dict[str, int], dict[str, set[int]]]:
    """The place of each class by its name, the first where two have the same, and by all that it may be called."""
    similar: dict[str, set[int]] = {}
    for place, name in enumerate(classes):
        for spelling in _spellings(name):
            similar.setdefault(spelling, set()).add(place)
    return {_plain(name): place for place, name in reversed(list(enumerate(classes)))}, similar


def _spellings(name: str) -> set[str]:
    """What a class may be called: each of several names, in the singular.

    >>> sorted(_spellings("T-shirts/top"))
    ['t shirt', 't shirts', 't shirts/top', 'top']
    """
    parts = {_plain(part) for part in (name, *re.split(r"[,/;|]", name))}
    singular = {part.removesuffix(ending) for part in parts for ending in ("s", "es") if len(part) > len(ending) + 2}
    return {part for part in parts | singular if part}


def _are_numbers(folders: tuple[str, ...], classes: tuple[str, ...]) -> bool:
    return all(name.isdecimal() and int(name) < len(classes) for name in folders)


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
