"""CIFAR-10-C and CIFAR-100-C: `<corruption>.npy` with five severities of the same images, and `labels.npy`."""

from pathlib import Path

from enigma.images.layouts.array_files import as_bytes, labels_of, mapped
from enigma.images.layouts.corruption_names import SEVERITIES, agreed, one_of
from enigma.images.layouts.layout import Layout
from enigma.images.pictures import Array
from enigma.spec.errors import InputError


def read(path: Path, corruption: str, severity: int) -> Layout | None:
    """The file of one corruption, or the one that is meant of a folder of them."""
    if path.suffix == ".npy" and path.is_file():
        return _severity(path.parent, agreed(path.stem, corruption, path), severity)
    if not (path / "labels.npy").exists():
        return None
    names = [file.stem for file in path.glob("[!.]*.npy") if file.name != "labels.npy"]
    return _severity(path, one_of(names, corruption, path), severity)


def _severity(root: Path, corruption: str, severity: int) -> Layout:
    values, labels = mapped(root / f"{corruption}.npy"), mapped(root / "labels.npy")
    if len(values) % len(SEVERITIES) or len(labels) not in (len(values), len(values) // 5):
        raise InputError(
            f"Expected {corruption}.npy to hold five severities of the same images, as CIFAR-10-C does, and labels.npy "
            f"a label for each, but got {len(values)} images and {len(labels)} labels."
        )
    each = len(values) // len(SEVERITIES)
    part = slice((severity - 1) * each, severity * each)
    images = as_bytes(values[part], f"{corruption}.npy")
    own = labels[part] if len(labels) == len(values) else labels
    name = "CIFAR-100-C" if labels.max() >= 10 else "CIFAR-10-C"
    title = f"{name}, {corruption}, severity {severity}"
    pictures = Array(images, f"{corruption}.npy")
    return Layout(title, pictures, labels_of(own, each, root), is_ready=True, is_corrupted=True)
