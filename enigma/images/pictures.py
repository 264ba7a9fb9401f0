"""Where single pictures come from: files, arrays, tar shards and tables, each read only when asked for."""

import bisect
import hashlib
import io
import os
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute
import pyarrow.parquet
from jaxtyping import UInt8
from PIL import Image

IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif", ".tif", ".tiff"}

BROKEN = (OSError, ValueError, SyntaxError, TypeError, IndexError, EOFError, MemoryError, struct.error, zlib.error)
"""What Pillow raises for data that ends early or makes no sense."""

# Names and sizes of all files make the digest; so do the contents of so many, evenly spaced.
_SAMPLED_FILES = 64
_BLOCK_BYTES = 2**20

_MOST_KEPT = 2**30


@dataclass(frozen=True)
class Files:
    """Picture files below a folder."""

    root: Path
    names: tuple[str, ...]
    is_checked = False

    def __len__(self) -> int:
        return len(self.names)

    def image(self, position: int) -> Image.Image:
        return opened(self.root / self.names[position])

    def name(self, position: int) -> str:
        return self.names[position]

    @cached_property
    def digest(self) -> str:
        """Of the names and sizes of all files, and the contents of 64: hashing 50,000 files takes minutes."""
        digest = hashlib.sha256()
        for name in self.names:
            digest.update(f"{name}\0{(self.root / name).stat().st_size}\n".encode())
        for position in np.unique(np.linspace(0, len(self.names) - 1, _SAMPLED_FILES).astype(int)):
            digest.update((self.root / self.names[position]).read_bytes())
        return digest.hexdigest()[:12]


@dataclass(frozen=True, eq=False)
class Array:
    """Pictures in one array, which may be mapped from a file: (pictures, height, width) or with 1 or 3 channels."""

    values: UInt8[np.ndarray, "pictures height width *channels"]
    title: str
    is_checked = True

    def __len__(self) -> int:
        return len(self.values)

    def image(self, position: int) -> Image.Image:
        picture = self.values[position]
        return Image.fromarray(picture[..., 0] if picture.ndim == 3 and picture.shape[-1] == 1 else picture)

    def name(self, position: int) -> str:
        return f"{self.title}[{position}]"

    @cached_property
    def digest(self) -> str:
        digest = hashlib.sha256(str(self.values.shape).encode())
        for block in np.array_split(self.values, max(1, self.values.nbytes // 2**26)):
            digest.update(np.ascontiguousarray(block).data)
        return digest.hexdigest()[:12]


@dataclass(frozen=True)
class Member:
    """A picture inside a tar file: where its bytes lie."""

    shard: str
    name: str
    offset: int
    size: int


@dataclass(frozen=True)
class Shards:
    """Pictures inside tar files, as WebDataset and CCC store them; nothing is unpacked to disk."""

    root: Path
    members: tuple[Member, ...]
    is_checked = False

    def __len__(self) -> int:
        return len(self.members)

    def image(self, position: int) -> Image.Image:
        member = self.members[position]
        with (self.root / member.shard).open("rb") as file:
            file.seek(member.offset)
            return opened(io.BytesIO(file.read(member.size)))

    def name(self, position: int) -> str:
        return f"{self.members[position].shard}:{self.members[position].name}"

    @cached_property
    def digest(self) -> str:
        lines = (f"{m.shard}\0{m.name}\0{m.size}\n" for m in self.members)
        digest = hashlib.sha256("".join(lines).encode())
        for position in np.unique(np.linspace(0, len(self.members) - 1, _SAMPLED_FILES).astype(int)):
            member = self.members[position]
            with (self.root / member.shard).open("rb") as file:
                file.seek(member.offset)
                digest.update(file.read(member.size))
        return digest.hexdigest()[:12]


@dataclass(frozen=True, eq=False)
class Table:
    """Pictures in a column of Parquet files, as Hugging Face stores them; a group of rows is read when it is asked for.

    Attributes:
        column: of bytes, or of a structure whose field `bytes` holds them.
        ends: how many rows there are up to the end of each group of each file.
        groups: for each of these, the file and its place in it.
    """

    root: Path
    names: tuple[str, ...]
    column: str
    ends: tuple[int, ...]
    groups: tuple[tuple[int, int], ...]
    _kept: dict[int, Any] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    is_checked = False

    def __len__(self) -> int:
        return self.ends[-1]

    def image(self, position: int) -> Image.Image:
        group, row = self._place(position)
        content = self._group(group)[row].as_py()
        if content is None:
            raise OSError("it has no bytes of its own")
        return opened(io.BytesIO(content))

    def name(self, position: int) -> str:
        file = self.groups[self._place(position)[0]][0]
        before = next(i for i, (owner, _) in enumerate(self.groups) if owner == file)
        return f"{self.names[file]}[{position - (self.ends[before - 1] if before else 0)}]"

    def _place(self, position: int) -> tuple[int, int]:
        group = bisect.bisect_right(self.ends, position)
        return group, position - (self.ends[group - 1] if group else 0)

    def _group(self, group: int) -> Any:
        """The bytes of a group of rows: the last ones stay in memory, up to a gigabyte."""
        with self._lock:
            if group not in self._kept:
                file, number = self.groups[group]
                with pyarrow.parquet.ParquetFile(self.root / self.names[file]) as parquet:
                    column = parquet.read_row_group(number, columns=[self.column]).column(self.column)
                if pyarrow.types.is_struct(column.type):
                    column = pyarrow.compute.struct_field(column, "bytes")
                self._kept[group] = column.combine_chunks()
                while len(self._kept) > 1 and sum(kept.nbytes for kept in self._kept.values()) > _MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
            return self._kept[group]

    @cached_property
    def digest(self) -> str:
        """Of the sizes of all files and 64 blocks of each: a picture that is another one lies in other bytes."""
        digest = hashlib.sha256()
        for name in self.names:
            size = (self.root / name).stat().st_size
            digest.update(f"{name}\0{size}\n".encode())
            with (self.root / name).open("rb") as file:
                for start in np.unique(np.linspace(0, max(size - _BLOCK_BYTES, 0), _SAMPLED_FILES).astype(int)):
                    file.seek(start)
                    digest.update(file.read(_BLOCK_BYTES))
        return digest.hexdigest()[:12]


Pictures = Files | Array | Shards | Table
"""Pictures in a fixed order. `image` opens one, not yet decoded where it is a file, and raises OSError where it is
broken; `is_checked` says that none can be; `digest` changes when the pictures do."""


def opened(file: Path | io.BytesIO) -> Image.Image:
    """A picture that is not yet decoded.

    Raises:
        OSError: it is none, or has more pixels than Pillow takes for a picture (178 million).
    """
    try:
        return Image.open(file)
    except (Image.DecompressionBombError, *BROKEN) as error:
        raise OSError(str(error)) from error


def files_below(folder: Path) -> tuple[str, ...]:
    """Picture files anywhere below a folder, relative to it, sorted; hidden ones are left out."""
    found = []
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        relative = os.path.relpath(parent, folder)
        found += [name if relative == "." else f"{relative}/{name}" for name in names if is_picture(name)]
    return tuple(sorted(found))


def is_picture(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES and not name.startswith(".")  # noqa: PTH122


@lru_cache(maxsize=1)
def readers() -> ThreadPoolExecutor:
    """The threads that read and decode; decoding releases Python's lock."""
    return ThreadPoolExecutor(min(16, (os.cpu_count() or 1) + 2), "enigma-reader")
