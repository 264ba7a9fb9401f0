"""The model that a spec names."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from enigma.models import classifier, own_weights, zoo
from enigma.models.classifier import LoadedModel
from enigma.models.head import find_head
from enigma.models.names_in_weights import renamed
from enigma.models.preprocess import Preprocess
from enigma.models.zoo import FoundNetwork
from enigma.spec.assets import asset
from enigma.spec.catalogue import ZOOS
from enigma.spec.errors import InputError
from enigma.spec.model_spec import ModelSpec, folder_of

_DEFAULT_SIZE = 224


def load_model(spec: ModelSpec, seed: int = 0, picture_size: int | None = None) -> LoadedModel:
    """The model that `spec` names, with its own weights where it gives them.

    What the spec says of mean, standard deviation, size and names goes before the model card beside
    the weights, and that before what the library says.

    Args:
        seed: random weights are drawn from it.
        picture_size: width and height of the test images, for a model of which nobody says what it takes.

    Raises:
        InputError: something is missing or does not fit.
    """
    if spec.is_bundled and spec.weights is None:
        model = classifier.load(spec.model)
        return _changed(model, spec) if _says_anything(spec) else model
    path = Path(spec.weights) if spec.weights else None
    card = own_weights.card_beside(path)
    found = _found(spec, seed, path, picture_size)
    classes = tuple(card["classes"]) if "classes" in card else found.classes
    if spec.class_names:
        classes = own_weights.names_given(spec.class_names)
    model = classifier.assembled(
        found.network,
        _preprocess(spec, card, found.preprocess),
        classes,
        layer=spec.layer,
        clean_accuracy=float(card.get("clean_accuracy", "nan")),
        is_random=found.is_random,
        normalises=found.normalises or "mean" in card or spec.mean is not None,
        notes=found.notes,
    )
    if spec.num_classes is not None and spec.num_classes != model.head.outputs:
        raise InputError(
            f"Expected `num_classes` to be the outputs of the model, {model.head.outputs}, but got {spec.num_classes}."
        )
    return model


def _found(spec: ModelSpec, seed: int, path: Path | None, picture_size: int | None) -> FoundNetwork:
    if path is None:
        return _built(spec, seed, spec.num_classes, picture_size, weights=None)
    held = own_weights.read_weights(path)
    found = _built(spec, seed, spec.num_classes, picture_size, weights=path)
    weights = renamed(held, found.network.state_dict(), path.name)
    if spec.num_classes is None:
        # The weights say how many classes there are: where that differs, the architecture is built again.
        head = find_head(found.network, _size(spec, path, found))
        outputs = own_weights.outputs_in(weights.tensors, head.name)
        if outputs not in (None, head.outputs):
            found = _built(spec, seed, outputs, picture_size, weights=path)
    own_weights.fill(found.network, weights.tensors, path)
    return replace(found, is_random=False, notes=(*found.notes, *filter(None, (weights.note,))))


def _size(spec: ModelSpec, path: Path, found: FoundNetwork) -> int:
    return spec.input_size or int(own_weights.card_beside(path).get("input_size", found.preprocess.size))


def _built(
    spec: ModelSpec, seed: int, classes: int | None, picture_size: int | None, weights: Path | None
) -> FoundNetwork:
    """The architecture: with its library's weights, or with random ones where the user's will be filled in."""
    library, _, rest = spec.model.partition(":")
    if library in ZOOS:
        # A path may hold an @ of its own.
        name, _, named = (rest, "", "") if folder_of(spec.model) is not None else rest.partition("@")
        if classes is not None and weights is None and named != zoo.RANDOM:
            raise InputError(
                "Expected `num_classes` with your own `weights` or with @random, because the published weights of "
                f"{spec.model} have a fixed number, but got {classes}."
            )
        return zoo.find_network(library, name, zoo.RANDOM if weights else named, classes, seed)
    size = spec.input_size or picture_size or _DEFAULT_SIZE
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if spec.is_bundled:
            head = {name: value for name, value in own_weights.card_beside(weights).items() if name == "head"}
            network = classifier.from_card(
                own_weights.card_beside(asset("models", f"{spec.model}.json")) | head, classes
            )
            return FoundNetwork(network, Preprocess(32), None, is_random=True, normalises=False)
        network = own_weights.from_factory(spec.model, classes)
    return FoundNetwork(network, Preprocess(size), None, normalises=False)


def _preprocess(spec: ModelSpec, card: dict[str, Any], usual: Preprocess) -> Preprocess:
    size = spec.input_size or int(card.get("input_size", usual.size))
    resize = usual.resize if usual.resize is None else round(usual.resize * size / usual.size)
    resize = int(card["resize"]) if "resize" in card else resize
    mean, std = spec.mean or _triple(card, "mean") or usual.mean, spec.std or _triple(card, "std") or usual.std
    return Preprocess(size, resize, str(card.get("interpolation", usual.interpolation)), mean, std)


def _triple(card: dict[str, Any], name: str) -> tuple[float, float, float] | None:
    values = card.get(name)
    if values is None:
        return None
    if not isinstance(values, list) or len(values) != 3:
        raise InputError(f"Expected `{name}` in the model card to be three numbers, but got {values!r}.")
    return (float(values[0]), float(values[1]), float(values[2]))


def _says_anything(spec: ModelSpec) -> bool:
    said = (spec.layer, spec.mean, spec.std, spec.input_size, spec.class_names, spec.num_classes)
    return any(value is not None for value in said)


def _changed(model: LoadedModel, spec: ModelSpec) -> LoadedModel:
    """A bundled model with another layer, normalisation, size or names."""
    card = {"input_size": model.preprocess.size}
    if spec.num_classes is not None and spec.num_classes != model.head.outputs:
        raise InputError(f"Expected `num_classes` to be {model.head.outputs} for {spec.model}, but got another number.")
    classes = own_weights.names_given(spec.class_names) if spec.class_names else model.classes
    return classifier.assembled(
        model.module.network,
        _preprocess(spec, card, model.preprocess),
        classes,
        layer=spec.layer,
        clean_accuracy=model.clean_accuracy,
    )
