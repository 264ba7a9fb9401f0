"""No adaptation: the model as it was trained."""

import copy

from torch import nn

from enigma.adapt.adapter import Adapter, FixedAdapter


def build(model: nn.Module) -> Adapter:
    """Evaluation mode with the stored statistics; no parameter moves."""
    return FixedAdapter(copy.deepcopy(model).eval().requires_grad_(False))
