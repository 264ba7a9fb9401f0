"""`enigma train`: trains a bundled architecture on Fashion-MNIST and writes weights and a model card."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from enigma import __version__
from enigma.sources import fashion_mnist
from enigma.sources.architectures import ARCHITECTURES
from enigma.sources.full_fashion_mnist import read_full


@dataclass(frozen=True)
class Recipe:
    """How one architecture is trained: AdamW or SGD with a one-cycle learning rate (Smith & Topin 2018).

    Attributes:
        shift: batches are moved by up to so many pixels; 0 for the transformer, which has too few
            passes to learn it.
    """

    optimizer: str
    lr: float
    weight_decay: float
    epochs: int
    batch_size: int
    shift: int
    precision: str


RECIPES = {
    "resnet-bn": Recipe("sgd", 0.2, 5e-4, 15, 128, 2, "bfloat16"),
    "resnet-gn": Recipe("sgd", 0.1, 5e-4, 12, 128, 2, "bfloat16"),
    "vit-ln": Recipe("adamw", 1.5e-3, 0.05, 8, 64, 0, "float32"),
}


def train(
    name: str,
    data_root: Path,
    out: Path,
    *,
    seed: int = 0,
    epochs: int | None = None,
    report: Callable[[str], None] = print,
) -> dict:
    """Trains `name` on the 60,000 training images and writes `<out>/<name>.safetensors` and its card `.json`.

    The test images choose nothing: the accuracy in the card is that of the last epoch.

    Returns:
        The model card: command, seed, epochs, seconds, parameters and clean test accuracy in [0, 1].
    """
    recipe = RECIPES[name]
    epochs = epochs or recipe.epochs
    torch.manual_seed(seed)
    train_images, train_labels = _tensors(data_root, "train")
    test_images, test_labels = _tensors(data_root, "test")
    model = ARCHITECTURES[name]().to(memory_format=torch.channels_last)
    optimizer, schedule = _optimizer(model, recipe, epochs * (len(train_images) // recipe.batch_size))
    start = time.perf_counter()
    for epoch in range(epochs):
        model.train()
        for batch, target in _batches(train_images, train_labels, recipe, seed=(seed, epoch)):
            with torch.autocast("cpu", torch.bfloat16, enabled=recipe.precision == "bfloat16"):
                loss = functional.cross_entropy(model(batch), target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        clean = accuracy(model, test_images, test_labels)
        report(f"epoch {epoch + 1}/{epochs}  loss {loss.item():.3f}  clean accuracy {clean:.4f}")
    card = {
        "name": name,
        "command": f"enigma train {name} --data-root {data_root} --seed {seed} --epochs {epochs}",
        "architecture": name,
        "classes": list(fashion_mnist.CLASSES),
        "mean": [fashion_mnist.MEAN] * 3,
        "std": [fashion_mnist.STD] * 3,
        "input_size": 32,
        "parameters": sum(p.numel() for p in model.parameters()),
        "clean_accuracy": clean,
        "seed": seed,
        "epochs": epochs,
        "batch_size": recipe.batch_size,
        "training_precision": recipe.precision,
        "seconds": round(time.perf_counter() - start),
        "trained_on": "Fashion-MNIST, 60,000 training images",
        "licence": "MIT",
        "versions": {"enigma": __version__, "torch": torch.__version__},
    }
    out.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, out / f"{name}.safetensors")
    (out / f"{name}.json").write_text(json.dumps(card, indent=1) + "\n")
    return card


def _optimizer(
    model: nn.Module, recipe: Recipe, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.OneCycleLR]:
    if recipe.optimizer == "sgd":
        optimizer: torch.optim.Optimizer = torch.optim.SGD(
            model.parameters(), recipe.lr, momentum=0.9, nesterov=True, weight_decay=recipe.weight_decay
        )
    else:
        optimizer = torch.optim.AdamW(model.parameters(), recipe.lr, weight_decay=recipe.weight_decay)
    return optimizer, torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.lr, total_steps=steps, pct_start=0.25)


def _tensors(root: Path, split: str) -> tuple[Tensor, Tensor]:
    images, labels = read_full(root, split)
    pixels = torch.from_numpy(fashion_mnist.pad(images)[..., 0].copy())
    return pixels, torch.from_numpy(labels.astype(np.int64))


def _normalised(pixels: Tensor) -> Tensor:
    x = (pixels.float().div(255) - fashion_mnist.MEAN) / fashion_mnist.STD
    return x[:, None].expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)


def _batches(images: Tensor, labels: Tensor, recipe: Recipe, seed: tuple[int, int]) -> Iterator[tuple[Tensor, Tensor]]:
    """Shuffled batches with the usual augmentation: a horizontal flip and a small shift."""
    size = recipe.batch_size
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(images))
    for first in range(0, len(order) - size + 1, size):
        chosen = torch.from_numpy(order[first : first + size])
        batch = images[chosen]
        flipped = torch.from_numpy(rng.random(size) < 0.5)
        batch[flipped] = batch[flipped].flip(-1)
        # The images have a black border of two pixels, so rolling moves them without wrapping anything visible.
        dy, dx = rng.integers(-recipe.shift, recipe.shift + 1, 2)
        yield _normalised(torch.roll(batch, (int(dy), int(dx)), (1, 2))), labels[chosen]


@torch.inference_mode()
def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Share of images in [0, 1] whose largest logit is at the label, in float32, with the stored statistics."""
    model.eval()
    correct = sum(
        (model(_normalised(x)).argmax(1) == y).sum().item()
        for x, y in zip(images.split(500), labels.split(500), strict=True)
    )
    return correct / len(labels)
