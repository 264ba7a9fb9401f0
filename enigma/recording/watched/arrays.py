"""Tensors and arrays of any library as NumPy, checked, with one sentence on what is wrong."""

import math
from typing import Any

import numpy as np

from enigma.spec.errors import InputError

LARGEST = 1e12
"""Values beyond it are a model that has diverged: distances between them overflow in single precision."""


def as_array(value: Any, what: str) -> np.ndarray:
    """A tensor, an array or nested lists as an array on the CPU, without a gradient.

    Raises:
        InputError: it holds no numbers, or rows of different lengths.
    """
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        # NumPy has no such type.
        value = value.float() if "bfloat16" in str(value.dtype) else value
    try:
        found = np.asarray(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"Expected {what} as a tensor or an array, but got: {error}.") from error
    if found.dtype.kind not in "biuf":
        raise InputError(f"Expected numbers as {what}, but got {_told(value, found)}.")
    return found


def matrix(value: Any, what: str, axes: str) -> np.ndarray:
    """Finite numbers of shape (rows, columns).

    Args:
        value: a tensor, an array or nested lists.
        what: the name that it was given by.
        axes: what rows and columns are, such as 'probes, features'.

    Raises:
        InputError: it has another shape, no rows or columns, or numbers that are not finite.
    """
    found = as_array(value, what)
    if found.ndim != 2 or not found.size:
        raise InputError(f"Expected {what} of shape ({axes}), but got shape {found.shape}.")
    # Written so that NaN is refused too.
    if not float(np.abs(found).max()) < LARGEST:
        raise InputError(
            f"Expected finite numbers below {LARGEST:g} in {what}, but got NaN, infinite or larger ones; the model has "
            "diverged."
        )
    return found


def classes_of(value: Any, what: str) -> np.ndarray:
    """Labels of shape (images,) as whole numbers from -1, which is unknown, upwards.

    Raises:
        InputError: they are something else.
    """
    found = as_array(value, what)
    if found.ndim != 1 or not found.size:
        raise InputError(f"Expected {what} of shape (images,), one class a row, but got shape {found.shape}.")
    whole = found.astype(np.int64) if np.isfinite(found.astype(np.float64)).all() else None
    if whole is None or (whole != found).any() or whole.min() < -1:
        raise InputError(f"Expected whole numbers from 0 as {what}, or -1 where unknown, but got others.")
    return whole


def number(value: Any, what: str) -> float:
    """One number; NaN for None, and where it is NaN.

    >>> number(np.array([0.5]), "loss"), math.isnan(number(None, "loss"))
    (0.5, True)

    Raises:
        InputError: it is no single number.
    """
    if value is None:
        return math.nan
    found = as_array(value, what)
    if found.size != 1:
        raise InputError(f"Expected one number as {what}, but got shape {found.shape}; log its mean.")
    return float(found.reshape(()))


def whole_number(value: Any, what: str) -> int:
    """A whole number from 0 upwards.

    Raises:
        InputError: it is something else.
    """
    found = as_array(value, what)
    if found.size != 1 or found.dtype.kind not in "iu" or int(found.reshape(())) < 0:
        raise InputError(f"Expected a whole number from 0 as {what}, but got {value!r:.60}.")
    return int(found.reshape(()))


def _told(value: Any, found: np.ndarray) -> str:
    return f"{type(value).__name__} of {found.dtype}"
