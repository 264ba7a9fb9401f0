"""Uncompressed tar shards as WebDataset writes them: `key.jpg` with `key.cls` or `key.json` beside it; so CCC's."""

import json
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from enigma.images.layouts.folder import visible, with_size
from enigma.images.layouts.layout import Layout
from enigma.images.pictures import Member, Shards, is_picture
from enigma.spec.errors import InputError

# Digits of a class number, with a line break; and bytes of a JSON object or of a name.
_DIGITS, _LONGEST = 10, 2**16
# Where the class stands in a JSON object.
_FIELDS = ("label", "cls", "class", "class_id", "class_name", "target")
# Names of the classes, a line each, beside the shards.
_NAMES = ("classnames.txt", "classes.txt")


@dataclass
class _Found:
    """What lies in the shards so far."""

    members: list[Member] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    labels: dict[str, int | str] = field(default_factory=dict)
    others: int = 0
    is_ccc: bool = True


def read(path: Path, corruption: str, severity: int) -> Layout | None:
    """One shard, or all of a folder."""
    if path.suffix == ".tar" and path.is_file():
        return _shards(path.parent, [path.name])
    names = [name for name in visible(path) if name.endswith(".tar")] if path.is_dir() else []
    return _shards(path, names) if names else None


def _shards(root: Path, names: list[str]) -> Layout:
    found = _Found()
    for name in names:
        _add_shard(found, root, name)
    if not found.members:
        raise InputError(f"Expected pictures in {root / names[0]}, such as 000.jpg with 000.cls, but got none.")
    title = f"{len(names)} tar shard{'s' if len(names) > 1 else ''} in {root.name}"
    labels, classes = _labels(found, root)
    note = f"{found.others:,} further pictures beside the first of their key are left out" if found.others else ""
    pictures = Shards(root, tuple(found.members))
    if found.is_ccc:
        # CCC's pictures were corrupted and brought to size when the set was made.
        return Layout(title, pictures, labels, classes, is_ready=True, is_corrupted=True, note=note)
    return with_size(Layout(title, pictures, labels, classes, note=note))


def _add_shard(found: _Found, root: Path, shard: str) -> None:
    """Adds the first picture of each key of one tar, and what is said of the keys."""
    seen: set[str] = set()
    try:
        with tarfile.open(root / shard, "r:") as archive:
            for entry in archive:
                name = entry.name.removeprefix("./")
                folder, slash, file = name.rpartition("/")
                stem, _, kind = file.partition(".")
                key = f"{shard}:{folder}{slash}{stem}"
                if is_picture(file) and entry.isfile():
                    found.others += key in seen
                    if key not in seen:
                        seen.add(key)
                        found.keys.append(key)
                        found.members.append(Member(shard, name, entry.offset_data, entry.size))
                        found.is_ccc &= kind.startswith("input.")
                elif kind.rpartition(".")[2] in ("cls", "json") and (content := archive.extractfile(entry)):
                    label = _label(kind, content.read(_LONGEST))
                    if label is not None:
                        found.labels[key] = label
    except (tarfile.TarError, OSError, ValueError, KeyError, RecursionError) as error:
        raise InputError(f"Expected {root / shard} to be an uncompressed tar of pictures, but got: {error}.") from error


def _label(kind: str, content: bytes) -> int | str | None:
    """The class in a .cls (a number or a name) or in one of the usual fields of a .json."""
    text = content.decode("utf-8").strip()
    value: Any = text
    if kind.endswith("json"):
        told = json.loads(text)
        value = next((told[name] for name in _FIELDS if name in told), None) if isinstance(told, dict) else told
    if isinstance(value, str) and value.isdecimal() and len(value) <= _DIGITS:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, int) and not 0 <= value < 10 ** (_DIGITS - 1):
        raise ValueError(f"a class number of {value}")
    return value


def _labels(found: _Found, root: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels of the pictures, -1 where nothing is said, and the names of the classes where these are known."""
    values = [found.labels.get(key) for key in found.keys]
    names = sorted({value for value in values if isinstance(value, str)})
    if names and any(isinstance(value, int) for value in values):
        raise InputError(
            f"Expected the classes in the shards of {root} as numbers or as names, but got both, such as {names[0]!r}."
        )
    if names:
        places: dict[object, int] = {name: place for place, name in enumerate(names)}
        return np.array([places.get(value, -1) for value in values], np.int64), tuple(names)
    numbers = np.array([-1 if value is None else value for value in values], np.int64)
    return numbers, _names_beside(root, int(numbers.max()))


def _names_beside(root: Path, largest: int) -> tuple[str, ...]:
    for name in _NAMES:
        if (root / name).is_file():
            lines = (root / name).read_text(encoding="utf-8", errors="replace").splitlines()
            listed = tuple(line.strip() for line in lines if line.strip())
            if len(listed) > largest:
                return listed
    return ()
