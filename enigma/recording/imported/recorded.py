"""What a file holds of a loop, whatever its format: embeddings at one step or several, and what belongs to them."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from enigma.spec.errors import InputError

MOST_STEPS = 4000
MOST_BYTES = 2 * 10**9
"""More in one array is a mistake, or nothing that a page could show."""
NAMES = (
    "embeddings", "logits", "labels", "steps", "reference_embeddings", "reference_labels", "images",
    "reference_images", "classes",
)  # fmt: skip
"""The arrays that are read; others are left alone."""


@dataclass(frozen=True)
class Recorded:
    """What `enigma.watch` would have been given.

    Attributes:
        steps: ascending.
        embeddings: one array a step; None where only logits are there.
        logits: one array a step; None where there are none.
        given: arguments of `enigma.watch`.
    """

    steps: tuple[int, ...]
    embeddings: np.ndarray | None
    logits: np.ndarray | None
    given: dict[str, Any]


def from_arrays(arrays: Mapping[str, np.ndarray], path: str) -> Recorded:
    """The arrays of `NAMES` that a file holds.

    Args:
        arrays: embeddings (steps, probes, features) or (probes, features), logits likewise; labels (probes,), steps
            (steps,), reference_embeddings (references, features), reference_labels (references,), images, classes.
        path: of the file, for errors.

    Raises:
        InputError: there are neither embeddings nor logits, or they do not fit together.
    """
    frames = {name: _frames(arrays[name], name, path) for name in ("embeddings", "logits") if name in arrays}
    if not frames:
        held = ", ".join(arrays) or "nothing that is known"
        raise InputError(
            f"Expected {path} to hold an array 'embeddings' or 'logits', of shape (probes, features) or (steps, "
            f"probes, features), but it holds {held}."
        )
    counts = {len(part) for part in frames.values()}
    if len(counts) > 1:
        raise InputError(f"Expected embeddings and logits of as many steps in {path}, but got {sorted(counts)}.")
    if ("reference_embeddings" in arrays) != ("reference_labels" in arrays):
        raise InputError(f"Expected reference_embeddings and reference_labels together in {path}, but got one.")
    reference = (arrays["reference_embeddings"], arrays["reference_labels"]) if "reference_labels" in arrays else None
    given = {
        "probe_labels": arrays.get("labels"), "reference": reference, "images": arrays.get("images"),
        "reference_images": arrays.get("reference_images"),
        "classes": [str(name) for name in arrays["classes"].ravel()] if "classes" in arrays else None,
    }  # fmt: skip
    steps = _steps(arrays.get("steps"), counts.pop(), path)
    return Recorded(steps, frames.get("embeddings"), frames.get("logits"), given)


def _frames(values: np.ndarray, name: str, path: str) -> np.ndarray:
    found = values[None] if values.ndim == 2 else values
    if found.ndim != 3 or not found.size or found.dtype.kind not in "iuf":
        raise InputError(
            f"Expected {name!r} in {path} as numbers of shape (probes, features) or (steps, probes, features), but got "
            f"shape {values.shape} of {values.dtype}."
        )
    return found


def _steps(values: np.ndarray | None, count: int, path: str) -> tuple[int, ...]:
    if values is None:
        return tuple(range(count))
    if values.ndim != 1 or values.dtype.kind not in "iu" or len(values) != count:
        raise InputError(f"Expected 'steps' in {path} as {count:,} whole numbers, but got shape {values.shape}.")
    steps = tuple(int(step) for step in values)
    if steps[0] < 0 or any(after <= before for before, after in itertools.pairwise(steps)):
        raise InputError(f"Expected 'steps' in {path} to begin at 0 or later and to grow, but they do not.")
    return steps


def check_size(name: str, shape: tuple[int, ...], bytes_each: int, path: str) -> None:
    """Whether an array can be read at all, by what the file says of it before anything is unpacked.

    Raises:
        InputError: it is too large.
    """
    size = bytes_each * int(np.prod([int(length) for length in shape], dtype=object))
    if size > MOST_BYTES or (len(shape) == 3 and shape[0] > MOST_STEPS):
        raise InputError(
            f"Expected {name!r} in {path} of at most {MOST_BYTES // 10**9} GB and {MOST_STEPS:,} steps, but got shape "
            f"{shape}; take fewer images or steps."
        )
