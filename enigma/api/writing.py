"""Files that somebody names, on the command line or in a notebook."""

from pathlib import Path

from enigma.spec.errors import InputError


def written(path: Path, content: bytes) -> Path:
    """Writes a file, with the folders it lies in, and returns where.

    Raises:
        InputError: it cannot be written there.
    """
    make_place(path)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"Expected to write {path}, but got: {error}.") from error
    return path


def make_place(path: Path) -> None:
    """Makes the folders that a file will lie in: before long work, so that it is not done in vain.

    Raises:
        InputError: there can be no such file.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"Expected to write {path}, but got: {error}.") from error
    if path.is_dir():
        raise InputError(f"Expected to write {path}, but it is a folder; name a file in it.")
