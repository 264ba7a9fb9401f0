"""Parquet files as Hugging Face writes sets of images: pictures as bytes, the names of the classes in the schema."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
from jaxtyping import Int64

from enigma.images.layouts.array_files import unlabelled
from enigma.images.layouts.folder import with_size
from enigma.images.layouts.layout import Layout
from enigma.images.pictures import Table
from enigma.spec.errors import InputError

_ENDING = ".parquet"
# How the library calls the files of a split: 'test-00000-of-00002.parquet', or 'test.parquet'.
_PART = re.compile(r"(?P<split>.+?)(-\d+-of-\d+)?\.parquet")
# Where pictures and labels are looked for when the schema does not say.
_PICTURES = ("image", "img", "picture", "jpg", "png")
_LABELS = ("label", "labels", "class", "fine_label", "target")


def read(path: Path, corruption: str, severity: int) -> Layout | None:
    """One file, the files of a folder if they are one split, or a split: 'flowers/test' of those in 'flowers'."""
    if path.suffix == _ENDING and path.is_file():
        return _layout(path.parent, [path.name])
    if path.is_dir():
        root, splits = _splits(path)
        if len(splits) > 1:
            named = sorted(splits)
            raise InputError(
                f"Expected one split, but {path} holds {', '.join(named)}; name one of them, as in {path / named[0]}."
            )
        return _layout(root, next(iter(splits.values()))) if splits else None
    if not path.exists() and path.parent.is_dir():
        root, splits = _splits(path.parent)
        return _layout(root, splits[path.name]) if path.name in splits else None
    return None


def _splits(folder: Path) -> tuple[Path, dict[str, list[str]]]:
    """The Parquet files of a folder, or else of `data` in it, by split."""
    for root in (folder, folder / "data"):
        splits: dict[str, list[str]] = {}
        for file in sorted(root.glob(f"[!.]*{_ENDING}")):
            match = _PART.fullmatch(file.name)
            if match and file.is_file():
                splits.setdefault(match["split"], []).append(file.name)
        if splits:
            return root, splits
    return folder, {}


def _layout(root: Path, names: list[str]) -> Layout:
    files = [_opened(root / name) for name in names]
    with_types = _features(files[0].schema_arrow)
    picture = _picture_column(files[0].schema_arrow, with_types, root / names[0])
    groups = [(file, group) for file, parquet in enumerate(files) for group in range(parquet.num_row_groups)]
    counts = [files[file].metadata.row_group(group).num_rows for file, group in groups]
    if not sum(counts):
        raise InputError(f"Expected pictures in {root / names[0]}, but got a table without rows.")
    # Groups without rows have no pictures.
    kept = [(group, count) for group, count in zip(groups, counts, strict=True) if count]
    ends = tuple(np.cumsum([count for _, count in kept]).tolist())
    pictures = Table(root, tuple(names), picture, ends, tuple(group for group, _ in kept))
    labels, classes, note = _labels(files, with_types, root / names[0])
    title = f"{names[0] if len(names) == 1 else f'{len(names)} Parquet files'} in {root.name}"
    return with_size(Layout(title, pictures, labels, classes, note=note))


def _opened(file: Path) -> Any:
    try:
        return pyarrow.parquet.ParquetFile(file)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"Expected {file} to be a Parquet file, but got: {error}.") from error


def _features(schema: Any) -> dict[str, dict[str, Any]]:
    """What the library notes of each column: its kind, and the names of the classes."""
    try:
        told = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        features = told["info"]["features"]
        return {name: kind for name, kind in features.items() if isinstance(kind, dict)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _picture_column(schema: Any, features: dict[str, dict[str, Any]], file: Path) -> str:
    fitting = [field.name for field in schema if _holds_bytes(field.type)]
    told = [name for name in fitting if features.get(name, {}).get("_type") == "Image"]
    usual = [name for name in _PICTURES if name in fitting]
    found = (*told, *usual, *fitting)
    if not found:
        raise InputError(
            f"Expected a column of pictures in {file}, as bytes or as a structure with `bytes`, but its columns are "
            f"{', '.join(schema.names)}."
        )
    return found[0]


def _holds_bytes(kind: Any) -> bool:
    if pyarrow.types.is_struct(kind):
        return kind.get_field_index("bytes") >= 0 and _holds_bytes(kind.field("bytes").type)
    return pyarrow.types.is_binary(kind) or pyarrow.types.is_large_binary(kind)


def _labels(
    files: list[Any], features: dict[str, dict[str, Any]], path: Path
) -> tuple[Int64[np.ndarray, " pictures"], tuple[str, ...], str]:
    """Labels, the names of the classes, and which columns of labels were passed over."""
    schema = files[0].schema_arrow
    named = [name for name, kind in features.items() if kind.get("_type") == "ClassLabel" and name in schema.names]
    usual = [name for name in _LABELS if name in schema.names]
    columns = sorted(named, key=lambda name: name not in usual) or usual[:1]
    count = sum(file.metadata.num_rows for file in files)
    if not columns:
        return unlabelled(count), (), ""
    column, others = columns[0], columns[1:]
    note = f"labels of {column!r}, not of {', '.join(map(repr, others))}" if others else ""
    try:
        values = pyarrow.concat_tables([file.read(columns=[column]) for file in files]).column(column)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"Expected {column!r} in each of the files beside {path}, but got: {error}.") from error
    if pyarrow.types.is_string(values.type) or pyarrow.types.is_large_string(values.type):
        texts = values.to_pylist()
        classes = tuple(sorted({text for text in texts if text is not None}))
        places = {name: place for place, name in enumerate(classes)}
        return np.array([places.get(text, -1) for text in texts], np.int64), classes, note
    if not pyarrow.types.is_integer(values.type):
        raise InputError(f"Expected whole numbers or names as {column!r} in {path}, but got {values.type}.")
    labels = np.array([-1 if value is None else value for value in values.to_pylist()], np.int64)
    names = features.get(column, {}).get("names") or []
    return np.maximum(labels, -1), tuple(map(str, names)), note
