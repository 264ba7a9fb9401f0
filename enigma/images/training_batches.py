"""The images that `enigma train` learns from, in shuffled and slightly altered batches."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from enigma.images import fashion_mnist
from enigma.images.full_fashion_mnist import read_full


def tensors(root: Path, split: str, classes: tuple[str, ...]) -> tuple[Tensor, Tensor]:
    """Pixels of shape (images, 32, 32) and labels of a whole split, of these classes and numbered in their order."""
    images, labels = read_full(root, split)
    numbers = np.array([classes.index(name) if name in classes else -1 for name in fashion_mnist.CLASSES])
    renamed = numbers[labels]
    pixels = torch.from_numpy(fashion_mnist.pad(images)[..., 0][renamed >= 0])
    return pixels, torch.from_numpy(renamed[renamed >= 0])


def normalised(pixels: Tensor) -> Tensor:
    """What the network takes: three equal channels of mean 0 and standard deviation 1."""
    x = (pixels.float().div(255) - fashion_mnist.MEAN) / fashion_mnist.STD
    return x[:, None].expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)


def batches(
    images: Tensor, labels: Tensor, size: int, shift: int, seed: tuple[int, int]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Shuffled batches with the usual augmentation: a horizontal flip, and moved by up to `shift` pixels."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(images))
    for first in range(0, len(order) - size + 1, size):
        chosen = torch.from_numpy(order[first : first + size])
        batch = images[chosen]
        flipped = torch.from_numpy(rng.random(size) < 0.5)
        batch[flipped] = batch[flipped].flip(-1)
        # The images have a black border of two pixels, so rolling moves them without wrapping anything visible.
        dy, dx = rng.integers(-shift, shift + 1, 2)
        yield normalised(torch.roll(batch, (int(dy), int(dx)), (1, 2))), labels[chosen]
