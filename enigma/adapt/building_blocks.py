"""The parts that methods share: which parameters move, how the model normalises, which optimizer, which default."""

import copy
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm
from torch.nn.modules.batchnorm import _BatchNorm

from enigma.models.classifier import classification_layer
from enigma.spec.errors import InputError
from enigma.spec.recipes import CIFAR_LIKE

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
# What a self-attention calls its linear layers: in timm, and in Hugging Face's transformers.
_PROJECTIONS = (("qkv",), ("q_proj", "k_proj", "v_proj"))
NORMS = (*BATCH_NORMS, nn.GroupNorm, nn.LayerNorm, nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)

Value = TypeVar("Value")


def class_count(model: nn.Module) -> int:
    """Outputs of the layer that classifies: the rows of its weight, linear or a convolution."""
    weight = getattr(classification_layer(model), "weight", None)
    if not isinstance(weight, Tensor):
        raise InputError("Expected a classification layer with a weight, but got one without; name it with `layer`.")
    return len(weight)


def for_size(model: nn.Module, cifar: Value, imagenet: Value) -> Value:
    """A paper's value for CIFAR-like models (at most 100 classes) or for ImageNet-like ones (more)."""
    return cifar if class_count(model) <= CIFAR_LIKE else imagenet


def frozen_copy(model: nn.Module) -> nn.Module:
    """A copy in evaluation mode, with the stored statistics, of which nothing moves."""
    return copy.deepcopy(model).eval().requires_grad_(False)


def with_batch_statistics(model: nn.Module) -> nn.Module:
    """A frozen copy whose BatchNorm layers normalise with the statistics of whatever batch they see.

    The stored statistics are removed, as Tent's reference code does, so that evaluating the probe
    cannot change the model. Everything else, dropout included, is in evaluation mode; Tent's
    reference code leaves dropout on, which only matters for models that have it.
    """
    model = frozen_copy(model)
    for module in model.modules():
        if isinstance(module, BATCH_NORMS):
            module.track_running_stats = False
            module.running_mean = module.running_var = module.num_batches_tracked = None
    return model


class PriorBatchNorm(nn.Module):
    """BatchNorm with a weighted mean of stored and batch statistics, which have no gradient (final).

    Args:
        layer: a BatchNorm with stored statistics, whose parameters and buffers it takes over.
        prior: N, the weight of the stored statistics in images.
        count: n, the weight of the batch's; None means the number of images in the batch.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, layer: _BatchNorm, prior: float, count: int | None = None):
        super().__init__()
        self.weight, self.bias = layer.weight, layer.bias
        self.register_buffer("running_mean", layer.running_mean)
        self.register_buffer("running_var", layer.running_var)
        self.eps, self.prior, self.count = layer.eps, prior, count

    def forward(self, x: Tensor) -> Tensor:
        count = self.count or len(x)
        share = count / (count + self.prior)
        seen, dims = x.detach().to(self.running_mean.dtype), [0, *range(2, x.ndim)]
        mean = torch.lerp(self.running_mean, seen.mean(dims), share)
        variance = torch.lerp(self.running_var, seen.var(dims, unbiased=False), share)
        return batch_norm(x, mean, variance, self.weight, self.bias, False, 0.0, self.eps)


def with_source_prior(model: nn.Module, prior: float, count: int | None = None) -> nn.Module:
    """A frozen copy whose BatchNorm layers are `PriorBatchNorm`.

    Raises:
        InputError: a BatchNorm layer has no stored statistics.
    """
    model = frozen_copy(model)
    for name, module in list(model.named_modules()):
        if isinstance(module, BATCH_NORMS):
            if module.running_mean is None:
                raise InputError(
                    f"Expected BatchNorm layers with stored statistics, but {name} has none; use the method 'norm'."
                )
            parent, _, attribute = name.rpartition(".")
            setattr(model.get_submodule(parent), attribute, PriorBatchNorm(module, prior, count))
    return model


def with_adaptable_norms(model: nn.Module, *, freeze_top: bool = False) -> nn.Module:
    """`with_batch_statistics`, and the scale and shift of every normalisation layer may be updated.

    Args:
        freeze_top: leave the layers next to the output as they are; see `is_top`.

    Raises:
        InputError: the model has no normalisation layer with a scale and a shift.
    """
    model = with_batch_statistics(model)
    is_top = top_layers(model) if freeze_top else lambda name: False
    norms = (module for name, module in model.named_modules() if isinstance(module, NORMS) and not is_top(name))
    affine = [parameter for module in norms for parameter in module.parameters(recurse=False)]
    if not affine:
        raise InputError(
            "Expected a model with BatchNorm, GroupNorm, LayerNorm or InstanceNorm layers to adapt, but got none "
            "with a scale and a shift; use the method 'source', 'lame' or 't3a', or another model."
        )
    for parameter in affine:
        parameter.requires_grad_(True)
    return model


def with_adaptable_features(model: nn.Module) -> nn.Module:
    """`with_batch_statistics`, and everything but the classification layer may be updated."""
    model = with_batch_statistics(model).requires_grad_(True)
    classification_layer(model).requires_grad_(False)
    return model


def top_layers(model: nn.Module) -> Callable[[str], bool]:
    """Says of a module's name whether SAR counts it among the layers next to the output.

    For ResNets as torchvision and timm name them, these are the layers of `layer4`; for transformers, the
    last quarter of the blocks and the norm that follows them (blocks 9 to 11 of ViT-B's twelve).
    Of other models no layer counts: the paper says nothing of them.

    Source: Niu et al. 2023, arXiv:2302.12400, section 4 ("implementation details"); reference code mr-eggplant/SAR.
    """
    blocks = list(transformer_blocks(model))
    if not blocks:
        return lambda name: "layer4" in name.split(".")
    kept = blocks[: len(blocks) - len(blocks) // 4]
    names = [name for name, _ in model.named_modules()]
    first_top = max(i for i, name in enumerate(names) if name == kept[-1] or name.startswith(f"{kept[-1]}.")) + 1
    top = set(names[first_top:])
    return lambda name: name in top


def transformer_blocks(model: nn.Module) -> Iterator[str]:
    """Names of the modules that hold a self-attention: torch's own, timm's or Hugging Face's, from the input on."""
    for name, module in model.named_modules():
        if isinstance(module, nn.MultiheadAttention) or any(map(partial(_projects, module), _PROJECTIONS)):
            yield name.rpartition(".")[0]


def _projects(module: nn.Module, names: tuple[str, ...]) -> bool:
    return all(isinstance(getattr(module, name, None), nn.Linear) for name in names)


def optimizer_factory(
    optimizer: str,
    lr: float,
    momentum: float = 0.9,
    betas: Sequence[float] = (0.9, 0.999),
    weight_decay: float = 0.0,
    *,
    nesterov: bool = False,
) -> Callable[[list[nn.Parameter]], torch.optim.Optimizer]:
    """Makes an optimizer once the parameters are known.

    Raises:
        InputError: `optimizer` is neither 'adam' nor 'sgd'.
    """
    if optimizer == "adam":
        return partial(torch.optim.Adam, lr=lr, betas=(betas[0], betas[1]), weight_decay=weight_decay)
    if optimizer == "sgd":
        return partial(
            torch.optim.SGD, lr=lr, momentum=momentum, weight_decay=weight_decay, nesterov=nesterov and momentum > 0
        )
    raise InputError(f"Expected `optimizer` to be 'adam' or 'sgd', but got {optimizer!r}.")
