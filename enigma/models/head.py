"""The classification layer of any network: the last one that makes the logits, found by running it once."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from enigma.functionals.isomax import DistanceHead
from enigma.spec.errors import InputError


@dataclass(frozen=True)
class Head:
    """Where logits are made.

    Attributes:
        name: of the layer within the network, e.g. 'fc'.
        outputs: number of logits.
        features: length of an embedding.
        is_exact: whether the logits are exactly this layer applied to the embedding.
    """

    name: str
    outputs: int
    features: int
    is_exact: bool


@torch.no_grad()
def find_head(network: nn.Module, size: int, name: str | None = None) -> Head:
    """The layer that was called `name`, or else the last one that can classify, with as many outputs as logits.

    Linear layers, distance heads and 1x1 convolutions can; one whose output is the logits is preferred.
    Auxiliary classifiers do not run in evaluation mode and so are never taken.

    Raises:
        InputError: the network cannot take images of this size, or has no such layer.
    """
    layers = {key: module for key, module in network.named_modules() if key and _is_candidate(module)}
    if name is not None:
        layers = {name: _named(network, name)}
    calls: list[tuple[str, Tensor, Tensor]] = []
    hooks = [
        module.register_forward_hook(lambda _, inputs, output, key=key: calls.append((key, inputs[0], output)))
        for key, module in layers.items()
    ]
    try:
        logits = _run(network, size)
    finally:
        for hook in hooks:
            hook.remove()
    return _chosen(calls, logits, name)


def pooled(values: Tensor) -> Float[Tensor, "batch features"]:
    """One vector an image: the mean over tokens or over height and width where there are such."""
    if values.ndim == 4:
        return values.mean((2, 3))
    return values.flatten(1, -2).mean(1) if values.ndim > 2 else values


def _is_candidate(module: nn.Module) -> bool:
    return isinstance(module, nn.Linear | DistanceHead) or (
        isinstance(module, nn.Conv2d) and module.kernel_size == (1, 1)
    )


def _named(network: nn.Module, name: str) -> nn.Module:
    try:
        return network.get_submodule(name)
    except AttributeError as error:
        last = ", ".join([key for key, _ in network.named_modules()][-5:])
        raise InputError(
            f"Expected `layer` to name a layer of the model, such as its last ones ({last}), but got {name!r}."
        ) from error


def _run(network: nn.Module, size: int) -> Tensor:
    # Noise rather than zeros: with zeros many layers agree by accident.
    try:
        x = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(0))
        logits = network.eval()(x)
    except (RuntimeError, AssertionError, ValueError, TypeError, IndexError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            f"Expected a model that takes RGB images of {size}x{size}, but it says: {first}. Give another `input_size`."
        ) from error
    if not isinstance(logits, Tensor) or logits.ndim != 2:
        shape = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise InputError(f"Expected a classifier with logits of shape (images, classes), but its output is {shape}.")
    return logits


def _chosen(calls: list[tuple[str, Tensor, Tensor]], logits: Tensor, name: str | None) -> Head:
    fitting = [call for call in calls if name is not None or pooled(call[2]).shape == logits.shape]
    if not fitting:
        what = (
            f"layer {name!r} to run when the model predicts" if name else "a model that ends in a classification layer"
        )
        raise InputError(f"Expected {what}, but it does not; give `layer` the name of the layer before the logits.")
    exact = [
        call for call in fitting if call[2].numel() == logits.numel() and torch.equal(call[2].view_as(logits), logits)
    ]
    key, inputs, _ = (exact or fitting)[-1]
    is_exact = bool(exact) and inputs.numel() == pooled(inputs).numel()
    return Head(key, logits.shape[1], pooled(inputs).shape[1], is_exact)
