"""Tent: entropy minimisation over the scale and shift of the normalisation layers.

Minimises the mean over the batch of H(z) = -sum_c p_c log p_c, p = softmax(z).
Source: Wang et al. 2021, arXiv:2006.10726, section 3; reference code DequanWang/tent.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from enigma.adapt.adapter import Adapter, GradientAdapter, State
from enigma.adapt.parts import optimizer_factory, with_adaptable_norms
from enigma.functionals.entropy import softmax_entropy


class MeanEntropy:
    """The mean entropy of the batch; remembers nothing."""

    def __call__(self, logits: Tensor, batch: Tensor, model: nn.Module) -> tuple[Tensor, int]:
        return softmax_entropy(logits).mean(), len(logits)

    def reset(self) -> None:
        """Nothing to forget."""

    def state(self) -> State:
        return {}

    def load_state(self, state: State) -> None:
        """Nothing to load."""


def build(
    model: nn.Module,
    *,
    optimizer: str = "adam",
    lr: float = 1e-3,
    momentum: float = 0.9,
    betas: Sequence[float] = (0.9, 0.999),
    weight_decay: float = 0.0,
) -> Adapter:
    """Defaults are the paper's for CIFAR-10-C (Adam, 1e-3); for ImageNet it uses SGD, 2.5e-4, momentum 0.9."""
    make_optimizer = optimizer_factory(optimizer, lr, momentum, betas, weight_decay)
    return GradientAdapter(with_adaptable_norms(model), MeanEntropy(), make_optimizer)
