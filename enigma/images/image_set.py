"""Images with labels, in memory or read when they are asked for."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Int64, UInt8

from enigma.images import fashion_mnist
from enigma.images.kept_images import KeptImages
from enigma.images.pictures import BROKEN, Pictures, readers
from enigma.models.preprocess import Picture, Preprocess
from enigma.spec.assets import asset
from enigma.spec.errors import InputError

# So many images are read between two reports of progress.
_BLOCK = 250


@dataclass(frozen=True, eq=False)
class LazyImages:
    """Pictures that are read, brought to size and corrupted when they are indexed, several at a time.

    Indexing gives uint8 arrays as an array of all images would: `images[positions]`, `images[3:5]`, `images[7]`.

    Attributes:
        positions: which of `pictures`, in this order.
        alter: what is done to each picture afterwards, given its position in `pictures`; e.g. a corruption.
    """

    pictures: Pictures
    positions: Int64[np.ndarray, " images"]
    preprocess: Preprocess
    alter: Callable[[Picture, int], Picture] | None = None

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return (len(self), self.preprocess.size, self.preprocess.size, 3)

    @property
    def nbytes(self) -> int:
        """What all of them would take in memory."""
        return int(np.prod(self.shape))

    def __getitem__(self, key: Any) -> np.ndarray:
        chosen = self.positions[key]
        if np.ndim(chosen) == 0:
            return self._read(int(chosen))
        if not len(chosen):
            return np.empty((0, *self.shape[1:]), np.uint8)
        return np.stack(list(readers().map(self._read, chosen.tolist())))

    def _read(self, position: int) -> Picture:
        try:
            picture = self.preprocess(self.pictures.image(position))
        except BROKEN as error:
            raise InputError(
                f"Expected {self.pictures.name(position)} to be an image as when it was checked, but got: {error}."
            ) from error
        return self.alter(picture, position) if self.alter else picture


@dataclass(frozen=True, eq=False)
class Joined:
    """Several sets of images of one size, one after another, as if they were one."""

    parts: tuple["np.ndarray | LazyImages | KeptImages | Joined", ...]

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self), *self.parts[0].shape[1:])

    def __getitem__(self, key: Any) -> np.ndarray:
        chosen = np.arange(len(self))[key]
        positions = np.atleast_1d(chosen)
        starts = np.cumsum([0, *(len(part) for part in self.parts)])
        owners = np.searchsorted(starts, positions, side="right") - 1
        images = np.empty((len(positions), *self.shape[1:]), np.uint8)
        for owner in np.unique(owners):
            mine = owners == owner
            images[mine] = self.parts[owner][positions[mine] - starts[owner]]
        return images if np.ndim(chosen) else images[0]


@dataclass(frozen=True)
class ImageSet:
    """Images with labels.

    Attributes:
        images: an array, or something that gives one when it is indexed.
        labels: places among the model's classes; -1 is unknown.
        indices: position of each image in the dataset it was taken from; a corruption is drawn from it.
        digest: of the whole dataset it was taken from, twelve digits.
    """

    images: UInt8[np.ndarray, "images height width 3"] | LazyImages | KeptImages | Joined
    labels: Int64[np.ndarray, " images"]
    classes: tuple[str, ...]
    indices: Int64[np.ndarray, " images"]
    digest: str

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def has_labels(self) -> bool:
        return bool((self.labels >= 0).any())

    def take(self, positions: np.ndarray, progress: Callable[[int, int], None] | None = None) -> "ImageSet":
        """The images at these positions, in this order, in memory.

        Args:
            progress: told how many are read and their number, where reading them takes time.
        """
        images = self.images[positions] if progress is None else self._read(positions, progress)
        return replace(self, images=images, labels=self.labels[positions], indices=self.indices[positions])

    def _read(self, positions: np.ndarray, progress: Callable[[int, int], None]) -> np.ndarray:
        if isinstance(self.images, np.ndarray):
            return self.images[positions]
        found = np.empty((len(positions), *self.images.shape[1:]), np.uint8)
        for first in range(0, len(positions), _BLOCK):
            block = positions[first : first + _BLOCK]
            found[first : first + len(block)] = self.images[block]
            progress(first + len(block), len(positions))
        return found


def bundled(split: str) -> ImageSet:
    """The bundled part of Fashion-MNIST: 'test' (all 10,000) or 'train' (10,000, 1,000 a class)."""
    kept = _bundled(split)
    return replace(kept, images=np.array(kept.images), labels=kept.labels.copy(), indices=kept.indices.copy())


@cache
def _bundled(split: str) -> ImageSet:
    """Read once in a process: unpacking and digesting 30 MB takes ten times as long as copying them."""
    path = asset("data", "fashion-mnist.npz")
    with np.load(path, allow_pickle=False) as arrays:
        images, labels = fashion_mnist.pad(arrays[f"{split}_images"]), arrays[f"{split}_labels"].astype(np.int64)
    digest = hashlib.sha256(np.ascontiguousarray(images).data)
    digest.update(np.ascontiguousarray(labels).data)
    return ImageSet(images, labels, fashion_mnist.CLASSES, np.arange(len(labels)), digest.hexdigest()[:12])


def from_pictures(
    pictures: Pictures,
    labels: Int64[np.ndarray, " pictures"],
    classes: tuple[str, ...],
    preprocess: Preprocess,
    broken: tuple[int, ...] = (),
) -> ImageSet:
    """A set that is read when it is asked for, without the broken pictures."""
    kept = np.setdiff1d(np.arange(len(pictures)), np.array(broken, np.int64))
    images = LazyImages(pictures, kept, preprocess)
    digest = hashlib.sha256(f"{pictures.digest} {preprocess.pixels()} {broken}".encode())
    digest.update(np.ascontiguousarray(labels).data)
    return ImageSet(images, labels[kept], classes, kept, digest.hexdigest()[:12])


def joined(parts: list[ImageSet]) -> ImageSet:
    """Several sets one after another; a single one stays as it is."""
    if len(parts) == 1:
        return parts[0]
    return ImageSet(
        Joined(tuple(part.images for part in parts)),
        np.concatenate([part.labels for part in parts]),
        parts[0].classes,
        np.concatenate([part.indices for part in parts]),
        hashlib.sha256(" ".join(part.digest for part in parts).encode()).hexdigest()[:12],
    )


def no_images(classes: tuple[str, ...], size: int) -> ImageSet:
    """No images at all, where there is no reference."""
    none = np.empty(0, np.int64)
    return ImageSet(np.empty((0, size, size, 3), np.uint8), none, classes, none, "none")
