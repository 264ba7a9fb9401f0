"""RPL: robust pseudo-labels, learned with the generalised cross-entropy.

Minimises the mean of (1 - p_max^q) / q over the scale and shift of the normalisation layers.
Source: Rusak et al. 2022, arXiv:2104.12928, section 3; reference code oripress/CCC.
"""

from functools import partial
from typing import Any

from torch import Tensor, nn

from enigma.adapt.adapter import Adapter, GradientAdapter, Loss
from enigma.adapt.building_blocks import optimizer_factory, with_adaptable_norms
from enigma.functionals.pseudo_labels import generalised_cross_entropy


def build(model: nn.Module, *, q: float = 0.8, **optimizer: Any) -> Adapter:
    """The paper's q is 0.8 throughout."""
    loss = Loss(partial(_mean_loss, q=q))
    return GradientAdapter(with_adaptable_norms(model), loss, optimizer_factory(**optimizer))


def _mean_loss(logits: Tensor, q: float) -> Tensor:
    return generalised_cross_entropy(logits, q).mean()
