"""Test-time adaptation: `build(model, name, **settings)` returns an adapter with `step`, `reset` and `model`."""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from torch import Tensor, nn

from enigma.adapt.adapter import Adapter, Predictor, StepReport
from enigma.adapt.building_blocks import class_count
from enigma.models.classifier import embed, giving_logits
from enigma.spec.catalogue import METHODS
from enigma.spec.errors import InputError
from enigma.spec.own_code import explained
from enigma.spec.recipes import recipe

__all__ = ["Adapter", "StepReport", "build", "predictor"]


def build(
    model: nn.Module, name: str, *, source_images: Tensor | Callable[[], Tensor] | None = None, **settings: Any
) -> Adapter:
    """An adapter around a copy of `model`; the caller's model is untouched.

    Args:
        model: any classifier of pixels in [0, 1]; what it returns may be logits, or a tuple, a dictionary or an
            object that holds them.
        name: a name in `enigma.spec.catalogue.METHODS`, or one's own 'package.module:function'.
        source_images: training images, or a function that gives them, for methods that ask for them (EATA).
        settings: the method's own, and `optimizer` and `lr` where it uses a gradient; what is not given is the
            paper's, for ImageNet if the model has more than 100 classes and for CIFAR otherwise; a recorded run
            starts from the same, see `enigma.spec.recipes`.

    Raises:
        InputError: no such method, a setting it does not have or cannot use, or a model it cannot adapt.
    """
    if not isinstance(model, nn.Module):
        raise InputError(f"Expected a torch.nn.Module that gives logits, but got {type(model).__name__}.")
    function, model = _builder(name), giving_logits(model)
    if name in METHODS:
        settings = _with_recipe(name, model) | settings
        _check_names(name, settings)
    if "source_images" in inspect.signature(function).parameters:
        settings["source_images"] = _required(name, source_images)
    try:
        inspect.signature(function).bind(model, **settings)
    except TypeError as error:
        raise InputError(f"Expected settings that {name} has, but {error}.") from error
    try:
        with explained(f"{name} to build an adapter"):
            adapter = function(model, **settings)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"Expected settings that {name} can use, but {error}.") from error
    if not isinstance(adapter, Adapter):
        raise InputError(
            f"Expected {name} to return an adapter, with `model`, `report`, `step`, `reset`, `state` and `load_state`, "
            f"but got {type(adapter).__name__}."
        )
    return adapter


def predictor(adapter: Adapter) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """From a batch to embeddings and logits as `adapter` predicts them now, without changing it."""
    predict = adapter.predict if isinstance(adapter, Predictor) else partial(embed, adapter.model)

    def predicted(batch: Tensor) -> tuple[Tensor, Tensor]:
        with explained("embeddings and logits of a batch"):
            return predict(batch)

    return predicted


def _builder(name: str) -> Callable[..., Adapter]:
    module_name, _, function_name = (METHODS[name].builder if name in METHODS else name).partition(":")
    try:
        with explained(f"{module_name} to be imported"):
            return getattr(importlib.import_module(module_name), function_name)
    except InputError:
        raise
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(
            f"Expected a method among {', '.join(METHODS)} or 'package.module:function', but got {name!r}: {error}."
        ) from error


def _with_recipe(name: str, model: nn.Module) -> dict[str, Any]:
    """The paper's optimizer and learning rate for a model of this size."""
    found = recipe(name, class_count(model)) if METHODS[name].uses_gradient else None
    return asdict(found) if found else {}


def _check_names(name: str, settings: dict[str, Any]) -> None:
    known = [setting.name for setting in METHODS[name].settings]
    known += ["optimizer", "lr"] if METHODS[name].uses_gradient else []
    for given in settings:
        if given not in known:
            raise InputError(f"Expected settings that {name} has ({', '.join(known) or 'none'}), but got {given!r}.")


def _required(name: str, source_images: Tensor | Callable[[], Tensor] | None) -> Tensor:
    if source_images is None:
        raise InputError(
            f"Expected training images for {name}, but got none; give `source_images`, run it on a dataset that has "
            "reference images, or use a method that needs none, such as eta."
        )
    return source_images() if callable(source_images) else source_images
