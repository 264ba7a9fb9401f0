"""Arrays of images and labels in files, checked."""

import struct
import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError

import numpy as np
from jaxtyping import Int64, UInt8

from enigma.spec.errors import InputError

# More classes than any model has; such a label is a mistake, and a larger one does not fit into 64 bits.
_MOST_CLASSES = 10**9

UNREADABLE = (
    OSError, ValueError, TypeError, KeyError, AttributeError, IndexError, EOFError, MemoryError, OverflowError,
    RecursionError, RuntimeError, SyntaxError, TokenError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What NumPy raises for a damaged header, which it reads as Python's literals, or a damaged zip of arrays."""


def mapped(path: Path) -> np.ndarray:
    """The array of an .npy, read page by page.

    Raises:
        InputError: it is none.
    """
    try:
        values = np.lib.format.open_memmap(path, mode="r")
        if not values.ndim:
            raise ValueError("it holds one number")
        if not values.size:
            raise ValueError("it is empty")
        return values
    except UNREADABLE as error:
        raise InputError(f"Expected the array {path}, but got: {error}.") from error


def as_bytes(values: np.ndarray, title: str) -> UInt8[np.ndarray, "pictures height width *channels"]:
    """An array of pictures in any usual form as uint8 with the channels last.

    Raises:
        InputError: it has another shape, or numbers that are neither 0 to 255 nor 0.0 to 1.0.
    """
    if values.ndim == 4 and values.shape[3] not in (1, 3) and values.shape[1] in (1, 3):
        values = values.transpose(0, 2, 3, 1)
    if values.ndim not in (3, 4) or (values.ndim == 4 and values.shape[3] not in (1, 3)) or not len(values):
        raise InputError(
            f"Expected {title} to have the shape (images, height, width, 3) or (images, height, width), "
            f"but got {values.shape}."
        )
    if not values.size:
        raise InputError(f"Expected {title} to hold pictures of at least one pixel, but got the shape {values.shape}.")
    if values.dtype == np.uint8:
        return values
    if np.issubdtype(values.dtype, np.floating) and values.min() >= 0 and values.max() <= 1:
        return np.rint(values * 255).astype(np.uint8)
    is_number = np.issubdtype(values.dtype, np.number) or values.dtype == np.bool_
    span = f" from {values.min()} to {values.max()}" if is_number else ""
    raise InputError(
        f"Expected {title} to hold whole numbers from 0 to 255 (uint8) or numbers from 0 to 1, but got {values.dtype}"
        f"{span}."
    )


def labels_of(values: np.ndarray, count: int, path: Path) -> Int64[np.ndarray, " pictures"]:
    """Labels, one for each of `count` images.

    Raises:
        InputError: they are not as many, or no whole numbers.
    """
    if values.shape != (count,) or not np.issubdtype(values.dtype, np.integer):
        raise InputError(
            f"Expected a whole number as label for each of the {count} images in {path}, but got {values.dtype} "
            f"of shape {values.shape}."
        )
    if len(values) and not -1 <= int(values.min()) <= int(values.max()) < _MOST_CLASSES:
        raise InputError(
            f"Expected labels from 0, or -1 for unknown, in {path}, but got {values.min()} to {values.max()}."
        )
    return np.asarray(values, np.int64)


def unlabelled(count: int) -> Int64[np.ndarray, " pictures"]:
    """No label for any of `count` images."""
    return np.full(count, -1, np.int64)
