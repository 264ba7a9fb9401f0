"""Entropy plus diversity: sure of each image, and of many classes overall.

Minimises mean_i H(p_i) - `diversity` H(mean_i p_i) over the scale and shift of the normalisation layers: for
`diversity` 1 the negative mutual information between images and predictions.
Source: Krause et al. 2010, *Discriminative clustering by regularized information maximization*, equation 3.
"""

from functools import partial
from typing import Any

from torch import Tensor, nn

from enigma.adapt.adapter import Adapter, GradientAdapter, Loss
from enigma.adapt.building_blocks import optimizer_factory, with_adaptable_norms
from enigma.functionals.entropy import marginal_entropy, softmax_entropy


def information_loss(logits: Tensor, diversity: float) -> Tensor:
    """Mean entropy minus `diversity` times the entropy of the mean prediction."""
    return softmax_entropy(logits).mean() - diversity * marginal_entropy(logits)


def build(model: nn.Module, *, diversity: float = 1.0, **optimizer: Any) -> Adapter:
    """`diversity` 0 is Tent."""
    loss = Loss(partial(information_loss, diversity=diversity))
    return GradientAdapter(with_adaptable_norms(model), loss, optimizer_factory(**optimizer))
