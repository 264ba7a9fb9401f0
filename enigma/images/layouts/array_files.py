"""Arrays of images and labels in files, checked."""

import struct
import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError

import numpy as np
from jaxtyping import Int64

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
