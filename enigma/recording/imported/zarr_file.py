"""Arrays by name in a Zarr group, a folder or a zip, of version 2 or 3 of the format."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from enigma.images.layouts.array_files import UNREADABLE
from enigma.recording.imported.recorded import NAMES, Recorded, check_size, from_arrays
from enigma.spec.errors import InputError

# Codecs that only pack numbers. Others may run what lies in the file: 'pickle' does.
_CODECS = {
    "bytes", "transpose", "blosc", "zstd", "gzip", "zlib", "lz4", "crc32c", "sharding_indexed", "shuffle", "delta",
    "bz2", "lzma", "vlen-utf8", "fixedscaleoffset",
}  # fmt: skip
_MOST_METADATA = 1 << 20
_TEXTS = ("string", "fixed_length_utf32")


def read(path: Path) -> Recorded:
    """What the group holds.

    Raises:
        InputError: the package `zarr` is missing, an array holds objects or a codec that is not known to be harmless,
            it is damaged, or lacks embeddings.
    """
    try:
        import zarr
    except ImportError as error:
        raise InputError(
            f'Expected the package zarr, to read {path.name}, but it is missing; pip install "entropy-enigma[zarr]".'
        ) from error
    try:
        for name, metadata in _metadata(path):
            _check(name, metadata, path.name)
        stores = zarr.storage
        store = stores.ZipStore(path, mode="r") if path.is_file() else stores.LocalStore(path, read_only=True)
        group: Any = zarr.open_group(store, mode="r")
        found = {}
        for name in NAMES:
            if name in group:
                array = group[name]
                check_size(name, array.shape, array.dtype.itemsize, path.name)
                found[name] = np.asarray(array[...])
    except InputError:
        raise
    except (*UNREADABLE, zarr.errors.BaseZarrError) as error:
        raise InputError(f"Expected {path.name} to be a Zarr group of plain arrays, but got: {error}.") from error
    return from_arrays(found, path.name)


def _metadata(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the format says of each array that is read, before any of its chunks is opened."""
    for name in NAMES:
        for file in (".zarray", "zarr.json"):
            content = _content(path, f"{name}/{file}")
            if content is not None:
                found = json.loads(content)
                if not isinstance(found, dict):
                    raise InputError(f"Expected {name}/{file} in {path.name} to be an object in JSON, but got another.")
                yield name, found


def _content(path: Path, name: str) -> bytes | None:
    if path.is_dir():
        file = path / name
        if not file.is_file():
            return None
        with file.open("rb") as opened:
            return opened.read(_MOST_METADATA)
    with zipfile.ZipFile(path) as archive:
        if name not in archive.namelist() or archive.getinfo(name).file_size > _MOST_METADATA:
            return None
        return archive.read(name)


def _check(name: str, metadata: dict[str, Any], path: str) -> None:
    kind = metadata.get("data_type", metadata.get("dtype", ""))
    kind = str(kind.get("name") if isinstance(kind, dict) else kind)
    codecs = list(_named([metadata.get(part) for part in ("codecs", "compressor", "filters")]))
    unknown = next((codec for codec in codecs if codec not in _CODECS), None)
    # Text of version 2 counts as objects, which this codec alone packs as text.
    is_text = kind in _TEXTS or kind.startswith("<U") or (kind == "|O" and "vlen-utf8" in codecs)
    is_number = re.fullmatch(r"[<>|]?[iufb]\d+|(u?int|float)\d+|bool", kind) is not None
    if unknown is not None or not (is_number or (is_text and name == "classes")):
        what = f"the codec {unknown[:40]!r}" if unknown is not None else f"{kind[:40]!r}"
        raise InputError(f"Expected numbers in {name!r} of {path}, packed by a codec that is known, but got {what}.")


def _named(value: Any) -> Iterator[str]:
    """The names of all codecs, also of those within others."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _named(each)
    elif isinstance(value, dict):
        yield str(value.get("name", value.get("id")))
        for part in value.values():
            nested = part.values() if isinstance(part, dict) else ()
            for each in nested:
                if isinstance(each, list) and each and isinstance(each[0], dict | str):
                    yield from _named(each)
