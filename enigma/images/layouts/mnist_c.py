"""MNIST-C: `<corruption>/test_images.npy` with `test_labels.npy`."""

from pathlib import Path

from enigma.images.layouts.array_files import as_bytes, labels_of, mapped
from enigma.images.layouts.corruption_names import agreed, one_of
from enigma.images.layouts.layout import Layout
from enigma.images.pictures import Array


def read(path: Path, corruption: str, severity: int) -> Layout | None:
    """One corruption, or the one that is meant of a folder of them; it has no severities."""
    if (path / "test_images.npy").exists():
        folder = path
        agreed(path.name, corruption, path)
    else:
        names = [file.parent.name for file in path.glob("[!.]*/test_images.npy") if file.is_file()]
        if not names:
            return None
        folder = path / one_of(names, corruption, path)
    images = as_bytes(mapped(folder / "test_images.npy"), f"{folder.name}/test_images.npy")
    labels = labels_of(mapped(folder / "test_labels.npy"), len(images), folder)
    pictures = Array(images, f"{folder.name}/test_images.npy")
    return Layout(f"MNIST-C, {folder.name}", pictures, labels, is_ready=True, is_corrupted=True)
