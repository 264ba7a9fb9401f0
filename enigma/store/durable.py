"""Files that are on disk, and not only on their way there, before anything relies on them."""

import contextlib
import os
import shutil
import threading
import time
from pathlib import Path

from enigma.store import manifest

_STAGING = (".import.*", ".*.tmp", ".*.deleted")
_STAGED_SECONDS = 3600.0


def write(path: Path, content: bytes, *, sync: bool) -> None:
    """Writes a file in one piece, under a temporary name that is then renamed; with `sync`, waits for the disk."""
    # Threads of one process may write the same file at once.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    if sync:
        sync_entry(path.parent)


def sync_entry(path: Path) -> None:
    """Waits until a file, or the list of names in a folder, is on disk."""
    if os.name == "nt":
        # Windows opens no folder, and syncs no file that is open for reading.
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Waits until a folder is on disk, with all that lies in it."""
    for path in (*folder.rglob("*"), folder):
        sync_entry(path)


def sweep_staging(root: Path, now: float | None = None) -> None:
    """Removes folders of runs that were being made, imported or deleted by a process that was killed.

    Whoever is still at one has written into it within `_STAGED_SECONDS`.
    """
    for folder in (path for pattern in _STAGING for path in root.glob(pattern) if path.is_dir()):
        with contextlib.suppress(FileNotFoundError):
            newest = max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
            if (time.time() if now is None else now) - newest > _STAGED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Removes what a write that was killed left of recorded files; nobody else may be writing them."""
    for path in folder.rglob(".*.tmp"):
        meant = path.with_name(path.name[1:].rsplit(".", 3)[0]).relative_to(folder).as_posix()
        if manifest.RECORDED.fullmatch(meant) or meant in (manifest.NAME, "status.json"):
            path.unlink(missing_ok=True)
