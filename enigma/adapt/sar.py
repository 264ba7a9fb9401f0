"""SAR: sharpness-aware entropy minimisation on reliable images, which recovers from collapse.

One step: the gradient g of the mean entropy of the reliable images (H < `e_margin`) at w; the gradient of the
same at w + rho g / |g|, over those of them that are still reliable there; an update of w with the second gradient.
When the moving average (0.9 old + 0.1 new) of the second loss falls below `reset_constant_em`, the weights go back
to the source's. As in the reference code, the momentum and the moving average do not, and without a reliable image
the gradient is zero, so that momentum goes on.
Source: Niu et al. 2023, arXiv:2302.12400, equations 2 to 5 and algorithm 1; reference code mr-eggplant/SAR.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from enigma.adapt.adapter import Adapter, ParameterAdapter, State, StepReport
from enigma.adapt.building_blocks import class_count, optimizer_factory, with_adaptable_norms
from enigma.functionals.entropy import softmax_entropy


class ReliableEntropy:
    """The mean entropy of reliable images, and the moving average of what it was at the second gradient (final)."""

    def __init__(self, e_margin: float, entropy: Callable[[Tensor], Tensor] = softmax_entropy):
        self.e_margin = e_margin
        self.average: float | None = None
        self._entropy = entropy

    def among(self, logits: Tensor, candidates: Tensor) -> tuple[Tensor, Tensor]:
        """The mean entropy of those candidates that are reliable, 0 where there is none, and which they are."""
        entropies = self._entropy(logits)
        reliable = candidates & (entropies.detach() < self.e_margin)
        return entropies[reliable].sum() / reliable.sum().clamp_min(1), reliable

    def observe(self, loss: float) -> None:
        """Takes the second loss of a step into the moving average."""
        self.average = loss if self.average is None else 0.9 * self.average + 0.1 * loss

    def reset(self) -> None:
        self.average = None

    def state(self) -> State:
        return {} if self.average is None else {"average": torch.tensor(self.average, dtype=torch.float64)}

    def load_state(self, state: State) -> None:
        self.average = state["average"].item() if "average" in state else None


class SharpnessAwareAdapter(ParameterAdapter):
    """Two gradients a step, the second where the first leads uphill (final).

    Args:
        rho: length of the way uphill.
        recover_below: the weights go back to the source's when the moving average of the loss is below this.

    Attributes:
        recoveries: how often they did since the adapter was built or loaded.
    """

    def __init__(
        self,
        model: nn.Module,
        objective: ReliableEntropy,
        optimizer: Callable[[list[nn.Parameter]], torch.optim.Optimizer],
        *,
        rho: float,
        recover_below: float,
    ):
        super().__init__(model, optimizer, objective)
        self._reliable = objective
        self._rho = rho
        self._recover_below = recover_below
        self.recoveries = 0

    def _adapt(self, batch: Tensor) -> Tensor:
        logits = self.model(batch)
        everyone = torch.ones(len(logits), dtype=torch.bool, device=logits.device)
        loss, reliable = self._reliable.among(logits, everyone)
        norm = self._gradient(loss)
        before = [parameter.detach().clone() for parameter in self._parameters]
        self._climb(norm)
        second, still_reliable = self._reliable.among(self.model(batch), reliable)
        second_norm = self._gradient(second)
        with torch.no_grad():
            for parameter, value in zip(self._parameters, before, strict=True):
                parameter.copy_(value)
        if math.isfinite(second.item()) and math.isfinite(second_norm):
            self._optimizer.step()
        self.report = StepReport(loss.item(), norm, int(reliable.sum()))
        if still_reliable.any():
            self._reliable.observe(second.item())
        self._recover()
        return logits

    @torch.no_grad()
    def _climb(self, norm: float) -> None:
        """Moves the parameters by rho along the gradient, whose norm this is."""
        for parameter in self._parameters:
            if parameter.grad is not None:
                parameter.add_(parameter.grad, alpha=self._rho / (norm + 1e-12))

    def _recover(self) -> None:
        if self._reliable.average is not None and self._reliable.average < self._recover_below:
            self.model.load_state_dict(self._source)
            self.recoveries += 1


def build(
    model: nn.Module,
    *,
    e_margin: float | None = None,
    rho: float = 0.05,
    reset_constant_em: float = 0.2,
    top_layers: str = "frozen",
    **optimizer: Any,
) -> Adapter:
    """`e_margin` None means 0.4 ln(classes)."""
    return sharpness_aware(
        model, softmax_entropy, e_margin, rho, reset_constant_em, top_layers, optimizer_factory(**optimizer)
    )


def sharpness_aware(
    model: nn.Module,
    entropy: Callable[[Tensor], Tensor],
    e_margin: float | None,
    rho: float,
    recover_below: float,
    top_layers: str,
    optimizer: Callable[[list[nn.Parameter]], torch.optim.Optimizer],
) -> Adapter:
    """SAR on any entropy of an image's logits; the rest as in `build`."""
    margin = 0.4 * math.log(class_count(model)) if e_margin is None else e_margin
    return SharpnessAwareAdapter(
        with_adaptable_norms(model, freeze_top=top_layers == "frozen"),
        ReliableEntropy(margin, entropy),
        optimizer,
        rho=rho,
        recover_below=recover_below,
    )
