"""Whether the files of a run agree with each other: with its spec, its classes, and the images of its probe."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from enigma.spec.errors import CorruptRunError
from enigma.spec.run_spec import RunSpec
from enigma.store import scalars, thumbnails
from enigma.store.json_file import DAMAGED
from enigma.store.mapped import mapped

# The axes of each array that a reader counts on; later and earlier versions keep others besides.
_REFERENCE = {"embeddings": ("references", "features"), "labels": ("references",)}
_PROBE: Mapping[str, tuple[str, ...]] = {"labels": ("images",), "indices": ("images",)}
_UNKNOWN = {"unknown": ("images",), "source_scores": ("images", "scores")}
_FRAME = {
    "embeddings": ("images", "features"), "top_logits": ("images", "top"), "top_classes": ("images", "top"),
    "logsumexp": ("images",), "entropies": ("images",), "label_log_probabilities": ("images",),
    "mean_prediction": ("classes",), "class_means": ("classes", "features"),
}  # fmt: skip
# A label may be unknown and a class may have no mean, which is NaN; in these nothing is.
_FINITE = ("embeddings", "entropies", "logsumexp", "mean_prediction")
# So many numbers at a time are looked at, so that a large file takes no memory.
_AT_ONCE = 1_000_000
# Longer than any row of numbers that a recording writes.
_LONGEST_ROW = 4096


def check(folder: Path, facts: Mapping[str, Any], spec: RunSpec) -> None:
    """Looks at what is there; that all is there that should be, the manifest tells.

    Raises:
        CorruptRunError: naming the first file that does not fit.
    """
    classes = len(facts["classes"])
    if spec.num_classes not in (None, classes):
        _wrong("run.json", f"{spec.num_classes} classes, as in its spec", f"{classes}")
    sizes, mixed = {"classes": classes}, "scores" in facts
    # A loop that was watched may have logged no predictions.
    finite = ("embeddings",) if facts.get("missing", {}).get("entropy") else _FINITE
    if mixed:
        sizes["scores"] = len(facts["scores"])
    _arrays(folder, "reference.safetensors", _REFERENCE, sizes)
    _arrays(folder, "probe.safetensors", {**_PROBE, **(_UNKNOWN if mixed else {})}, sizes)
    for path in sorted(folder.glob("frames/*.safetensors")):
        axes = {**_FRAME, **({"scores": ("images", "scores")} if mixed else {})}
        _arrays(folder, f"frames/{path.name}", axes, sizes, finite)
    if (folder / scalars.NAME).exists():
        _scalars(folder / scalars.NAME)
    for name, images in ((thumbnails.PROBE, "images"), (thumbnails.REFERENCE, "references")):
        if (folder / name).exists() and images in sizes:
            _picture(folder / name, sizes[images])


def _arrays(
    folder: Path,
    name: str,
    axes: Mapping[str, tuple[str, ...]],
    sizes: dict[str, int],
    finite: tuple[str, ...] = _FINITE,
) -> None:
    """Whether the axes of the arrays have the sizes that are known; those that are not are known from then on."""
    if not (folder / name).exists():
        return
    arrays = mapped(folder / name)
    for key, wanted in axes.items():
        shape = arrays[key].shape if key in arrays else None
        if shape is None or len(shape) != len(wanted):
            _wrong(name, f"an array {key!r} of {', '.join(wanted)}", "none" if shape is None else f"shape {shape}")
        for axis, size in zip(wanted, shape, strict=True):
            if size != sizes.setdefault(axis, size):
                _wrong(name, f"{sizes[axis]:,} {axis} in {key!r}", f"{size:,}")
    for key in ("labels", "top_classes"):
        if key in axes and arrays[key].size and _outside(arrays[key], sizes["classes"]):
            _wrong(name, f"classes below {sizes['classes']} in {key!r}", "others")
    for key in finite:
        if key in axes and not _is_finite(arrays[key]):
            _wrong(name, f"finite numbers in {key!r}", "others")


def _is_finite(values: np.ndarray) -> bool:
    flat = values.reshape(-1)
    return all(np.isfinite(flat[begin : begin + _AT_ONCE]).all() for begin in range(0, len(flat), _AT_ONCE))


def _outside(values: np.ndarray, classes: int) -> bool:
    """Whether some are no class; -1 is that of an image without label."""
    return not np.issubdtype(values.dtype, np.integer) or bool(values.min() < -1 or values.max() >= classes)


def _scalars(path: Path) -> None:
    """Row by row, so that a long file takes no memory."""
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        columns = file.readline(_LONGEST_ROW).rstrip("\n").split(",")
        if columns[: len(scalars.FIRST)] != list(scalars.FIRST):
            _wrong(path.name, f"columns that begin with {', '.join(scalars.FIRST)}", repr(",".join(columns)[:60]))
        while (row := file.readline(_LONGEST_ROW)).endswith("\n"):
            cells = row.rstrip("\n").split(",")
            if len(cells) != len(columns) or not re.fullmatch(r"\d{1,15}(\.0)?", cells[0]) or not _are_numbers(cells):
                _wrong(path.name, f"{len(columns)} numbers a row, after a step", repr(row[:60]))
        # The last row of a recording may be half written.
        if len(row) >= _LONGEST_ROW:
            _wrong(path.name, f"rows below {_LONGEST_ROW:,} characters", "a longer one")


def _are_numbers(cells: list[str]) -> bool:
    try:
        return bool([float(cell) for cell in cells])
    except ValueError:
        return False


def _picture(path: Path, images: int) -> None:
    """Its size by its header, before anybody unpacks it."""
    with path.open("rb") as file:
        size = thumbnails.size(file.read(30))
    rows = -(-images // thumbnails.COLUMNS)
    wanted = (thumbnails.COLUMNS * thumbnails.SIZE, rows * thumbnails.SIZE)
    if size != wanted:
        _wrong(path.name, f"a WebP picture of {wanted[0]} x {wanted[1]}", f"{size[0]} x {size[1]}" if size else "none")


def _wrong(name: str, expected: str, got: str) -> NoReturn:
    raise CorruptRunError(f"Expected {name} to hold {expected}, but got {got}. {DAMAGED}")
