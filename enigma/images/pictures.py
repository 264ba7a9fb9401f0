"""Where single pictures come from: files, arrays, and members of tar shards, each read only when asked for."""

import hashlib
import io
import os
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from enigma.spec.errors import InputError

IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif", ".tif", ".tiff"}

BROKEN = (OSError, ValueError, SyntaxError, TypeError, IndexError, EOFError, MemoryError, struct.error, zlib.error)
"""What Pillow raises for data that ends early or makes no sense."""

# Names and sizes of all files make the digest; so do the contents of so many, evenly spaced.
_SAMPLED_FILES = 64


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


Pictures = Files | Array | Shards
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


def as_bytes(values: np.ndarray, title: str) -> UInt8[np.ndarray, "pictures height width *channels"]:
    """An array of pictures in any usual form as uint8 with the channels last.

    Raises:
        InputError: it has another shape, or numbers that are neither 0 to 255 nor 0.0 to 1.0.
    """
    if values.ndim == 4 and values.shape[3] not in (1, 3) and values.shape[1] in (1, 3):
        values = values.transpose(0, 2, 3, 1)
    if values.ndim not in (3, 4) or (values.ndim == 4 and values.shape[3] not in (1, 3)) or not len(values):
        raise InputError(
            f"Expected {title} to have the shape (images, height, width, 3) or (images, height, width), "
            f"but got {values.shape}."
        )
    if not values.size:
        raise InputError(f"Expected {title} to hold pictures of at least one pixel, but got the shape {values.shape}.")
    if values.dtype == np.uint8:
        return values
    if np.issubdtype(values.dtype, np.floating) and values.min() >= 0 and values.max() <= 1:
        return np.rint(values * 255).astype(np.uint8)
    is_number = np.issubdtype(values.dtype, np.number) or values.dtype == np.bool_
    span = f" from {values.min()} to {values.max()}" if is_number else ""
    raise InputError(
        f"Expected {title} to hold whole numbers from 0 to 255 (uint8) or numbers from 0 to 1, but got {values.dtype}"
        f"{span}."
    )


@lru_cache(maxsize=1)
def readers() -> ThreadPoolExecutor:
    """The threads that read and decode; decoding releases Python's lock."""
    return ThreadPoolExecutor(min(16, (os.cpu_count() or 1) + 2), "enigma-reader")
