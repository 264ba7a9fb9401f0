"""What a path is: the usual layouts of shifted image datasets, told apart by what lies in them.

Nothing is decoded here and no model is needed, so a form can say at once what it was given.
"""

import os
import re
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from enigma.errors import InputError
from enigma.images.pictures import Array, Files, Member, Pictures, Shards, as_bytes, files_below, is_picture

_SEVERITIES = ("1", "2", "3", "4", "5")


@dataclass(frozen=True, eq=False)
class Layout:
    """A dataset as it lies on disk.

    Attributes:
        title: what it is, e.g. 'CIFAR-10-C, gaussian_noise, severity 3'.
        labels: of each picture, as an index into `folders` or, without these, a class number; -1 is unknown.
        folders: names of the classes where folders or the file say them.
        is_ready: the pictures were brought to size when the set was made, so they are not resized again.
        uniform: the one size that the pictures have, if they have.
        is_corrupted: the corruption is in the pictures already.
        note: what else there is to know.
    """

    title: str
    pictures: Pictures
    labels: Int64[np.ndarray, " pictures"]
    folders: tuple[str, ...] = ()
    is_ready: bool = False
    uniform: tuple[int, int] | None = None
    is_corrupted: bool = False
    note: str = ""

    @property
    def has_labels(self) -> bool:
        return bool((self.labels >= 0).any())

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the first picture that can be opened."""
        for position in range(min(len(self.pictures), 20)):
            try:
                return self.pictures.image(position).size
            except OSError:
                continue
        return None

    def describe(self) -> str:
        """One line, e.g. 'CIFAR-10-C, fog, severity 3: 10,000 images, 32x32, labels found'."""
        size = f", {self.size[0]}x{self.size[1]}" if self.size else ""
        labels = "labels found" if self.has_labels else "no labels"
        if self.folders and self.has_labels:
            labels += f" in {len(self.folders):,} class{'es' if len(self.folders) != 1 else ''}"
        note = f"; {self.note}" if self.note else ""
        return f"{self.title}: {len(self.pictures):,} images{size}, {labels}{note}"


def recognise(path: Path, corruption: str = "none", severity: int = 1) -> Layout:
    """Tells what lies at `path`.

    Args:
        corruption: which part of a set of several corruptions is meant.
        severity: likewise, where it has severities.

    Raises:
        InputError: nothing is there, it is no known layout, or it lacks that corruption.
    """
    if path.suffix == ".npz" and path.is_file():
        return _npz(path)
    if path.suffix == ".npy" and path.is_file():
        return _cifar_c(path.parent, _agreed(path.stem, corruption, path), severity)
    if path.suffix == ".tar" and path.is_file():
        return _shards(path.parent, [path.name])
    if not path.is_dir():
        raise InputError(
            f"Expected `dataset` to be a bundled name, a folder of images, an .npz or a .tar, but got {str(path)!r}."
        )
    entries = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
    if "labels.npy" in entries:
        names = [entry[:-4] for entry in entries if entry.endswith(".npy") and entry != "labels.npy"]
        return _cifar_c(path, _one_of(names, corruption, path), severity)
    if tars := [entry for entry in entries if entry.endswith(".tar")]:
        return _shards(path, tars)
    return _mnist_c(path, entries, corruption) or _imagenet_c(path, entries, corruption, severity) or _folder(path)


def _npz(path: Path) -> Layout:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files if name in ("images", "labels", "classes")}
            present = arrays.files
    except (OSError, ValueError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"Expected {path} to be an .npz of plain arrays, but got: {error}.") from error
    if "images" not in found:
        raise InputError(f"Expected {path} to hold an array 'images', but it holds {', '.join(present) or 'nothing'}.")
    images = as_bytes(found["images"], f"'images' in {path}")
    labels = _labels(found["labels"], len(images), path) if "labels" in found else _unknown(len(images))
    classes = tuple(str(name) for name in found.get("classes", ()))
    size = (images.shape[2], images.shape[1])
    ready = size[0] == size[1]
    return Layout(path.name, Array(images, path.name), labels, classes, is_ready=ready, uniform=size)


def _cifar_c(root: Path, corruption: str, severity: int) -> Layout:
    values, labels = _mapped(root / f"{corruption}.npy"), _mapped(root / "labels.npy")
    if len(values) % len(_SEVERITIES) or len(labels) not in (len(values), len(values) // 5):
        raise InputError(
            f"Expected {corruption}.npy to hold five severities of the same images, as CIFAR-10-C does, and labels.npy "
            f"a label for each, but got {len(values)} images and {len(labels)} labels."
        )
    each = len(values) // len(_SEVERITIES)
    part = slice((severity - 1) * each, severity * each)
    images = as_bytes(values[part], f"{corruption}.npy")
    own = labels[part] if len(labels) == len(values) else labels
    name = "CIFAR-100-C" if labels.max() >= 10 else "CIFAR-10-C"
    title = f"{name}, {corruption}, severity {severity}"
    pictures = Array(images, f"{corruption}.npy")
    return Layout(title, pictures, _labels(own, each, root), is_ready=True, is_corrupted=True)


def _mnist_c(root: Path, entries: list[str], corruption: str) -> Layout | None:
    if "test_images.npy" in entries:
        folder = root
        _agreed(root.name, corruption, root)
    else:
        names = [entry for entry in entries if (root / entry / "test_images.npy").is_file()]
        if not names:
            return None
        folder = root / _one_of(names, corruption, root)
    images = as_bytes(_mapped(folder / "test_images.npy"), f"{folder.name}/test_images.npy")
    labels = _labels(_mapped(folder / "test_labels.npy"), len(images), folder)
    pictures = Array(images, f"{folder.name}/test_images.npy")
    return Layout(f"MNIST-C, {folder.name}", pictures, labels, is_ready=True, is_corrupted=True)


def _imagenet_c(root: Path, entries: list[str], corruption: str, severity: int) -> Layout | None:
    """A leaf, one corruption, or the root: <corruption>/<severity>/<class>/<picture>."""
    if root.name in _SEVERITIES and _is_corruption(root.parent, [*_SEVERITIES]):
        folder, name, level = root, _agreed(root.parent.name, corruption, root), root.name
    elif _is_corruption(root, entries):
        folder, name, level = root / str(severity), _agreed(root.name, corruption, root), str(severity)
    else:
        names = [entry for entry in entries if _is_corruption(root / entry, list(_SEVERITIES))]
        if not names:
            return None
        name, level = _one_of(names, corruption, root), str(severity)
        folder = root / name / level
    if not folder.is_dir():
        raise InputError(f"Expected severity {level} of {name} in {folder}, but there is no such folder.")
    leaf = _folder(folder)
    return replace(leaf, title=f"ImageNet-C, {name}, severity {level}", is_ready=True, is_corrupted=True)


def _is_corruption(folder: Path, entries: list[str]) -> bool:
    """Whether a folder holds nothing but severities, and these hold folders."""
    return bool(entries) and set(entries) <= set(_SEVERITIES) and any(_holds_folders(folder / e) for e in entries)


def _holds_folders(folder: Path) -> bool:
    return folder.is_dir() and any(entry.is_dir() for entry in os.scandir(folder))


def _folder(root: Path) -> Layout:
    """One sub-folder a class, or pictures nobody has labelled."""
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
        return _uniform(Layout(title, Files(root, tuple(names)), np.array(labels, np.int64), tuple(kept), note=note))
    if loose:
        return _uniform(Layout(f"Folder {root.name}", Files(root, tuple(loose)), _unknown(len(loose))))
    raise InputError(
        f"Expected images in {root} or one sub-folder a class in it (.jpg, .png, .webp, .bmp, .gif, .tif), but got "
        "none; known are also ImageNet-C, CIFAR-10-C, MNIST-C, .npz and .tar."
    )


def _uniform(layout: Layout, sampled: int = 32) -> Layout:
    """Notes the size that all of a sample of the pictures have: files of the model's size need no resize."""
    sizes = set()
    for position in np.unique(np.linspace(0, len(layout.pictures) - 1, sampled).astype(int)):
        try:
            sizes.add(layout.pictures.image(int(position)).size)
        except OSError:
            continue
    return replace(layout, uniform=sizes.pop() if len(sizes) == 1 else None)


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
                    labels[key] = int(content.read(20))
    except (tarfile.TarError, OSError, ValueError) as error:
        raise InputError(f"Expected {root / name} to be an uncompressed tar of pictures, but got: {error}.") from error
    return members, labels


def _mapped(path: Path) -> np.ndarray:
    try:
        values = np.lib.format.open_memmap(path, mode="r")
        if not values.ndim:
            raise ValueError("it holds one number")
        return values
    except (OSError, ValueError) as error:
        raise InputError(f"Expected the array {path}, but got: {error}.") from error


def _labels(values: np.ndarray, count: int, path: Path) -> Int64[np.ndarray, " pictures"]:
    if values.shape != (count,) or not np.issubdtype(values.dtype, np.integer):
        raise InputError(
            f"Expected a whole number as label for each of the {count} images in {path}, but got {values.dtype} "
            f"of shape {values.shape}."
        )
    return np.asarray(values, np.int64)


def _unknown(count: int) -> Int64[np.ndarray, " pictures"]:
    return np.full(count, -1, np.int64)


def _one_of(names: list[str], corruption: str, path: Path) -> str:
    if corruption in names:
        return corruption
    raise InputError(
        f"Expected `corruption` to be one of those in {path} ({', '.join(sorted(names))}), but got {corruption!r}."
    )


def _agreed(name: str, corruption: str, path: Path) -> str:
    """The corruption a path names, unless another one was asked for."""
    if corruption in ("none", name) or not re.fullmatch(r"[\w-]+", name):
        return name
    raise InputError(
        f"Expected `corruption` to be none or {name}, because {path} holds {name}, but got {corruption!r}."
    )
