"""ETA: entropy minimisation on reliable and non-redundant images only.

Minimises mean_i exp(E0 - H_i) H_i over the images with H_i < E0 (reliable) whose prediction has an
absolute cosine similarity below d to a moving average of predictions (non-redundant); the weight is
not differentiated. E0 is `e_margin`, d is `d_margin`.
Source: Niu et al. 2022 (EATA without its Fisher regulariser), arXiv:2204.02610, equations 2 to 6;
reference code mr-eggplant/EATA, whose moving average is 0.9 old + 0.1 new (the paper's letters are swapped).
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from enigma.adapt.adapter import Adapter, GradientAdapter, RunningAverage
from enigma.adapt.building_blocks import class_count, for_size, optimizer_factory, with_adaptable_norms
from enigma.functionals.entropy import softmax_entropy


class FilteredEntropy(RunningAverage):
    """Weighted entropy of reliable, non-redundant images; remembers the moving average of predictions.

    Args:
        entropy: from logits of shape (batch, classes) to one number an image.
    """

    def __init__(self, e_margin: float, d_margin: float, entropy: Callable[[Tensor], Tensor] = softmax_entropy):
        super().__init__()
        self.e_margin = e_margin
        self.d_margin = d_margin
        self._entropy = entropy

    def __call__(self, logits: Tensor, batch: Tensor, model: nn.Module) -> tuple[Tensor | None, int]:
        entropies = self._entropy(logits)
        probabilities = logits.detach().softmax(-1)
        keep = entropies.detach() < self.e_margin
        if self._average is not None:
            keep &= cosine_similarity(probabilities, self._average[None], dim=-1).abs() < self.d_margin
        if not keep.any():
            return None, 0
        new = probabilities[keep].mean(0)
        self._average = new if self._average is None else 0.9 * self._average + 0.1 * new
        chosen = entropies[keep]
        weights = torch.exp(self.e_margin - chosen.detach())
        return (weights * chosen).mean(), int(keep.sum())


def margins(model: nn.Module, e_margin: float | None, d_margin: float | None) -> tuple[float, float]:
    """Both margins, with what is None worked out from the model's number of classes."""
    classes = class_count(model)
    # The paper: 0.05 for ImageNet, 0.4 for CIFAR-10; 0.1 for CIFAR-100 as in the reference code's settings.
    distance = for_size(model, cifar=0.4 if classes <= 10 else 0.1, imagenet=0.05)
    return (
        0.4 * math.log(classes) if e_margin is None else e_margin,
        distance if d_margin is None else d_margin,
    )


def build(
    model: nn.Module,
    *,
    e_margin: float | None = None,
    d_margin: float | None = None,
    reset_every: int = 0,
    **optimizer: Any,
) -> Adapter:
    """`e_margin` None means 0.4 ln(classes), `d_margin` None 0.4, 0.1 or 0.05 for 10, 100 or more classes."""
    objective = FilteredEntropy(*margins(model, e_margin, d_margin))
    return GradientAdapter(
        with_adaptable_norms(model), objective, optimizer_factory(**optimizer), reset_every=reset_every
    )
