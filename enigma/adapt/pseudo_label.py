"""Pseudo-labelling: the cross-entropy to the predicted class, where the prediction is confident.

Minimises the mean of -log p_max over the images with p_max above `threshold`.
Source: Lee 2013, *Pseudo-Label* (ICML workshop on challenges in representation learning), equation 15; as a
test-time baseline, with a threshold, Wang et al. 2021, arXiv:2006.10726, section 4.1.
"""

from typing import Any

from torch import Tensor, nn

from enigma.adapt.adapter import Adapter, GradientAdapter, Memoryless
from enigma.adapt.building_blocks import optimizer_factory, with_adaptable_norms


class ConfidentCrossEntropy(Memoryless):
    """Cross-entropy to the predicted class over the images whose prediction is above a threshold (final)."""

    def __init__(self, threshold: float):
        self.threshold = threshold

    def __call__(self, logits: Tensor, batch: Tensor, model: nn.Module) -> tuple[Tensor | None, int]:
        log_p_max = logits.log_softmax(-1).amax(-1)
        keep = log_p_max.detach().exp() > self.threshold
        return (-log_p_max[keep].mean(), int(keep.sum())) if keep.any() else (None, 0)


def build(model: nn.Module, *, threshold: float = 0.0, **optimizer: Any) -> Adapter:
    """`threshold` 0, the paper's, uses every image."""
    return GradientAdapter(
        with_adaptable_norms(model), ConfidentCrossEntropy(threshold), optimizer_factory(**optimizer)
    )
