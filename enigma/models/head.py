"""The classification layer of any network: the last one that makes the logits, found by running it once."""

from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from enigma.functionals.isomax import DistanceHead
from enigma.models.outputs import Place, logits_at, place_of_logits
from enigma.spec.errors import InputError
from enigma.spec.own_code import told

_SIZE_HINT = "give the `input_size` that it was trained with."


@dataclass(frozen=True)
class Head:
    """Where logits are made.

    Attributes:
        name: of the layer within the network, e.g. 'fc'.
        outputs: number of logits.
        features: length of an embedding.
        is_exact: whether the logits are exactly this layer applied to the embedding.
        place: where in what the network returns the logits are.
        channels: what the network takes: 3 (RGB) or 1 (grey).
    """

    name: str
    outputs: int
    features: int
    is_exact: bool
    place: Place = None
    channels: int = 3


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
        output, channels = _run(network, size, calls)
    finally:
        for hook in hooks:
            hook.remove()
    place = place_of_logits(output, lambda table: any(_is_same(call[2], table) for call in calls))
    return replace(_chosen(calls, logits_at(output, place), name), place=place, channels=channels)


def pooled(values: Tensor) -> Float[Tensor, "batch features"]:
    """One vector an image: the mean over tokens or over height and width where there are such."""
    if values.ndim == 4:
        return values.mean((2, 3))
    return values.flatten(1, -2).mean(1) if values.ndim > 2 else values


def _is_candidate(module: nn.Module) -> bool:
    return isinstance(module, nn.Linear | DistanceHead) or is_pointwise(module)


def is_pointwise(module: nn.Module) -> bool:
    """Whether it is a 1x1 convolution: the same linear layer at every place."""
    return isinstance(module, nn.Conv2d) and module.kernel_size == (1, 1)


def _named(network: nn.Module, name: str) -> nn.Module:
    try:
        return network.get_submodule(name)
    except AttributeError as error:
        last = ", ".join([key for key, _ in network.named_modules()][-5:])
        raise InputError(
            f"Expected `layer` to name a layer of the model, such as its last ones ({last}), but got {name!r}."
        ) from error


def _run(network: nn.Module, size: int, calls: list[tuple[str, Tensor, Tensor]]) -> tuple[Any, int]:
    """What the network returns for two images, and how many channels they have: three, or one where it takes those."""
    first = next((module for module in network.modules() if isinstance(module, nn.Conv2d)), None)
    taken = first.in_channels if first is not None else 3
    # Noise rather than zeros: with zeros many layers agree by accident.
    noise = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(0))
    try:
        try:
            return network.eval()(noise), 3
        except Exception:
            # PyTorch says it by a RuntimeError, Hugging Face's networks by a ValueError, one's own by what they like.
            if taken != 1:
                raise
            calls.clear()
            return network(noise[:, :1]), 1
    except Exception as error:
        kind = "grey" if taken == 1 else "RGB"
        hint = f"is it one of images with {taken} channels?" if taken in (2, *range(4, 17)) else _SIZE_HINT
        raise InputError(
            f"Expected a model that takes {kind} images of {size}x{size}, but {told(error)}; {hint}"
        ) from error


def _is_same(output: Any, table: Tensor) -> bool:
    return isinstance(output, Tensor) and output.numel() == table.numel() and torch.equal(output.view_as(table), table)


def _chosen(calls: list[tuple[str, Tensor, Tensor]], logits: Tensor, name: str | None) -> Head:
    fitting = [call for call in calls if name is not None or pooled(call[2]).shape == logits.shape]
    if not fitting:
        what = (
            f"layer {name!r} to run when the model predicts" if name else "a model that ends in a classification layer"
        )
        raise InputError(f"Expected {what}, but it does not; give `layer` the name of the layer before the logits.")
    exact = [call for call in fitting if _is_same(call[2], logits)]
    key, inputs, _ = (exact or fitting)[-1]
    is_exact = bool(exact) and inputs.numel() == pooled(inputs).numel()
    return Head(key, logits.shape[1], pooled(inputs).shape[1], is_exact)
