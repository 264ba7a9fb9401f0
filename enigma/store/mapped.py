"""Arrays of a file as views of the disk: nothing is read before it is looked at, and then page by page.

safetensors' own reader for NumPy copies every array that it gives; the layout of its files is simple enough to map.
Source: https://huggingface.co/docs/safetensors, "Format".
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from enigma.spec.errors import CorruptRunError
from enigma.store.json_file import MOST_BYTES, parse_object

_TYPES: Mapping[str, type[np.generic]] = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32, "I16": np.int16,
    "I8": np.int8, "U8": np.uint8, "BOOL": np.bool_,
}  # fmt: skip


def mapped(path: Path) -> dict[str, np.ndarray]:
    """Every array of a safetensors file by name, as read-only views of one memory map of it; empty ones are new.

    The views stay valid as long as they are held, also after the file has been replaced or deleted.

    Raises:
        CorruptRunError: the file is missing, or is no whole safetensors file.
    """
    try:
        content = np.memmap(path, np.uint8, mode="r")
        begin = 8 + int(content[:8].view("<u8")[0])
        head = header(content[: min(begin, 8 + MOST_BYTES)].tobytes(), f"the header of {path.name}")
        return {name: _view(content[begin:], told) for name, told in head.items() if name != "__metadata__"}
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise CorruptRunError(f"Expected arrays in {path}, but got: {error}. Import the run again.") from error


def header(content: bytes, what: str) -> dict[str, Any]:
    """The header of a safetensors file, which begins with its length in eight bytes: what is where in it.

    Raises:
        CorruptRunError: it is cut off, or none.
    """
    length = int.from_bytes(content[:8], "little")
    if length > min(MOST_BYTES, len(content) - 8):
        raise CorruptRunError(f"Expected {what} in its first {MOST_BYTES:,} bytes, but it is cut off or longer.")
    return parse_object(content[8 : 8 + length], what)


def _view(content: np.ndarray, told: dict) -> np.ndarray:
    start, end = told["data_offsets"]
    kind, shape = np.dtype(_TYPES[told["dtype"]]), tuple(told["shape"])
    if not 0 <= start <= end <= len(content) or min(shape, default=0) < 0:
        raise ValueError(f"an array from byte {start:,} to {end:,} of {len(content):,}")
    if math.prod(shape) * kind.itemsize != end - start:
        raise ValueError(f"{end - start:,} bytes for an array of shape {shape}")
    if start == end:
        return np.empty(shape, kind)
    return np.asarray(content)[start:end].view(kind).reshape(shape)
