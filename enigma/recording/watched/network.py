"""How a model of torch is looked at from outside: a hook on a layer, a forward pass, and no trace of either."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from enigma.models.head import is_pointwise
from enigma.spec.errors import InputError

_FEW = 6


@torch.no_grad()
def looked_at(model: Any, probe: Any, layer: str | None, batch_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings (probes, features) and logits (probes, classes) of a probe, in its order.

    Args:
        model: the network; it is in evaluation mode meanwhile, and afterwards in each part as it was.
        probe: its input.
        layer: name of the layer whose input is the embedding; None for the last linear one.
        batch_size: images at a time.

    Raises:
        InputError: it is no network, the layer is not there or does not run, or the output holds no logits.
    """
    if not isinstance(model, nn.Module):
        raise InputError(
            f"Expected a torch.nn.Module as model, but got {type(model).__name__}; log its logits instead."
        )
    embeddings, logits = [], []
    with _undisturbed(model), _hooked(model, layer) as seen:
        for batch in _batches(probe, batch_size, _place_of(model)):
            seen.clear()
            output = _logits(model(**batch) if isinstance(batch, dict) else model(batch))
            if not seen:
                raise InputError(
                    f"Expected layer {layer!r} to run when the model predicts, but it does not; {_some(model)}."
                )
            embeddings.append(_vector(seen[-1], is_causal=output.ndim == 3).float().cpu())
            logits.append(_vector(output, is_causal=True).float().cpu())
    return torch.cat(embeddings).numpy(), torch.cat(logits).numpy()


@contextlib.contextmanager
def _undisturbed(model: nn.Module) -> Iterator[None]:
    """The mode of each part, the random numbers and the running statistics are afterwards what they were."""
    modes = [(part, part.training) for part in model.modules()]
    place = _place_of(model)
    with torch.random.fork_rng(devices=[place] if place.type == "cuda" else []):
        model.eval()
        try:
            yield
        finally:
            for part, training in modes:
                part.training = training


@contextlib.contextmanager
def _hooked(model: nn.Module, layer: str | None) -> Iterator[list[Tensor]]:
    """Collects the inputs of the layer; without a name, of every linear one, of which the last to run is meant."""
    seen: list[Tensor] = []
    hooks = [
        part.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]) if inputs else None)
        for part in _layers(model, layer)
    ]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def _layers(model: nn.Module, layer: str | None) -> list[nn.Module]:
    if layer is not None:
        try:
            return [model.get_submodule(layer)]
        except AttributeError as error:
            raise InputError(
                f"Expected `layer` to name a layer of the model, but got {layer!r}; {_some(model)}."
            ) from error
    found = [part for part in model.modules() if isinstance(part, nn.Linear) or is_pointwise(part)]
    if not found:
        raise InputError(f"Expected a model with a linear layer, but it has none; name a `layer`: {_some(model)}.")
    return found


def _some(model: nn.Module) -> str:
    names = [name for name, _ in model.named_modules() if name]
    return f"its last layers are {', '.join(names[-_FEW:])}" if names else "it has no named layers"


def _batches(probe: Any, size: int, place: torch.device) -> Iterator[Tensor | dict[str, Tensor]]:
    named = {name: torch.as_tensor(value) for name, value in probe.items()} if isinstance(probe, Mapping) else {}
    whole = next(iter(named.values()), torch.empty(0)) if isinstance(probe, Mapping) else torch.as_tensor(probe)
    if not whole.ndim or not len(whole) or size < 1:
        raise InputError("Expected the images of the probe and a batch_size from 1, but got none.")
    for begin in range(0, len(whole), size):
        rows = slice(begin, begin + size)
        yield {name: part[rows].to(place) for name, part in named.items()} if named else whole[rows].to(place)


def _logits(output: Any) -> Tensor:
    """The logits of what a model returns: a tensor, a tuple that begins with it, a mapping or an object with logits."""
    found = output
    if isinstance(output, Mapping):
        found = output.get("logits")
    elif hasattr(output, "logits"):
        found = output.logits
    elif isinstance(output, tuple | list) and output:
        found = output[0]
    if not isinstance(found, Tensor) or found.ndim not in (2, 3):
        raise InputError(f"Expected a model that returns logits, but got {type(output).__name__}; log them instead.")
    return found


def _vector(values: Tensor, *, is_causal: bool) -> Tensor:
    """One vector an image: of the last token where the next is predicted, else the mean over tokens or pixels."""
    if values.ndim == 4:
        return values.mean((2, 3))
    if values.ndim == 3:
        return values[:, -1] if is_causal else values.mean(1)
    return values.flatten(1)


def _place_of(model: nn.Module) -> torch.device:
    return next((part.device for part in model.parameters()), torch.device("cpu"))
