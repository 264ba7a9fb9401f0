"""ETA: entropy minimisation on reliable and non-redundant images only.

Minimises mean_i exp(E0 - H_i) H_i over the images with H_i < E0 (reliable) whose prediction has an
absolute cosine similarity below d to a moving average of predictions (non-redundant); the weight is
not differentiated. E0 is `e_margin`, d is `d_margin`.
Source: Niu et al. 2022 (EATA without its Fisher regulariser), arXiv:2204.02610, equations 2 to 6;
reference code mr-eggplant/EATA, whose moving average is 0.9 old + 0.1 new (the paper's letters are swapped).
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from enigma.adapt.adapter import Adapter, GradientAdapter, State
from enigma.adapt.parts import class_count, optimizer_factory, with_adaptable_norms
from enigma.functionals.entropy import softmax_entropy


class FilteredEntropy:
    """Weighted entropy of reliable, non-redundant images; remembers the moving average of predictions."""

    def __init__(self, e_margin: float, d_margin: float):
        self.e_margin = e_margin
        self.d_margin = d_margin
        self._average: Tensor | None = None

    def __call__(self, logits: Tensor, batch: Tensor, model: nn.Module) -> tuple[Tensor | None, int]:
        entropies = softmax_entropy(logits)
        probabilities = logits.detach().softmax(-1)
        keep = entropies.detach() < self.e_margin
        if self._average is not None:
            keep &= cosine_similarity(probabilities, self._average[None], dim=-1).abs() < self.d_margin
        if not keep.any():
            return None, 0
        new = probabilities[keep].mean(0)
        self._average = new if self._average is None else 0.9 * self._average + 0.1 * new
        chosen = entropies[keep]
        weights = torch.exp(self.e_margin - chosen.detach())
        return (weights * chosen).mean(), int(keep.sum())

    def reset(self) -> None:
        self._average = None

    def state(self) -> State:
        return {} if self._average is None else {"average": self._average}

    def load_state(self, state: State) -> None:
        self._average = state.get("average")


def build(
    model: nn.Module,
    *,
    optimizer: str = "sgd",
    lr: float = 2.5e-4,
    momentum: float = 0.9,
    betas: Sequence[float] = (0.9, 0.999),
    weight_decay: float = 0.0,
    e_margin: float | None = None,
    d_margin: float = 0.05,
    reset_every: int = 0,
) -> Adapter:
    """Defaults are the paper's for ImageNet-C; `e_margin` None means 0.4 ln(classes)."""
    margin = 0.4 * math.log(class_count(model)) if e_margin is None else e_margin
    make_optimizer = optimizer_factory(optimizer, lr, momentum, betas, weight_decay)
    objective = FilteredEntropy(margin, d_margin)
    return GradientAdapter(with_adaptable_norms(model), objective, make_optimizer, reset_every=reset_every)
