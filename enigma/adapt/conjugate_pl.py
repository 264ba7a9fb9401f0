"""Conjugate pseudo-labels: the test-time loss that belongs to the loss a model was trained with.

Minimises the mean PolyLoss of predictions against their conjugate pseudo-labels over the scale and
shift of the normalisation layers; see `enigma.functionals.pseudo_labels.conjugate_loss`.
Source: Goyal et al. 2022, arXiv:2207.09640; reference code oripress/CCC.
"""

from functools import partial
from typing import Any

from torch import Tensor, nn

from enigma.adapt.adapter import Adapter, GradientAdapter, Loss
from enigma.adapt.building_blocks import optimizer_factory, with_adaptable_norms
from enigma.functionals.pseudo_labels import conjugate_loss


def build(model: nn.Module, *, eps: float = 8.0, **optimizer: Any) -> Adapter:
    """`eps` 8 is the reference code's for ImageNet; with 0, for a model trained with cross-entropy, this is Tent."""
    loss = Loss(partial(_mean_loss, eps=eps))
    return GradientAdapter(with_adaptable_norms(model), loss, optimizer_factory(**optimizer))


def _mean_loss(logits: Tensor, eps: float) -> Tensor:
    return conjugate_loss(logits, eps).mean()
