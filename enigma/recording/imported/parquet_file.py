"""A table of embeddings as Parquet: one row for each image at each step.

| column | what |
|---|---|
| `embedding` or `embeddings` | a list of numbers, of one length |
| `logits` | likewise, where there are any |
| `step` | whole number; without, there is one step |
| `label` | whole number or text; -1 or missing where unknown |
| `reference` | true for training images, which are read at the first step they have |
"""

from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
from pyarrow import compute

from enigma.recording.imported.recorded import Recorded, check_size, from_arrays
from enigma.spec.errors import InputError

_EMBEDDINGS = ("embedding", "embeddings", "vector", "emb")


def read(path: Path) -> Recorded:
    """What the table holds, images in the order of their rows at each step.

    Raises:
        InputError: it is no Parquet, lacks a column, or has steps with other images than the first.
    """
    try:
        file = pyarrow.parquet.ParquetFile(path)
        check_size("rows", (file.metadata.num_rows,), 1, path.name)
        names = set(file.schema_arrow.names)
        column = next((name for name in _EMBEDDINGS if name in names), None)
        wanted = [name for name in (column, "logits", "step", "label", "reference") if name in names]
        if column is None and "logits" not in names:
            raise InputError(
                f"Expected {path.name} to have a column 'embedding' or 'logits', a list of numbers a row, but it has "
                f"{', '.join(sorted(names)) or 'none'}."
            )
        table = file.read(columns=wanted)
    except InputError:
        raise
    except (OSError, ValueError, pyarrow.ArrowException) as error:
        raise InputError(f"Expected {path.name} to be a Parquet file, but got: {error}.") from error
    return _recorded(table, column, path.name)


def _recorded(table: pyarrow.Table, column: str | None, path: str) -> Recorded:
    if not len(table):
        raise InputError(f"Expected rows in {path}, but it has none.")
    lists = {"embeddings": column, "logits": "logits" if "logits" in table.column_names else None}
    values = {name: _matrix(table, source, path) for name, source in lists.items() if source is not None}
    steps = _whole(table, "step", path) if "step" in table.column_names else np.zeros(len(table), np.int64)
    labels, classes = _labels(table, path)
    is_reference = _flags(table, path)
    found: dict[str, np.ndarray] = {"steps": np.unique(steps[~is_reference])}
    rows = [np.flatnonzero((steps == step) & ~is_reference) for step in found["steps"]]
    if not rows or len({len(part) for part in rows}) > 1:
        counts = sorted({len(part) for part in rows}) or [0]
        raise InputError(f"Expected as many images at every step in {path}, but got {', '.join(map(str, counts))}.")
    for name, matrix in values.items():
        found[name] = np.stack([matrix[part] for part in rows])
    if labels is not None:
        if any((labels[part] != labels[rows[0]]).any() for part in rows):
            raise InputError(f"Expected the same images in the same order at every step in {path}, but labels differ.")
        found["labels"] = labels[rows[0]]
        if is_reference.any():
            first = is_reference & (steps == steps[is_reference].min())
            found["reference_embeddings"] = values[next(iter(values))][first]
            found["reference_labels"] = labels[first]
    if classes:
        found["classes"] = np.array(classes)
    return from_arrays(found, path)


def _matrix(table: pyarrow.Table, column: str, path: str) -> np.ndarray:
    kind = table.schema.field(column).type
    is_list = pyarrow.types.is_list(kind) or pyarrow.types.is_large_list(kind) or pyarrow.types.is_fixed_size_list(kind)
    if not is_list or not (pyarrow.types.is_floating(kind.value_type) or pyarrow.types.is_integer(kind.value_type)):
        raise InputError(f"Expected {column!r} in {path} to be a list of numbers a row, but got {kind}.")
    parts = table.column(column).combine_chunks()
    lengths = compute.unique(compute.list_value_length(parts))
    if parts.null_count or len(lengths) != 1:
        raise InputError(f"Expected lists of one length in {column!r} of {path}, but got several.")
    flat = compute.list_flatten(parts)
    if flat.null_count:
        raise InputError(f"Expected numbers in {column!r} of {path}, but some are missing.")
    return flat.to_numpy(zero_copy_only=False).reshape(len(table), -1)


def _whole(table: pyarrow.Table, column: str, path: str) -> np.ndarray:
    if not pyarrow.types.is_integer(table.schema.field(column).type) or table.column(column).null_count:
        raise InputError(f"Expected a whole number a row in {column!r} of {path}, but got others.")
    return table.column(column).to_numpy().astype(np.int64)


def _labels(table: pyarrow.Table, path: str) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Classes as numbers, and their names where the file has names."""
    if "label" not in table.column_names:
        return None, ()
    kind = table.schema.field("label").type
    if pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
        return named(table.column("label").to_pylist())
    if not pyarrow.types.is_integer(kind):
        raise InputError(f"Expected whole numbers or text in 'label' of {path}, but got {kind}.")
    return table.column("label").fill_null(-1).to_numpy().astype(np.int64), ()


def named(texts: list[str | None]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Names as numbers in the order of the alphabet, -1 where there is none.

    >>> named(["dog", "cat", None])
    (array([ 1,  0, -1]), ('cat', 'dog'))
    """
    classes = tuple(sorted({text for text in texts if text}))
    places = {name: index for index, name in enumerate(classes)}
    return np.array([places[text] if text else -1 for text in texts]), classes


def _flags(table: pyarrow.Table, path: str) -> np.ndarray:
    if "reference" not in table.column_names:
        return np.zeros(len(table), bool)
    if not pyarrow.types.is_boolean(table.schema.field("reference").type):
        raise InputError(f"Expected true or false in 'reference' of {path}, but got others.")
    return table.column("reference").fill_null(False).to_numpy(zero_copy_only=False).astype(bool)
