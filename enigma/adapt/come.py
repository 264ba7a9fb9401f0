"""COME: conservative entropy minimisation, which may also say 'I do not know'.

Replaces the entropy in Tent, ETA and SAR by that of an opinion of subjective logic, whose uncertainty the
method cannot talk itself out of; see `enigma.functionals.entropy.opinion_entropy`.
Source: Zhang et al. 2025, arXiv:2410.10894, algorithm 1; reference code BlueWhaleLab/COME.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor, nn

from enigma.adapt import eta
from enigma.adapt.adapter import Adapter, GradientAdapter, Loss
from enigma.adapt.building_blocks import class_count, optimizer_factory, with_adaptable_norms
from enigma.adapt.sar import sharpness_aware
from enigma.functionals.entropy import opinion_entropy


def build_tent(model: nn.Module, *, uncertainty_mass: float | int | None = None, **optimizer: Any) -> Adapter:
    """Tent with the opinion's entropy; `uncertainty_mass` None means the number of classes, as the paper has it."""
    entropy = _entropy(model, uncertainty_mass)
    loss = Loss(lambda logits: entropy(logits).mean())
    return GradientAdapter(with_adaptable_norms(model), loss, optimizer_factory(**optimizer))


def build_eta(
    model: nn.Module,
    *,
    uncertainty_mass: float | int | None = None,
    e_margin: float | None = None,
    d_margin: float | None = None,
    **optimizer: Any,
) -> Adapter:
    """ETA with the opinion's entropy, margins as in ETA."""
    objective = eta.FilteredEntropy(*eta.margins(model, e_margin, d_margin), _entropy(model, uncertainty_mass))
    return GradientAdapter(with_adaptable_norms(model), objective, optimizer_factory(**optimizer))


def build_sar(
    model: nn.Module,
    *,
    uncertainty_mass: float | int | None = None,
    e_margin: float | None = None,
    rho: float = 0.05,
    reset_constant_em: float = 0.2,
    top_layers: str = "frozen",
    **optimizer: Any,
) -> Adapter:
    """SAR with the opinion's entropy, margin as in SAR."""
    entropy = _entropy(model, uncertainty_mass)
    return sharpness_aware(model, entropy, e_margin, rho, reset_constant_em, top_layers, optimizer_factory(**optimizer))


def _entropy(model: nn.Module, mass: float | int | None) -> Callable[[Tensor], Tensor]:
    return partial(opinion_entropy, mass=class_count(model) if mass is None else mass)
