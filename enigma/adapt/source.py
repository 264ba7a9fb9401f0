"""No adaptation: the model as it was trained."""

from torch import nn

from enigma.adapt.adapter import Adapter, FixedAdapter
from enigma.adapt.building_blocks import frozen_copy


def build(model: nn.Module) -> Adapter:
    """Evaluation mode with the stored statistics; no parameter moves."""
    return FixedAdapter(frozen_copy(model))
