"""Images that are altered when they are first asked for, and kept in a file from then on."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tokenize import TokenError
from typing import Any, Protocol, runtime_checkable

import numpy as np
from filelock import FileLock
from jaxtyping import Int64, UInt8


@runtime_checkable
class Indexed(Protocol):
    """Images of one size that are read by indexing with positions, as an array of them is."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, key: Any) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class KeptImages:
    """Altered images, each made once and kept in one file that several processes may read and fill.

    Beside its pixels an image keeps their checksum, so that one that is not made yet, or of which a crash kept only a
    part, is made (again) when it is asked for. Indexing is as that of an array of all images.

    Attributes:
        original: the images before they are altered.
        indices: what `alter` is told of each of them.
        alter: gives the altered pixels from the original ones and the image's index, always the same.
        path: a NumPy array of records, sparse where an image is not made yet; its folder is made where it is missing.
    """

    original: Indexed
    indices: Int64[np.ndarray, " images"]
    alter: Callable[[UInt8[np.ndarray, "height width 3"], int], UInt8[np.ndarray, "height width 3"]]
    path: Path

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self), *self.original.shape[1:])

    def __getitem__(self, key: Any) -> np.ndarray:
        asked = np.arange(len(self))[key]
        positions = np.atleast_1d(asked)
        records = np.array(self._records[positions])
        wanting = [row for row, record in enumerate(records) if zlib.crc32(record["pixels"]) != record["checksum"]]
        if wanting:
            for row, picture in zip(wanting, self.original[positions[wanting]], strict=True):
                made = self.alter(picture, int(self.indices[positions[row]]))
                records[row]["pixels"], records[row]["checksum"] = made, zlib.crc32(np.ascontiguousarray(made).data)
            self._keep(positions[wanting], records[wanting])
        pixels = np.ascontiguousarray(records["pixels"])
        return pixels if np.ndim(asked) else pixels[0]

    @cached_property
    def _records(self) -> np.memmap:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self._opened() is None:
            with FileLock(self.path.with_suffix(".lock")):
                self._begin()
        return np.lib.format.open_memmap(self.path, mode="r")

    @property
    def _record(self) -> np.dtype:
        return np.dtype([("checksum", "<u4"), ("pixels", "u1", self.shape[1:])])

    def _opened(self) -> np.memmap | None:
        """The file, or None where there is none or it was cut off or damaged, as by a disk that was full."""
        try:
            records = np.lib.format.open_memmap(self.path, mode="r")
        except (FileNotFoundError, ValueError, TokenError):
            return None
        return records if (records.shape, records.dtype) == ((len(self),), self._record) else None

    def _begin(self) -> None:
        """Makes the file without any image, unless another process was first."""
        if self._opened() is not None:
            return
        temporary = self.path.with_suffix(".tmp")
        # An array that is mapped anew and never written is a hole in the file, which takes no room.
        np.lib.format.open_memmap(temporary, mode="w+", dtype=self._record, shape=(len(self),)).flush()
        temporary.replace(self.path)

    def _keep(self, positions: np.ndarray, records: np.ndarray) -> None:
        # Written, not mapped: a full disk is then an OSError, and not the end of the process.
        with self.path.open("r+b") as file:
            for position, record in zip(positions, records, strict=True):
                file.seek(self._records.offset + int(position) * records.itemsize)
                file.write(record.tobytes())
