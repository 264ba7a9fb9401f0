"""The tables of TensorBoard's embedding projector: tensors.tsv, one vector a row, and metadata.tsv, what each row is.

Metadata of one column have no head; of several, the first row names them (the projector's own rule).
Source: https://www.tensorflow.org/tensorboard/tensorboard_projector_plugin.
"""

import csv
from pathlib import Path

import numpy as np

from enigma.recording.imported.parquet_file import named
from enigma.recording.imported.recorded import Recorded, check_size, from_arrays
from enigma.spec.errors import InputError

_LABELS = ("label", "labels", "class", "class_name", "target")
_LONGEST_CELL = 1 << 20


def read(paths: list[Path], metadata: Path | None, column: str | None, steps: tuple[int, ...] | None) -> Recorded:
    """One table of vectors a step, of the same rows.

    Args:
        paths: of the vectors.
        metadata: what the rows are; None where nobody says.
        column: of the metadata that holds the classes; None for the only one, or one that is called label or class.
        steps: of each table; None for 0, 1, 2 and so on.

    Raises:
        InputError: a table is damaged, or they do not fit together.
    """
    tables = [_vectors(path) for path in paths]
    shapes = {table.shape for table in tables}
    if len(shapes) > 1:
        raise InputError(f"Expected tables of as many rows and columns, but got {', '.join(map(str, sorted(shapes)))}.")
    found: dict[str, np.ndarray] = {"embeddings": np.stack(tables)}
    if steps is not None:
        found["steps"] = np.array(steps)
    if metadata is not None:
        labels, classes = named([text or None for text in _classes(metadata, column)])
        if len(labels) != len(tables[0]):
            raise InputError(
                f"Expected a row in {metadata.name} for each of the {len(tables[0]):,} vectors, but got "
                f"{len(labels):,}."
            )
        found |= {"labels": labels, **({"classes": np.array(classes)} if classes else {})}
    return from_arrays(found, paths[0].name)


def _vectors(path: Path) -> np.ndarray:
    check_size("bytes", (path.stat().st_size,), 1, path.name)
    try:
        with path.open(encoding="utf-8") as file:
            return np.loadtxt(file, delimiter="\t", dtype=np.float32, ndmin=2, comments=None)
    except (ValueError, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0]
        raise InputError(f"Expected {path.name} to hold numbers with tabs between, but got: {first[:200]}.") from error


def _classes(path: Path, column: str | None) -> list[str]:
    check_size("bytes", (path.stat().st_size,), 1, path.name)
    try:
        csv.field_size_limit(_LONGEST_CELL)
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"Expected {path.name} to be text with tabs between, but got: {error}.") from error
    if not rows or len({len(row) for row in rows}) > 1:
        raise InputError(f"Expected rows of as many columns in {path.name}, but got {'others' if rows else 'none'}.")
    head = rows[0]
    if len(head) == 1:
        return [row[0] for row in rows]
    wanted = column or next((name for name in head if name.lower() in _LABELS), None)
    if wanted not in head:
        raise InputError(
            f"Expected the name of a column with classes in {path.name}, one of {', '.join(head)[:200]}, but got "
            f"{wanted!r}; name it with --label."
        )
    return [row[head.index(wanted)] for row in rows[1:]]
