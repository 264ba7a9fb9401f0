"""`enigma train`: trains a bundled architecture on Fashion-MNIST and writes weights and a model card."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from enigma import __version__
from enigma.functionals.isomax import DistanceHead, calibrated, entropic_loss, fractional_loss, quadrants
from enigma.images import fashion_mnist
from enigma.images.training_batches import batches, normalised, tensors
from enigma.jobs.training_task import Recipe, Task
from enigma.models.architectures import built

# Training images that train nothing: the temperature is fitted on them.
CALIBRATION_IMAGES = 2000


def train(
    task: Task,
    data_root: Path,
    out: Path,
    *,
    seed: int = 0,
    epochs: int | None = None,
    report: Callable[[str], None] = print,
) -> dict:
    """Trains on the 60,000 training images and writes `<out>/<name>.safetensors` and its card `.json`.

    The test images choose nothing: the accuracy in the card is that of the last epoch. With a head named, 2,000
    training images are kept aside for the temperature, which a distance head then carries with it.
    Training that was interrupted goes on after the last whole epoch, to the same bits.

    Returns:
        The model card: command, seed, epochs, seconds, parameters and clean test accuracy in [0, 1].
    """
    recipe = task.recipe if epochs is None else replace(task.recipe, epochs=epochs)
    torch.manual_seed(seed)
    images, labels = tensors(data_root, "train", task.classes)
    test_images, test_labels = tensors(data_root, "test", task.classes)
    aside = torch.zeros(len(images), dtype=torch.bool)
    if task.head:
        aside[torch.from_numpy(np.random.default_rng(0).permutation(len(images))[:CALIBRATION_IMAGES])] = True
    training = _Training(task, recipe, seed, images[~aside], labels[~aside], out / f"{task.name}.partial.pt")
    for epoch in range(training.resume(), recipe.epochs):
        loss = training.epoch(epoch)
        clean = accuracy(training.model, test_images, test_labels)
        report(f"epoch {epoch + 1}/{recipe.epochs}  loss {loss:.3f}  clean accuracy {clean:.4f}")
    card = _card(task, recipe, seed, data_root, training) | {
        "clean_accuracy": accuracy(training.model, test_images, test_labels)
    }
    if task.head:
        card |= {"head": task.head, "temperature": _calibrate(training.model, images[aside], labels[aside])}
    out.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in training.model.state_dict().items()}, out / f"{task.name}.safetensors")
    (out / f"{task.name}.json").write_text(json.dumps(card, indent=1) + "\n")
    training.done()
    return card


class _Training:
    """A network on its way: one epoch at a time, kept after each."""

    def __init__(self, task: Task, recipe: Recipe, seed: int, images: Tensor, labels: Tensor, partial: Path):
        self.model = built(task.architecture, task.head or "softmax", len(task.classes))
        self.model.to(memory_format=torch.channels_last)
        self.seconds = 0.0
        self._task, self._recipe, self._seed, self._partial = task, recipe, seed, partial
        self._images, self._labels = images, labels
        self._optimizer, self._schedule = _optimizer(
            self.model, recipe, recipe.epochs * (len(images) // recipe.batch_size)
        )

    def resume(self) -> int:
        """The epoch to go on with."""
        if not self._partial.is_file():
            return 0
        state = torch.load(self._partial, weights_only=True)
        if state["of"] != self._of():
            return 0
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self.seconds = state["seconds"]
        return state["epochs"]

    def epoch(self, number: int) -> float:
        """One pass; the loss of its last batch."""
        start = time.perf_counter()
        self.model.train()
        size, shift = self._recipe.batch_size, self._recipe.shift
        for batch, target in batches(self._images, self._labels, size, shift, seed=(self._seed, number)):
            with torch.autocast("cpu", torch.bfloat16, enabled=self._recipe.precision == "bfloat16"):
                loss = self._loss(batch, target)
            self._optimizer.zero_grad()
            loss.backward()
            self._optimizer.step()
            self._schedule.step()
        self.seconds += time.perf_counter() - start
        self._keep(number + 1)
        return loss.item()

    def done(self) -> None:
        """Weights and card are written: nothing is left to go on with."""
        self._partial.unlink(missing_ok=True)

    def _loss(self, batch: Tensor, target: Tensor) -> Tensor:
        if not self._task.fractional:
            logits = self.model(batch)
            is_distance = isinstance(self.model.get_submodule("classifier"), DistanceHead)
            return entropic_loss(logits, target) if is_distance else functional.cross_entropy(logits, target)
        half = len(batch) // 2
        mixed, shares = quadrants(batch[half:], target[half:], len(self._task.classes))
        logits = self.model(torch.cat([batch[:half], mixed]).contiguous(memory_format=torch.channels_last))
        return fractional_loss(logits, target[:half], shares)

    def _keep(self, epochs: int) -> None:
        self._partial.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._partial.with_suffix(".tmp")
        state = {
            "of": self._of(),
            "model": self.model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": {k: v for k, v in self._schedule.state_dict().items() if not callable(v)},
            "seconds": self.seconds,
            "epochs": epochs,
        }
        torch.save(state, temporary)
        temporary.replace(self._partial)

    def _of(self) -> str:
        """What must be the same for training to go on."""
        return f"{self._task} {self._recipe} seed {self._seed}"


def _card(task: Task, recipe: Recipe, seed: int, data_root: Path, training: _Training) -> dict[str, Any]:
    options = f"--head {task.head} " if task.head else ""
    options += "--fractional " if task.fractional else ""
    options += f"--leave-out {','.join(task.leave_out)} " if task.leave_out else ""
    kept = f", {CALIBRATION_IMAGES:,} of them for the temperature only" if task.head else ""
    return {
        "name": task.name,
        "command": f"enigma train {task.architecture} {options}--data-root {data_root} --seed {seed} "
        f"--epochs {recipe.epochs}",
        "architecture": task.architecture,
        "classes": list(task.classes),
        "mean": [fashion_mnist.MEAN] * 3,
        "std": [fashion_mnist.STD] * 3,
        "input_size": 32,
        "parameters": sum(p.numel() for p in training.model.parameters()),
        "seed": seed,
        "epochs": recipe.epochs,
        "batch_size": recipe.batch_size,
        "training_precision": recipe.precision,
        "seconds": round(training.seconds),
        "trained_on": f"Fashion-MNIST, the training images of {len(task.classes)} classes{kept}",
        "licence": "MIT",
        "versions": {"enigma": __version__, "torch": torch.__version__},
    }


def _calibrate(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The temperature of a trained network, which a distance head takes over."""
    temperature = calibrated(_logits(model, images), labels)
    head = model.get_submodule("classifier")
    if isinstance(head, DistanceHead):
        head.temperature.fill_(temperature)
    return temperature


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


@torch.inference_mode()
def _logits(model: nn.Module, images: Tensor) -> Tensor:
    model.eval()
    return torch.cat([model(normalised(x)) for x in images.split(500)])


def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Share of images in [0, 1] whose largest logit is at the label, in float32, with the stored statistics."""
    return (_logits(model, images).argmax(1) == labels).float().mean().item()
