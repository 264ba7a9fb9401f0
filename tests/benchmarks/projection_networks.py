"""Networks with more dimensions and classes than the bundled ones, for the judgement of projections.

`wide` has embeddings of 512 dimensions and the ten classes of Fashion-MNIST. `pairs` has them too, and a hundred
classes: two pieces of clothing side by side in one picture, each squeezed to half its width, the class being which two.
"""

from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate

from enigma.images.corruptions import corrupt
from enigma.images.fashion_mnist import CLASSES, MEAN, STD, pad
from enigma.images.full_fashion_mnist import read_full
from enigma.models.architectures import ResNet

WIDTHS = (16, 32, 64, 512)
PAIRS = tuple(f"{left}+{right}" for left in CLASSES for right in CLASSES)
TRAINING_IMAGES, TEST_IMAGES, BATCH = 24_000, 10_000, 128


def wide() -> nn.Module:
    """A residual network of four stages with BatchNorm, ten classes."""
    return ResNet(nn.BatchNorm2d, WIDTHS, 10)


def pairs() -> nn.Module:
    """The same for the hundred pairs."""
    return ResNet(nn.BatchNorm2d, WIDTHS, 100)


def trained(build: str, data_root: Path, out: Path, epochs: int) -> Path:
    """Trains one of the networks with Adam and seed 0, unless its weights are there; the file of its weights."""
    path = out / f"{build}.safetensors"
    if path.is_file():
        return path
    torch.manual_seed(0)
    images, labels = _images(build, data_root, "train", TRAINING_IMAGES)
    network = {"wide": wide, "pairs": pairs}[build]().to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters(), 2e-3)
    inputs, targets = _normalised(images), torch.as_tensor(labels)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=epochs * (len(images) // BATCH))
    for epoch in range(epochs):
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(epoch))
        for chosen in order[: len(images) // BATCH * BATCH].split(BATCH):
            loss = cross_entropy(network(inputs[chosen]), targets[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"{build}: epoch {epoch + 1} of {epochs}, loss {loss.item():.3f}", flush=True)
    out.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, path)
    return path


def pictures(build: str, data_root: Path, out: Path, corruption: str, severity: int) -> tuple[Path, Path]:
    """An .npz of corrupted test images and one of training images, made once."""
    names = (out / f"{build}-{corruption}-{severity}.npz", out / f"{build}-training.npz")
    classes = np.array(PAIRS if build == "pairs" else CLASSES)
    if not names[0].is_file():
        images, labels = _images(build, data_root, "test", TEST_IMAGES)
        altered = np.stack([corrupt(image, corruption, severity, index) for index, image in enumerate(images)])
        np.savez_compressed(names[0], images=altered, labels=labels, classes=classes)
    if not names[1].is_file():
        images, labels = _images(build, data_root, "train", TRAINING_IMAGES)
        np.savez_compressed(names[1], images=images[:6000], labels=labels[:6000], classes=classes)
    return names


def _images(build: str, data_root: Path, split: str, count: int) -> tuple[UInt8[np.ndarray, "n 32 32 3"], np.ndarray]:
    images, labels = read_full(data_root, split)
    if build == "wide":
        return pad(images[:count]), labels[:count].astype(np.int64)
    # A fixed order of the same photographs gives each its neighbour.
    other = np.random.default_rng(0).permutation(len(images))[:count]
    halves = [_squeezed(pad(images[chosen])) for chosen in (np.arange(count), other)]
    return np.concatenate(halves, axis=2), labels[:count].astype(np.int64) * 10 + labels[other]


def _squeezed(images: UInt8[np.ndarray, "n 32 32 3"]) -> UInt8[np.ndarray, "n 32 16 3"]:
    tensor = torch.as_tensor(images).permute(0, 3, 1, 2).float()
    half = interpolate(tensor, (32, 16), mode="bilinear", antialias=True)
    return half.round().clamp(0, 255).byte().permute(0, 2, 3, 1).contiguous().numpy()


def _normalised(images: UInt8[np.ndarray, "n 32 32 3"]) -> Tensor:
    tensor = torch.as_tensor(images).permute(0, 3, 1, 2).float() / 255
    return ((tensor - MEAN) / STD).contiguous(memory_format=torch.channels_last)
