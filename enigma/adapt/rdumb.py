"""RDumb: ETA that goes back to the source model every `reset_every` steps.

The reset restores weights, optimizer and the moving average of predictions.
Source: Press et al. 2023, arXiv:2306.05401, section 4; reference code oripress/CCC.
"""

from typing import Any

from torch import nn

from enigma.adapt import eta
from enigma.adapt.adapter import Adapter


def build(model: nn.Module, *, reset_every: int = 1000, **settings: Any) -> Adapter:
    """Takes the settings of ETA; the paper resets every 1,000 steps."""
    return eta.build(model, reset_every=reset_every, **settings)
