"""Uncompressed tar shards, with the class number of each picture in a .cls beside it."""

import tarfile
from pathlib import Path

import numpy as np

from enigma.images.layouts.folder import visible
from enigma.images.layouts.layout import Layout
from enigma.images.pictures import Member, Shards, is_picture
from enigma.spec.errors import InputError

# Digits of a class number, with a line break.
_LONGEST = 10


def read(path: Path, corruption: str, severity: int) -> Layout | None:
    """One shard, or all of a folder."""
    if path.suffix == ".tar" and path.is_file():
        return _shards(path.parent, [path.name])
    names = [name for name in visible(path) if name.endswith(".tar")] if path.is_dir() else []
    return _shards(path, names) if names else None


def _shards(root: Path, names: list[str]) -> Layout:
    members: list[Member] = []
    labels: list[int] = []
    for name in names:
        found, known = _shard(root, name)
        members += found
        labels += [known.get(member.name.partition(".")[0], -1) for member in found]
    if not members:
        raise InputError(f"Expected pictures in {root / names[0]}, such as 000.jpg with 000.cls, but got none.")
    title = f"{len(names)} tar shard{'s' if len(names) > 1 else ''} in {root.name}"
    return Layout(title, Shards(root, tuple(members)), np.array(labels, np.int64), is_ready=True, is_corrupted=True)


def _class_number(text: bytes) -> int:
    number = int(text)
    if not 0 <= number < 10 ** (_LONGEST - 1):
        raise ValueError(f"a class number of {number}")
    return number


def _shard(root: Path, name: str) -> tuple[list[Member], dict[str, int]]:
    """Pictures of one tar, and the class numbers by key."""
    members, labels = [], {}
    try:
        with tarfile.open(root / name, "r:") as archive:
            for entry in archive:
                key, _, kind = entry.name.removeprefix("./").partition(".")
                if is_picture(entry.name.rpartition("/")[2]):
                    members.append(Member(name, entry.name.removeprefix("./"), entry.offset_data, entry.size))
                elif kind.endswith("cls") and (content := archive.extractfile(entry)):
                    labels[key] = _class_number(content.read(_LONGEST))
    except (tarfile.TarError, OSError, ValueError, KeyError) as error:
        raise InputError(f"Expected {root / name} to be an uncompressed tar of pictures, but got: {error}.") from error
    return members, labels
