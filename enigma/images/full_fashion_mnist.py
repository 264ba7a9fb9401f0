"""The whole of Fashion-MNIST, from disk or download, and the bundled part that is made from it."""

import gzip
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from enigma.images.fashion_mnist import CLASSES
from enigma.spec.errors import InputError

_STEMS = {"train": "train", "test": "t10k"}


def read_full(root: Path, split: str) -> tuple[UInt8[np.ndarray, "images 28 28"], UInt8[np.ndarray, " images"]]:
    """Reads the whole 'train' (60,000) or 'test' (10,000) split; downloads it into `root` if it is not there.

    `root` may hold the four original .gz files themselves (as Debian's package dataset-fashion-mnist
    does in /usr/share/datasets/fashion-mnist) or torchvision's folder FashionMNIST/raw.

    Raises:
        InputError: the files are neither there nor to be downloaded.
    """
    stem = _STEMS[split]
    for folder in (root, root / "FashionMNIST" / "raw"):
        images, labels = (folder / f"{stem}-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1"))
        if images.is_file() and labels.is_file():
            return _idx(images, 16).reshape(-1, 28, 28), _idx(labels, 8)
    return _download(root, split)


def _idx(path: Path, header: int) -> UInt8[np.ndarray, " bytes"]:
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=header)


def _download(root: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    from torchvision.datasets import FashionMNIST

    try:
        dataset = FashionMNIST(str(root), train=split == "train", download=True)
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"Expected Fashion-MNIST in {root} or a connection to download it, but got: {error}. "
            "Put the four .gz files there, or install Debian's package dataset-fashion-mnist and pass "
            "--data-root /usr/share/datasets/fashion-mnist."
        ) from error
    return dataset.data.numpy(), dataset.targets.numpy().astype(np.uint8)


def write_bundle(root: Path, out: Path) -> None:
    """Writes the bundled part: all test images, and the first 1,000 training images of each class."""
    test_images, test_labels = read_full(root, "test")
    train_images, train_labels = read_full(root, "train")
    chosen = np.sort(np.concatenate([np.flatnonzero(train_labels == label)[:1000] for label in range(len(CLASSES))]))
    np.savez_compressed(
        out,
        test_images=test_images,
        test_labels=test_labels,
        train_images=train_images[chosen],
        train_labels=train_labels[chosen],
    )


if __name__ == "__main__":
    import sys

    write_bundle(Path(sys.argv[1]), Path(sys.argv[2]))
