"""Classifiers: a network with its normalisation inside, and the embeddings it computes."""

import copy
import hashlib
import json
import math
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from enigma.functionals.isomax import DistanceHead
from enigma.models.architectures import built
from enigma.models.head import Head, find_head, is_pointwise, pooled
from enigma.models.outputs import Place, in_words, logits_at, place_of_logits
from enigma.models.preprocess import Preprocess
from enigma.spec.assets import asset
from enigma.spec.errors import InputError

# How bright red, green and blue are: ITU-R BT.601.
_LUMA = (0.299, 0.587, 0.114)
_GREY = "The model takes grey images: it is given the brightness of the colours."


class Classifier(nn.Module):
    """A network with its input normalisation inside, so that it takes RGB pixels in [0, 1] and gives logits.

    A network of grey images is given the luma of ITU-R BT.601, as Pillow computes it, normalised by the first numbers
    of `mean` and `std`.

    Attributes:
        head: name of the classification layer, whose input is the embedding.

    Args:
        place: where in what the network returns the logits are.
        channels: what the network takes, 3 or 1.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        network: nn.Module,
        mean: list[float],
        std: list[float],
        head: str = "",
        *,
        place: Place = None,
        channels: int = 3,
    ):
        super().__init__()
        self.network = network
        self.head = f"network.{head}" if head else ""
        self._place = place
        self.register_buffer("mean", torch.tensor(mean[:channels]).view(1, channels, 1, 1))
        self.register_buffer("std", torch.tensor(std[:channels]).view(1, channels, 1, 1))

    def forward(self, x: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch classes"]:
        if self.mean.shape[1] == 1:
            x = (x * x.new_tensor(_LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)
        return logits_at(self.network((x - self.mean) / self.std), self._place)


@dataclass(frozen=True)
class LoadedModel:
    """A classifier in evaluation mode with what its card or its weights say of it.

    Attributes:
        classes: names in the order of the logits; numbers where nobody said the names (`is_named` False).
        clean_accuracy: in [0, 1]; NaN where it is not known.
        is_random: nobody trained these weights.
        normalises: False where neither the weights nor the user said what to subtract and divide by.
        notes: sentences on how the model was taken that a person should know of.
    """

    module: Classifier
    classes: tuple[str, ...]
    preprocess: Preprocess
    head: Head
    clean_accuracy: float
    digest: str
    is_named: bool = True
    is_random: bool = False
    normalises: bool = True
    notes: tuple[str, ...] = ()

    @property
    def input_size(self) -> int:
        return self.preprocess.size

    def named(self, classes: tuple[str, ...]) -> "LoadedModel":
        """The same model with names for its classes.

        Raises:
            InputError: there are not as many as outputs.
        """
        if len(classes) != self.head.outputs:
            raise InputError(
                f"Expected `class_names` to be {self.head.outputs}, one for each output of the model, "
                f"but got {len(classes)}."
            )
        return replace(self, classes=classes, is_named=True)


def load(name: str, folder: Path | None = None) -> LoadedModel:
    """Loads `<name>.safetensors` and its card `<name>.json`, from the bundled models unless `folder` is given.

    Raises:
        InputError: a file is missing, or the weights do not fit the architecture.
    """
    folder = folder or asset("models")
    weights = folder / f"{name}.safetensors"
    try:
        card = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
        network = from_card(card)
        network.load_state_dict(load_file(weights))
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise InputError(
            f"Expected weights and card of {name!r} in {folder}, but got: {error}. Make them with: enigma train"
        ) from error
    preprocess = Preprocess(card["input_size"], mean=tuple(card["mean"]), std=tuple(card["std"]))
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()[:12]
    return assembled(network, preprocess, tuple(card["classes"]), digest, clean_accuracy=card["clean_accuracy"])


def from_card(card: dict[str, Any], classes: int | None = None) -> nn.Module:
    """The network that a card of `enigma train` describes, with weights yet to be filled in.

    Args:
        classes: outputs, where they are not those of the card.
    """
    return built(card["architecture"], card.get("head", "softmax"), classes or len(card["classes"]))


def assembled(
    network: nn.Module,
    preprocess: Preprocess,
    classes: tuple[str, ...] | None,
    digest: str | None = None,
    *,
    layer: str | None = None,
    clean_accuracy: float = math.nan,
    is_random: bool = False,
    normalises: bool = True,
    notes: tuple[str, ...] = (),
) -> LoadedModel:
    """A network with everything around it; its classification layer is found unless `layer` names it.

    Args:
        classes: None where they are not known.
        digest: of the weights; None makes it from the tensors and the preprocessing.
        notes: sentences on how the network was taken.
    """
    head = find_head(network, preprocess.size, layer)
    mean, std = list(preprocess.mean), list(preprocess.std)
    module = Classifier(network, mean, std, head.name, place=head.place, channels=head.channels).eval()
    named = classes is not None and len(classes) == head.outputs
    model = LoadedModel(
        module=module,
        classes=classes if classes is not None and named else tuple(f"class {i}" for i in range(head.outputs)),
        preprocess=preprocess,
        head=head,
        clean_accuracy=clean_accuracy,
        digest=digest or _digest(network, preprocess),
        is_named=named,
        is_random=is_random,
        normalises=normalises,
        notes=(*notes, *filter(None, (in_words(head.place), _GREY if head.channels == 1 else ""))),
    )
    return model if classes is None or named else model.named(classes)


def classification_layer(model: nn.Module) -> nn.Module:
    """The layer whose input is the embedding: the one found when the model was loaded, or else the last that is one."""
    for module in model.modules():
        if isinstance(module, Classifier) and module.head:
            return module.get_submodule(module.head)
    layers = _possible_layers(model)
    if not layers:
        raise InputError(
            "Expected a model that ends in a classification layer, linear or a 1x1 convolution, but got none."
        )
    return layers[-1]


def _possible_layers(model: nn.Module) -> list[nn.Module]:
    layers: list[nn.Module] = [m for m in model.modules() if isinstance(m, nn.Linear | DistanceHead)]
    # Where nothing else classifies, as in SqueezeNet, a convolution does.
    return layers or [module for module in model.modules() if is_pointwise(module)]


def giving_logits(model: nn.Module) -> nn.Module:
    """A model that returns its logits alone: itself if it does so already, or else a copy that does.

    What logits are is told by the output: see `enigma.models.outputs`. Of several tables of numbers, they are the one
    as wide as the classification layer.
    """
    if isinstance(model, Classifier):
        return model
    widths = [len(layer.weight) for layer in _possible_layers(model) if isinstance(layer.weight, Tensor)]
    model = copy.deepcopy(model)
    model.register_forward_hook(partial(_only_logits, widths[-1] if widths else None))
    return model


def _only_logits(classes: int | None, module: nn.Module, inputs: Any, output: Any) -> Any:
    """A forward hook; it is a function of the module, so that it is copied with the model."""
    if isinstance(output, Tensor) and output.ndim == 2:
        return output
    return logits_at(output, place_of_logits(output, lambda table: table.shape[1] == classes))


def embed(
    model: nn.Module, x: Float[Tensor, "batch 3 height width"]
) -> tuple[Float[Tensor, "batch features"], Float[Tensor, "batch classes"]]:
    """Embeddings, that is the input of the classification layer, and logits of one batch.

    Where that input has a height and a width, or tokens, the embedding is its mean over them.
    """
    captured: list[Tensor] = []
    hook = classification_layer(model).register_forward_pre_hook(lambda _, inputs: captured.append(inputs[0]))
    try:
        logits = model(x)
    finally:
        hook.remove()
    return pooled(captured[-1]), logits


def _digest(network: nn.Module, preprocess: Preprocess) -> str:
    digest = hashlib.sha256(preprocess.describe().encode())
    for name, value in network.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()[:12]
