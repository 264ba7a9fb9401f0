"""The parts that methods share: which parameters move, how the model normalises, which optimizer."""

import copy
from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import nn

from enigma.errors import InputError

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
NORMS = (*BATCH_NORMS, nn.GroupNorm, nn.LayerNorm, nn.InstanceNorm1d, nn.InstanceNorm2d)


def with_batch_statistics(model: nn.Module) -> nn.Module:
    """A frozen copy whose BatchNorm layers normalise with the statistics of whatever batch they see.

    The stored statistics are removed, as Tent's reference code does, so that evaluating the probe
    cannot change the model. Everything else, dropout included, is in evaluation mode; Tent's
    reference code leaves dropout on, which only matters for models that have it.
    """
    model = copy.deepcopy(model).eval().requires_grad_(False)
    for module in model.modules():
        if isinstance(module, BATCH_NORMS):
            module.track_running_stats = False
            module.running_mean = module.running_var = module.num_batches_tracked = None
    return model


def with_adaptable_norms(model: nn.Module) -> nn.Module:
    """`with_batch_statistics`, and the scale and shift of every normalisation layer may be updated.

    Raises:
        InputError: the model has no normalisation layer with a scale and a shift.
    """
    model = with_batch_statistics(model)
    affine = [p for m in model.modules() if isinstance(m, NORMS) for p in m.parameters(recurse=False)]
    if not affine:
        raise InputError(
            "Expected a model with BatchNorm, GroupNorm, LayerNorm or InstanceNorm layers to adapt, but got none; "
            "use the method 'source' or another model."
        )
    for parameter in affine:
        parameter.requires_grad_(True)
    return model


def optimizer_factory(
    optimizer: str, lr: float, momentum: float, betas: Sequence[float], weight_decay: float
) -> Callable[[list[nn.Parameter]], torch.optim.Optimizer]:
    """Makes an optimizer once the parameters are known.

    Raises:
        InputError: `optimizer` is neither 'adam' nor 'sgd'.
    """
    if optimizer == "adam":
        return partial(torch.optim.Adam, lr=lr, betas=(betas[0], betas[1]), weight_decay=weight_decay)
    if optimizer == "sgd":
        return partial(torch.optim.SGD, lr=lr, momentum=momentum, weight_decay=weight_decay)
    raise InputError(f"Expected `optimizer` to be 'adam' or 'sgd', but got {optimizer!r}.")


def class_count(model: nn.Module) -> int:
    """Outputs of the last linear layer, which classifies."""
    return [m for m in model.modules() if isinstance(m, nn.Linear)][-1].out_features
