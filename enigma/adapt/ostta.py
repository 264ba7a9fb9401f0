"""OSTTA: entropy minimisation on the images that the adapting model is surer of than the source was.

Minimises the mean entropy of the images whose probability of the class the source model predicts has not fallen,
less `diversity` times the entropy of the mean prediction. The source model normalises with batch statistics too.
Source: Lee et al. 2023, arXiv:2308.06879, section 3.3; reference code of the UniEnt authors, gaozhengqing/UniEnt.
"""

from typing import Any

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from enigma.adapt.adapter import Adapter, GradientAdapter, Memoryless
from enigma.adapt.building_blocks import optimizer_factory, with_adaptable_norms, with_batch_statistics
from enigma.adapt.partial_batch import Loss, PartObjective
from enigma.functionals.entropy import marginal_entropy, softmax_entropy


class WisdomOfCrowds(PartObjective, Memoryless):
    """Entropy of the images whose confidence has not fallen since the source (final).

    Args:
        source: the model before adaptation.
        diversity: weight of the entropy of the mean prediction.
    """

    def __init__(self, source: nn.Module, diversity: float):
        self._source = source
        self._diversity = diversity

    def of_part(self, logits: Tensor, batch: Tensor, model: nn.Module, used: Bool[Tensor, " batch"]) -> Loss:
        """Of the images that are `used`; the source model sees the whole batch, as the adapting one has."""
        logits = logits[used]
        with torch.no_grad():
            before, classes = self._source(batch)[used].softmax(1).max(1)
        now = logits.detach().softmax(1).gather(1, classes[:, None])[:, 0]
        keep = now >= before
        loss = -self._diversity * marginal_entropy(logits)
        if keep.any():
            loss = loss + softmax_entropy(logits)[keep].mean()
        return loss, int(keep.sum())


def build(model: nn.Module, *, diversity: float = 0.5, **optimizer: Any) -> Adapter:
    """`diversity` 0.5 is the default of the reference code, whose experiments try 0.1 to 1."""
    objective = WisdomOfCrowds(with_batch_statistics(model), diversity)
    return GradientAdapter(with_adaptable_norms(model), objective, optimizer_factory(**optimizer))
