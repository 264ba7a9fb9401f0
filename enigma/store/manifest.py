"""What is sealed of a run: the checksums of all that was recorded and cannot be made again."""

import hashlib
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter

from enigma.spec.errors import CorruptRunError
from enigma.store import noted
from enigma.store.json_file import DAMAGED, Form, read_object

NAME = "manifest.json"

RECORDED = re.compile(
    r"run\.json|scalars\.csv|(reference_)?thumbnails\.webp|(reference|probe|checkpoint)\.safetensors"
    r"|frames/[0-9]{6,15}\.safetensors"
)
# What version 0.1.0 sealed besides.
_SCHEMA_1 = re.compile(r"(metrics|unknowns)/([0-9]{6,15}|source)\.json|projections/[\w-]+\.safetensors", re.ASCII)
_FORM: Form = TypeAdapter(dict[str, Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]]).validate_python


def recorded(folder: Path) -> list[str]:
    """The names of the files that belong into a manifest."""
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    return sorted(name for name in files if RECORDED.fullmatch(name))


def made(folder: Path) -> bytes:
    """A manifest of the files that lie in a run folder now.

    Raises:
        CorruptRunError: a file is not as it was written.
    """
    known = noted.read(folder)
    found = {name: hashed(folder / name) for name in recorded(folder)}
    changed = next((name for name, digest in found.items() if digest not in known.get(name, {digest})), None)
    if changed:
        raise CorruptRunError(
            f"Expected {changed} in {folder} as it was recorded, but it has changed since; the run was not sealed. "
            "Run it again."
        )
    return json.dumps(found, indent=1).encode()


def problems(folder: Path) -> Iterator[tuple[str, str]]:
    """Each sealed file that is 'changed' or 'missing', by name.

    Schema 1 sealed metrics and projections too; as they can be made again, nothing is wrong without them.
    """
    for name, sealed in digests(folder).items():
        path = folder / name
        if not path.is_file():
            yield name, "missing"
        elif hashed(path) != sealed:
            yield name, "changed"


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file that was recorded, as it was sealed, by name."""
    return {name: digest for name, digest in _read(folder).items() if RECORDED.fullmatch(name)}


def digest(folder: Path, name: str) -> str:
    """SHA-256 of a recorded file; as it was sealed, if it has not been written since.

    Raises:
        OSError: there is no such file.
    """
    stat = (folder / name).stat()
    sealed = _read(folder).get(name)
    if sealed and stat.st_mtime_ns <= (folder / NAME).stat().st_mtime_ns:
        return sealed
    return _remembered(folder / name, stat.st_mtime_ns, stat.st_size)


def sealed(folder: Path, name: str) -> bytes | None:
    """The contents of a file that is in the manifest and has not changed since; None otherwise."""
    expected, path = _read(folder).get(name), folder / name
    if expected is None or not path.is_file():
        return None
    content = path.read_bytes()
    return content if hashed_bytes(content) == expected else None


def _read(folder: Path) -> dict[str, str]:
    path = folder / NAME
    try:
        stat = path.stat()
    except FileNotFoundError:
        return {}
    return _parsed(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=1024)
def _parsed(path: Path, changed: int, size: int) -> dict[str, str]:
    """`changed` and `size` are there to tell one state of the file from the next."""
    found = read_object(path, _FORM)
    foreign = [name for name in found if not RECORDED.fullmatch(name) and not _SCHEMA_1.fullmatch(name)]
    if foreign or "run.json" not in found:
        what = f"names {foreign[0][:60]!r}" if foreign else "leaves out run.json"
        raise CorruptRunError(f"Expected the digests of the files of a run in {NAME}, but it {what}. {DAMAGED}")
    return found


@lru_cache(maxsize=65_536)
def _remembered(path: Path, changed: int, size: int) -> str:
    return hashed(path)


def hashed(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashed_bytes(content: bytes) -> str:
    """SHA-256 of what a file holds."""
    return hashlib.sha256(content).hexdigest()
