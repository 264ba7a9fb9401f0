"""EATA: ETA that is held near the source by elastic weights.

Adds `fisher_alpha` sum_k F_k (w_k - w_k^source)^2 to ETA's loss. F is the diagonal Fisher information of the
parameters that move: the squared gradient of the cross-entropy to the predicted class, a mean over batches of
source images, with the model's own (batch) normalisation.
Source: Niu et al. 2022, arXiv:2204.02610, equations 8 and 9; reference code mr-eggplant/EATA.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from enigma.adapt.adapter import Adapter, GradientAdapter
from enigma.adapt.building_blocks import class_count, for_size, optimizer_factory, with_adaptable_norms
from enigma.adapt.eta import FilteredEntropy, margins


class AnchoredEntropy(FilteredEntropy):
    """ETA's loss plus the squared distance of the parameters from the source's, weighted by `importance` (final)."""

    def __init__(self, e_margin: float, d_margin: float, alpha: float, importance: dict[str, Tensor]):
        super().__init__(e_margin, d_margin)
        self._alpha = alpha
        self._importance = importance
        self._anchors: dict[str, Tensor] = {}

    def anchor(self, model: nn.Module) -> "AnchoredEntropy":
        """Holds the parameters where they are now."""
        parameters = dict(model.named_parameters())
        self._anchors = {name: parameters[name].detach().clone() for name in self._importance}
        return self

    def __call__(self, logits: Tensor, batch: Tensor, model: nn.Module) -> tuple[Tensor | None, int]:
        loss, used = super().__call__(logits, batch, model)
        if loss is None:
            return None, 0
        for name, parameter in model.named_parameters():
            if name in self._importance:
                away = (parameter - self._anchors[name]).square()
                loss = loss + self._alpha * (self._importance[name] * away).sum()
        return loss, used


def fisher_information(model: nn.Module, images: Tensor, batch_size: int) -> dict[str, Tensor]:
    """Diagonal Fisher information of every parameter that requires a gradient, by name.

    The mean over batches of the squared gradient of the mean cross-entropy to the predicted class.
    """
    moving = {name: p for name, p in model.named_parameters() if p.requires_grad}
    batches = images.split(batch_size)
    total = {name: torch.zeros_like(p) for name, p in moving.items()}
    with torch.enable_grad():
        for batch in batches:
            logits = model(batch)
            loss = cross_entropy(logits, logits.argmax(1))
            gradients = torch.autograd.grad(loss, list(moving.values()))
            for name, gradient in zip(moving, gradients, strict=True):
                total[name] += gradient.square()
    return {name: value / len(batches) for name, value in total.items()}


def build(
    model: nn.Module,
    *,
    source_images: Tensor,
    e_margin: float | None = None,
    d_margin: float | None = None,
    fisher_alpha: float | None = None,
    fisher_size: int = 2000,
    fisher_batch_size: int = 64,
    **optimizer: Any,
) -> Adapter:
    """`fisher_alpha` None means 1 up to ten classes, else 2,000, which the paper uses for ImageNet."""
    adapted = with_adaptable_norms(model)
    if fisher_alpha is None:
        fisher_alpha = for_size(model, cifar=1.0 if class_count(model) <= 10 else 2000.0, imagenet=2000.0)
    importance = fisher_information(adapted, source_images[:fisher_size], fisher_batch_size)
    objective = AnchoredEntropy(*margins(model, e_margin, d_margin), fisher_alpha, importance).anchor(adapted)
    return GradientAdapter(adapted, objective, optimizer_factory(**optimizer))
