"""Labelled images as arrays: the bundled Fashion-MNIST and folders with one sub-folder a class."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Int64, UInt8

from enigma.assets import asset
from enigma.errors import InputError
from enigma.sources import fashion_mnist

IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif", ".tif", ".tiff"}


@dataclass(frozen=True)
class ImageSet:
    """Images with labels.

    Attributes:
        indices: position of each image in the dataset it was taken from; a corruption is drawn from it.
        digest: SHA-256 of the whole dataset it was taken from, twelve digits.
    """

    images: UInt8[np.ndarray, "images height width 3"]
    labels: Int64[np.ndarray, " images"]
    classes: tuple[str, ...]
    indices: Int64[np.ndarray, " images"]
    digest: str

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, positions: np.ndarray) -> "ImageSet":
        """The images at these positions, in this order."""
        return replace(
            self, images=self.images[positions], labels=self.labels[positions], indices=self.indices[positions]
        )


def bundled(split: str) -> ImageSet:
    """The bundled part of Fashion-MNIST: 'test' (all 10,000) or 'train' (10,000, 1,000 a class)."""
    path = asset("data", "fashion-mnist.npz")
    with np.load(path, allow_pickle=False) as arrays:
        images, labels = fashion_mnist.pad(arrays[f"{split}_images"]), arrays[f"{split}_labels"].astype(np.int64)
    return _image_set(images, labels, fashion_mnist.CLASSES)


def folder(root: Path, classes: tuple[str, ...], size: int) -> ImageSet:
    """Images below `root/<class name>/`, resized to `size` x `size` RGB, sorted by path.

    The sub-folders must be named as the model's classes are (upper or lower case), or be as many,
    and are then taken in alphabetical order, as torchvision's ImageFolder does.

    Raises:
        InputError: no folder, no images, or sub-folders that do not fit the classes.
    """
    if not root.is_dir():
        raise InputError(f"Expected `dataset` to be a bundled name or a folder of images, but got {str(root)!r}.")
    paths = sorted(p for p in root.glob("*/*") if p.suffix.lower() in IMAGE_SUFFIXES)
    if not paths:
        raise InputError(
            f"Expected images in {root}/<class>/ ({', '.join(sorted(IMAGE_SUFFIXES))}), but got none; "
            "give the folder that holds one sub-folder a class."
        )
    label_of = _labels_of_folders(sorted({p.parent.name for p in paths}), classes, root)
    images = np.stack([_read(path, size) for path in paths])
    return _image_set(images, np.array([label_of[p.parent.name] for p in paths]), classes)


def _labels_of_folders(names: list[str], classes: tuple[str, ...], root: Path) -> dict[str, int]:
    by_name = {name.lower(): label for label, name in enumerate(classes)}
    if all(name.lower() in by_name for name in names):
        return {name: by_name[name.lower()] for name in names}
    if len(names) == len(classes):
        return {name: label for label, name in enumerate(names)}
    raise InputError(
        f"Expected sub-folders of {root} to be named after the model's classes ({', '.join(classes)}) "
        f"or to be {len(classes)}, but got {len(names)}: {', '.join(names[:5])}."
    )


def _read(path: Path, size: int) -> UInt8[np.ndarray, "size size 3"]:
    from PIL import Image

    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR))
    except OSError as error:
        raise InputError(f"Expected {path} to be an image, but got: {error}. Remove or replace it.") from error


def _image_set(images: np.ndarray, labels: np.ndarray, classes: tuple[str, ...]) -> ImageSet:
    digest = hashlib.sha256(np.ascontiguousarray(images).data)
    digest.update(np.ascontiguousarray(labels).data)
    return ImageSet(images, labels, classes, np.arange(len(labels)), digest.hexdigest()[:12])
