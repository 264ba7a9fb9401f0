"""Arrays of images and labels in files, checked."""

from pathlib import Path

import numpy as np
from jaxtyping import Int64

from enigma.spec.errors import InputError


def mapped(path: Path) -> np.ndarray:
    """The array of an .npy, read page by page.

    Raises:
        InputError: it is none.
    """
    try:
        values = np.lib.format.open_memmap(path, mode="r")
        if not values.ndim:
            raise ValueError("it holds one number")
        return values
    except (OSError, ValueError) as error:
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
    return np.asarray(values, np.int64)


def unlabelled(count: int) -> Int64[np.ndarray, " pictures"]:
    """No label for any of `count` images."""
    return np.full(count, -1, np.int64)
