"""Arrays by name in an .npz, as `numpy.savez` writes it."""

import zipfile
from pathlib import Path

import numpy as np

from enigma.images.layouts.array_files import UNREADABLE
from enigma.recording.imported.recorded import NAMES, Recorded, check_size, from_arrays
from enigma.spec.errors import InputError


def read(path: Path) -> Recorded:
    """What the file holds.

    Raises:
        InputError: it is damaged, holds objects, or lacks embeddings.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                # What an array takes before it is unpacked.
                check_size(entry.filename, (entry.file_size,), 1, path.name)
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files if name in NAMES}
    except InputError:
        raise
    except UNREADABLE as error:
        raise InputError(f"Expected {path.name} to be an .npz of plain arrays, but got: {error}.") from error
    return from_arrays(found, path.name)
