"""Tent: entropy minimisation over the scale and shift of the normalisation layers.

Minimises the mean over the batch of H(z) = -sum_c p_c log p_c, p = softmax(z).
Source: Wang et al. 2021, arXiv:2006.10726, section 3; reference code DequanWang/tent.
"""

from typing import Any

from torch import Tensor, nn

from enigma.adapt.adapter import Adapter, GradientAdapter, Loss
from enigma.adapt.building_blocks import optimizer_factory, with_adaptable_norms
from enigma.functionals.entropy import softmax_entropy


def mean_entropy(logits: Tensor) -> Tensor:
    """The mean entropy of the batch."""
    return softmax_entropy(logits).mean()


def build(model: nn.Module, **optimizer: Any) -> Adapter:
    """Adam with 1e-3 is the paper's for CIFAR-10-C; for ImageNet it uses SGD, 2.5e-4, momentum 0.9."""
    return GradientAdapter(with_adaptable_norms(model), Loss(mean_entropy), optimizer_factory(**optimizer))
