"""What is sealed of a run: the checksums of all that was recorded and cannot be made again."""

import hashlib
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from enigma.spec.errors import CorruptRunError

NAME = "manifest.json"

RECORDED = re.compile(
    r"run\.json|scalars\.csv|thumbnails\.webp|(reference|probe|checkpoint)\.safetensors|frames/\d+\.safetensors"
)


def made(folder: Path) -> bytes:
    """A manifest of the files that lie in a run folder now."""
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    recorded = sorted(name for name in files if RECORDED.fullmatch(name))
    return json.dumps({name: _hashed(folder / name) for name in recorded}, indent=1).encode()


def problems(folder: Path) -> Iterator[tuple[str, str]]:
    """Each sealed file that is 'changed' or 'missing', by name.

    Schema 1 sealed metrics and projections too; as they can be made again, nothing is wrong without them.
    """
    for name, sealed in _read(folder).items():
        if RECORDED.fullmatch(name):
            path = folder / name
            if not path.is_file():
                yield name, "missing"
            elif _hashed(path) != sealed:
                yield name, "changed"


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
    return content if hashlib.sha256(content).hexdigest() == expected else None


def read_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        CorruptRunError: it cannot be read, or holds something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CorruptRunError(
            f"Expected {path.name} in {path.parent}, but got: {error}. The run is damaged."
        ) from error
    if not isinstance(found, dict):
        raise CorruptRunError(f"Expected an object in {path}, but got something else. The run is damaged.")
    return found


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
    found = read_object(path)
    if not all(isinstance(digest, str) for digest in found.values()):
        raise CorruptRunError(f"Expected digests in {path}, but got something else. The run is damaged.")
    return found


@lru_cache(maxsize=65_536)
def _remembered(path: Path, changed: int, size: int) -> str:
    return _hashed(path)


def _hashed(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
