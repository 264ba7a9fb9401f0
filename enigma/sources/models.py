"""Classifiers: weights as safetensors beside a model card, and the embeddings they compute."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from enigma.assets import asset
from enigma.errors import InputError
from enigma.sources.architectures import ARCHITECTURES


class Classifier(nn.Module):
    """A network with its input normalisation inside, so that it takes pixels in [0, 1]."""

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, mean: list[float], std: list[float]):
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1))

    def forward(self, x: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch classes"]:
        return self.network((x - self.mean) / self.std)


@dataclass(frozen=True)
class LoadedModel:
    """A classifier in evaluation mode with what its card says of it."""

    module: Classifier
    classes: tuple[str, ...]
    input_size: int
    clean_accuracy: float
    digest: str


def load(name: str, folder: Path | None = None) -> LoadedModel:
    """Loads `<name>.safetensors` and its card `<name>.json`, from the bundled models unless `folder` is given.

    Raises:
        InputError: a file is missing, or the weights do not fit the architecture.
    """
    folder = folder or asset("models")
    weights, card_path = folder / f"{name}.safetensors", folder / f"{name}.json"
    try:
        card = json.loads(card_path.read_text(encoding="utf-8"))
        network = ARCHITECTURES[card["architecture"]]()
        network.load_state_dict(load_file(weights))
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise InputError(
            f"Expected weights and card of {name!r} in {folder}, but got: {error}. "
            f"Make them with: enigma train {name} --out {folder}"
        ) from error
    module = Classifier(network, card["mean"], card["std"]).eval()
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()[:12]
    return LoadedModel(module, tuple(card["classes"]), card["input_size"], card["clean_accuracy"], digest)


def classification_layer(model: nn.Module) -> nn.Linear:
    """The last linear layer, whose input is the embedding."""
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    if not layers:
        raise InputError("Expected a model that ends in a linear classification layer, but got one without any.")
    return layers[-1]


def embed(
    model: nn.Module, x: Float[Tensor, "batch 3 height width"]
) -> tuple[Float[Tensor, "batch features"], Float[Tensor, "batch classes"]]:
    """Embeddings, that is the input of the classification layer, and logits of one batch."""
    captured: list[Tensor] = []
    hook = classification_layer(model).register_forward_pre_hook(lambda _, inputs: captured.append(inputs[0]))
    try:
        logits = model(x)
    finally:
        hook.remove()
    return captured[-1], logits
