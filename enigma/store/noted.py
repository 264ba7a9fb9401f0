"""What each recorded file held when it was written, for as long as a run is not sealed.

    <run id>/digests    a line a file: <SHA-256 of the file> <its name> <CRC-32 of the line before it>

A line is on disk before its file takes its name, so that a crash leaves no file of a run without one. A file that is
written again, as a checkpoint is, has several lines, and is whole if it matches any of them. A line that was cut off or
damaged fails its own check and is passed over; of its file then no digest is known.
"""

import os
import zlib
from collections.abc import Mapping
from pathlib import Path

NAME = "digests"


def add(folder: Path, files: Mapping[str, str]) -> None:
    """Adds the digests of files by name, and waits until they are on disk."""
    lines = [f"{digest} {name}" for name, digest in files.items()]
    # A line break comes first too: the line before may have been cut off.
    content = "".join(["\n", *(f"{line} {zlib.crc32(line.encode()):08x}\n" for line in lines)])
    with (folder / NAME).open("ab") as file:
        file.write(content.encode())
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path) -> dict[str, set[str]]:
    """All digests that were noted of each file; none where none were, as in runs of versions up to 0.2.0."""
    found: dict[str, set[str]] = {}
    try:
        content = (folder / NAME).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return found
    for whole in content.splitlines():
        line, _, check = whole.rpartition(" ")
        if check == f"{zlib.crc32(line.encode()):08x}":
            digest, _, name = line.partition(" ")
            found.setdefault(name, set()).add(digest)
    return found
