"""Datasets that come through the browser: kept only when they prove to be images, under their digest."""

import hashlib
import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from PIL import Image

from enigma.images.layouts import recognise
from enigma.images.pictures import BROKEN
from enigma.spec.errors import InputError
from enigma.store import allowed, permission, policy, quota

LARGEST_MEGABYTES = 200
# Zeros compress a thousandfold; what is unpacked must fit into memory.
LARGEST_UNPACKED_MEGABYTES = 2000
MOST_PICTURES = 5000
LARGEST_PIXELS = 50_000_000
"""Of one picture, width times height: its header says so before it is unpacked."""
SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "BMP": ".bmp", "GIF": ".gif", "TIFF": ".tif"}


def largest_megabytes() -> int:
    """Of one upload, as this server takes it."""
    return min(LARGEST_MEGABYTES, policy.current().upload_megabytes)


def keep_npz(content: bytes, name: str, folder: Path) -> Path:
    """Where an uploaded .npz is kept: <folder>/<digest>/<name>.npz; what was there before is not kept twice.

    Raises:
        InputError: it is too large, or no .npz of images.
    """
    _check_size(content, name)

    def write(temporary: Path) -> None:
        path = temporary / f"{_title(Path(name).stem, 'images')}.npz"
        path.write_bytes(content)
        _check_content(path, name)

    return next(_kept(folder, hashlib.sha256(content), write).glob("*.npz"))


def readable(files: Sequence[tuple[str, bytes]]) -> tuple[list[tuple[str, bytes]], list[str]]:
    """The files that are pictures, and the names of those that are not; hidden files are in neither.

    Raises:
        InputError: there are none or too many, they are too large, or none is a picture.
    """
    shown = sorted((name, content) for name, content in files if not _is_hidden(name))
    _check_pictures(shown)
    good, refused = [], []
    for name, content in shown:
        try:
            _suffix(name, content)
            good.append((name, content))
        except InputError as error:
            refused.append((name, error))
    if refused and not good:
        raise refused[0][1]
    return good, [name for name, _ in refused]


def keep_pictures(files: Sequence[tuple[str, bytes]], folder: Path) -> Path:
    """Where uploaded pictures are kept, as a folder without labels: <folder>/<digest>/<title>/00000-<name>.png.

    Their order is that of their names. Hidden files, which systems leave in folders, are left out.

    Args:
        files: name, perhaps with the folders it lay in, and content of each; `readable` tells which are pictures.

    Raises:
        InputError: there are none or too many, they are too large, or one is no picture.
    """
    shown = sorted((name, content) for name, content in files if not _is_hidden(name))
    _check_pictures(shown)
    suffixes = [_suffix(name, content) for name, content in shown]
    parents = {PurePosixPath(name.replace("\\", "/")).parent.name for name, _ in shown}
    title = _title(parents.pop() if len(parents) == 1 else "", "pictures")

    def write(temporary: Path) -> None:
        (temporary / title).mkdir()
        for index, ((name, content), suffix) in enumerate(zip(shown, suffixes, strict=True)):
            stem = PurePosixPath(name.replace("\\", "/")).stem
            (temporary / title / f"{index:05d}-{_title(stem, 'picture')}{suffix}").write_bytes(content)

    digest = hashlib.sha256()
    for _, content in shown:
        digest.update(hashlib.sha256(content).digest())
    return next(path for path in _kept(folder, digest, write).iterdir() if path.is_dir())


def _kept(folder: Path, digest: "hashlib._Hash", write: Callable[[Path], None]) -> Path:
    """<folder>/<digest>, filled by `write` unless it is there; never half filled."""
    permission.check_change()
    quota.check_disk(folder.parent)
    place = folder / digest.hexdigest()[:12]
    if not place.exists():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
                filled = Path(temporary) / "kept"
                filled.mkdir()
                write(filled)
                filled.rename(place)
        except OSError as error:
            # Somebody else may have uploaded the same at the same time.
            if not place.exists():
                raise InputError(f"Expected to write below {folder}, but got: {error}.") from error
    return place


def _title(text: str, otherwise: str) -> str:
    """A name that leads nowhere else and that every file system takes."""
    return re.sub(r"[^\w-]+", "-", text).strip("-")[:60] or otherwise


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any((part.startswith(".") and part not in (".", "..")) or part == "__MACOSX" for part in parts)


def _check_pictures(files: Sequence[tuple[str, bytes]]) -> None:
    """How many and how large, before any is opened."""
    if not 0 < len(files) <= MOST_PICTURES:
        raise InputError(f"Expected 1 to {MOST_PICTURES:,} pictures, but got {len(files):,}; {_otherwise('folder')}.")
    size = sum(len(content) for _, content in files)
    if size > largest_megabytes() * 10**6:
        raise InputError(
            f"Expected pictures of at most {largest_megabytes():,} MB together, but got {size / 10**6:,.0f} MB; "
            f"{_otherwise('folder')}."
        )


def _suffix(name: str, content: bytes) -> str:
    """The ending that suits what the picture proves to be, whatever its name says."""
    try:
        with Image.open(io.BytesIO(content), formats=tuple(SUFFIXES)) as picture:
            if picture.width * picture.height > LARGEST_PIXELS:
                raise InputError(
                    f"Expected pictures of at most {LARGEST_PIXELS:,} pixels, but {name} has {picture.width:,} x "
                    f"{picture.height:,}; make it smaller."
                )
            picture.load()
            return SUFFIXES[picture.format or ""]
    except InputError:
        raise
    except (Image.DecompressionBombError, *BROKEN) as error:
        raise InputError(
            f"Expected {name} to be a picture (PNG, JPEG, WebP, BMP, GIF or TIFF), but it cannot be opened as one; "
            "leave it out."
        ) from error


def _otherwise(what: str) -> str:
    if allowed.takes_paths():
        return f"give the path of a {what} that lies on the machine that computes"
    return "take fewer or smaller images"


def _check_content(path: Path, name: str) -> None:
    try:
        recognise(path)
    except InputError as error:
        raise InputError(str(error).replace(str(path), name)) from error


def _check_size(content: bytes, name: str) -> None:
    """Before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise InputError(
            f"Expected {name} to be an .npz, as numpy.savez writes it, but it is no zip of arrays."
        ) from error
    for size, most, what in (
        (len(content), largest_megabytes(), "an upload"),
        (unpacked, LARGEST_UNPACKED_MEGABYTES, "its arrays"),
    ):
        if size > most * 10**6:
            raise InputError(
                f"Expected {what} to be at most {most:,} MB, but got {size / 10**6:,.0f} MB; {_otherwise('file')}."
            )
