"""SHOT-IM: information maximisation over the whole feature extractor; the classifier stays as it was trained.

Minimises mean_i H(p_i) - `diversity` H(mean_i p_i) over all parameters but those of the classification layer.
Source: Liang et al. 2020, arXiv:2002.08546, equation 3 (SHOT without its pseudo-labels); reference code tim-learn/SHOT.
"""

from functools import partial
from typing import Any

from torch import nn

from enigma.adapt.adapter import Adapter, GradientAdapter, Loss
from enigma.adapt.building_blocks import optimizer_factory, with_adaptable_features
from enigma.adapt.diversity import information_loss


def build(model: nn.Module, *, diversity: float = 1.0, weight_decay: float = 1e-3, **optimizer: Any) -> Adapter:
    """One update a batch, where the paper makes many passes; its SGD has Nesterov momentum."""
    loss = Loss(partial(information_loss, diversity=diversity))
    make_optimizer = optimizer_factory(**optimizer, weight_decay=weight_decay, nesterov=True)
    return GradientAdapter(with_adaptable_features(model), loss, make_optimizer)
