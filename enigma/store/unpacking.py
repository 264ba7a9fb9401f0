"""What a zip of runs may hold, looked at before anything is unpacked, and unpacked piece by piece."""

import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from enigma.spec.errors import CorruptRunError, InputError
from enigma.store import manifest
from enigma.store.json_file import MOST_BYTES

_MB = 1 << 20
_STEP = r"([0-9]{6,15})"
# Every file that a run may bring, by name, and how large it may be. Nothing else is unpacked.
LARGEST = {
    re.compile(pattern, re.ASCII): most
    for pattern, most in {
        r"(run|status|manifest|label)\.json": MOST_BYTES,
        r"scalars\.csv": 256 * _MB,
        r"(reference_)?thumbnails\.webp": 64 * _MB,
        rf"(reference|probe)\.safetensors|frames/{_STEP}\.safetensors": 1024 * _MB,
        r"checkpoint\.safetensors": 4096 * _MB,
        rf"(derived/)?metrics/{_STEP}\.json|derived/unknowns/({_STEP}|source)\.json": MOST_BYTES,
        r"(derived/)?projections/[\w-]{1,60}\.safetensors": 256 * _MB,
    }.items()
}  # fmt: skip
REQUIRED = ("manifest.json", "run.json", "status.json", "probe.safetensors", "reference.safetensors")
_MOST_UNPACKED = 4096 * _MB
# The list of a zip is read at once: 8,000 files of runs, and never more than 24,000 entries.
_MOST_LIST = _MB
# Zeros shrink a thousandfold, recorded numbers fivefold; what is small does no harm.
_MOST_RATIO, _SMALL = 200, 16 * _MB
_PIECE = 1 << 18
_ENCRYPTED = 1
# What `zipfile` raises on damage; NotImplementedError, for what it cannot unpack, is a RuntimeError.
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError)
_EXPECTED = "Expected the zip of a run as `enigma export` writes it"
_AGAIN = "export the run again"


class _Guarded:
    """A file of which `zipfile`, which reads the list of a zip at once, cannot take more into memory than allowed."""

    def __init__(self, file: BufferedIOBase) -> None:
        self.seek, self.tell, self.seekable, self._read = file.seek, file.tell, file.seekable, file.read

    def read(self, size: int = -1) -> bytes:
        if size > _MOST_LIST:
            raise InputError(
                f"Expected a zip whose list of files takes at most {_MOST_LIST:,} bytes, but got {size:,}; "
                "export fewer runs at once."
            )
        return self._read(size)


def opened(file: BufferedIOBase) -> zipfile.ZipFile:
    """A zip as far as its list tells; what is in it, `listed` tells.

    Raises:
        InputError: it is none, or its list is too long.
    """
    guarded: Any = _Guarded(file)
    try:
        return zipfile.ZipFile(guarded)
    except InputError:
        raise
    except _BROKEN as error:
        raise InputError(f"Expected the zip of a run, but got another kind of file ({error}).") from error


def listed(archive: zipfile.ZipFile) -> dict[str, dict[str, zipfile.ZipInfo]]:
    """The files of every run in a zip, by id and name, once all of them may be unpacked.

    Raises:
        InputError: some are not of a run, too large, or packed in another way than `enigma export` does it.
    """
    found: dict[str, dict[str, zipfile.ZipInfo]] = {}
    entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
    for entry in entries:
        run_id, _, name = entry.filename.partition("/")
        most = next((most for pattern, most in LARGEST.items() if pattern.fullmatch(name)), 0)
        if not most or not re.fullmatch("[0-9a-f]{12}", run_id) or name in found.setdefault(run_id, {}):
            raise InputError(f"{_EXPECTED}, but it holds {_short(entry)}{' twice' if most else ''}.")
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError(
                f"{_EXPECTED}, but {_short(entry)} is encrypted, or packed by another method; pack it anew."
            )
        if entry.file_size > most or entry.file_size > max(_SMALL, _MOST_RATIO * entry.compress_size):
            raise InputError(
                f"{_EXPECTED}, but {_short(entry)} unpacks from {entry.compress_size:,} to {entry.file_size:,} bytes, "
                "which no recording does."
            )
        found[run_id][name] = entry
    if not found:
        raise InputError(f"{_EXPECTED}, but it is empty.")
    if sum(entry.compress_size for entry in entries) > archive.start_dir:
        raise InputError(f"{_EXPECTED}, but files in it lie over each other; export the runs again.")
    if (total := sum(entry.file_size for entry in entries)) > _MOST_UNPACKED:
        raise InputError(
            f"Expected runs of at most {_MOST_UNPACKED >> 30} GiB, but this zip unpacks to {total:,} bytes; "
            "export fewer runs at once."
        )
    return found


def unpack(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], folder: Path) -> None:
    """Writes the files of one run into a folder, each compared with the manifest as it goes by.

    Raises:
        CorruptRunError: one is missing, cut off, changed, or not in the manifest.
    """
    for name in REQUIRED:
        if name not in entries:
            raise CorruptRunError(f"Expected {name} in the zip of run {folder.name}, but it has none; {_AGAIN}.")
    try:
        _written(archive, entries[manifest.NAME], folder / manifest.NAME)
        sealed = manifest.digests(folder)
        for name, entry in entries.items():
            digest = _written(archive, entry, folder / name)
            if manifest.RECORDED.fullmatch(name) and digest != sealed.pop(name, None):
                raise CorruptRunError(
                    f"Expected run {folder.name} as it was recorded, but {name} is changed, or not in the manifest; "
                    f"{_AGAIN}."
                )
    except _BROKEN as error:
        raise CorruptRunError(
            f"Expected a whole zip of run {folder.name}, but it is damaged ({error}); {_AGAIN}."
        ) from error
    if sealed:
        raise CorruptRunError(f"Expected {min(sealed)} in the zip of run {folder.name}, but it is missing; {_AGAIN}.")


def _written(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> str:
    """Unpacks a file piece by piece; its SHA-256. `zipfile` gives no more bytes than the list of the zip says."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with archive.open(entry) as source, target.open("wb") as file:
        while piece := source.read(_PIECE):
            digest.update(piece)
            file.write(piece)
    if target.stat().st_size != entry.file_size:
        raise EOFError(f"{target.name} is cut off")
    return digest.hexdigest()


def _short(entry: zipfile.ZipInfo) -> str:
    return repr(entry.filename[:80])
