"""DeYO: entropy minimisation on images whose prediction rests on the shape of the object.

An image is used if its entropy is below `entropy_margin` and destroying the shape lowers the probability of its
predicted class by more than `plpd_threshold` (the PLPD, pseudo-label probability difference). Minimises the mean of
(exp(E0 - H) + exp(PLPD)) H over these images, E0 being `e_margin`; the weight is not differentiated.
Source: Lee et al. 2024, arXiv:2403.07366, equations 5 to 10; reference code Jhyun17/DeYO.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from enigma.adapt.adapter import Adapter, GradientAdapter, Memoryless
from enigma.adapt.building_blocks import class_count, for_size, optimizer_factory, with_adaptable_norms
from enigma.functionals.entropy import softmax_entropy


class ShapeEntropy(Memoryless):
    """Weighted entropy of the images whose prediction depends on shape (final)."""

    def __init__(
        self, destroy: Callable[[Tensor], Tensor], entropy_margin: float, e_margin: float, plpd_threshold: float
    ):
        self._destroy = destroy
        self.entropy_margin = entropy_margin
        self.e_margin = e_margin
        self.plpd_threshold = plpd_threshold

    def __call__(self, logits: Tensor, batch: Tensor, model: nn.Module) -> tuple[Tensor | None, int]:
        entropies = softmax_entropy(logits)
        candidates = torch.nonzero(entropies.detach() < self.entropy_margin).squeeze(1)
        if not len(candidates):
            return None, 0
        confidences, predicted = logits.detach()[candidates].softmax(-1).max(-1)
        with torch.no_grad():
            destroyed = model(self._destroy(batch[candidates])).softmax(-1)
        plpd = confidences - destroyed.gather(1, predicted[:, None]).squeeze(1)
        keep = plpd > self.plpd_threshold
        if not keep.any():
            return None, 0
        chosen = entropies[candidates[keep]]
        weights = torch.exp(self.e_margin - chosen.detach()) + torch.exp(plpd[keep])
        return (weights * chosen).mean(), int(keep.sum())


def shuffle_patches(images: Tensor, count: int) -> Tensor:
    """Each image cut into `count` x `count` patches that change places at random, differently for each image.

    A size that `count` does not divide is resized to the next smaller that it does, and back.
    """
    batch, channels, height, width = images.shape
    rows, columns = height // count, width // count
    fitted = _resized(images, rows * count, columns * count)
    patches = fitted.reshape(batch, channels, count, rows, count, columns).permute(0, 2, 4, 1, 3, 5)
    patches = patches.reshape(batch, count * count, channels, rows, columns)
    # Drawn on the CPU, whose generator a checkpoint holds.
    order = torch.rand(batch, count * count).argsort(-1).to(images.device)
    moved = patches[torch.arange(batch, device=images.device)[:, None], order]
    moved = moved.reshape(batch, count, count, channels, rows, columns).permute(0, 3, 1, 4, 2, 5)
    return _resized(moved.reshape(batch, channels, rows * count, columns * count), height, width)


def shuffle_pixels(images: Tensor) -> Tensor:
    """All pixels change places at random, in the same way for every image."""
    flat = images.flatten(2)
    return flat[:, :, torch.randperm(flat.shape[-1]).to(images.device)].reshape(images.shape)


def occlude(images: Tensor, size: int | None, row: int | None, column: int | None) -> Tensor:
    """A square replaced by the mean colour of its image; None means the middle, half as wide as the image."""
    height, width = images.shape[-2:]
    rows, columns = (height // 2, width // 2) if size is None else (size, size)
    row = height // 4 if row is None else row
    column = width // 4 if column is None else column
    occluded = images.clone()
    occluded[:, :, row : row + rows, column : column + columns] = images.mean((2, 3), keepdim=True)
    return occluded


def _resized(images: Tensor, height: int, width: int) -> Tensor:
    if images.shape[-2:] == (height, width):
        return images
    return interpolate(images, (height, width), mode="bilinear", antialias=True)


def build(
    model: nn.Module,
    *,
    augmentation: str = "patch",
    patches: int = 4,
    occlusion_size: int | None = None,
    row_start: int | None = None,
    column_start: int | None = None,
    plpd_threshold: float | None = None,
    entropy_margin: float | None = None,
    e_margin: float | None = None,
    top_layers: str = "frozen",
    **optimizer: Any,
) -> Adapter:
    """None means: margins 0.5 and 0.4 ln(classes), threshold 0.2 up to 100 classes and 0.3 above."""
    destroy: dict[str, Callable[[Tensor], Tensor]] = {
        "patch": partial(shuffle_patches, count=patches),
        "pixel": shuffle_pixels,
        "occlusion": partial(occlude, size=occlusion_size, row=row_start, column=column_start),
    }
    log_classes = math.log(class_count(model))
    objective = ShapeEntropy(
        destroy[augmentation],
        0.5 * log_classes if entropy_margin is None else entropy_margin,
        0.4 * log_classes if e_margin is None else e_margin,
        for_size(model, cifar=0.2, imagenet=0.3) if plpd_threshold is None else plpd_threshold,
    )
    adapted = with_adaptable_norms(model, freeze_top=top_layers == "frozen")
    return GradientAdapter(adapted, objective, optimizer_factory(**optimizer))
