"""Test-time adaptation: `build(model, name, **settings)` returns an adapter with `step`, `reset` and `model`."""

import importlib
import inspect
from typing import Any

from torch import nn

from enigma.adapt.adapter import Adapter, StepReport
from enigma.catalogue import METHODS
from enigma.errors import InputError

__all__ = ["Adapter", "StepReport", "build"]


def build(model: nn.Module, name: str, **settings: Any) -> Adapter:
    """An adapter around a copy of `model`; the caller's model is untouched.

    Args:
        model: any classifier.
        name: a name in `enigma.catalogue.METHODS`, or one's own 'package.module:function'.
        settings: the method's own, and `optimizer` and `lr` where it uses a gradient.

    Raises:
        InputError: no such method, or a setting it does not have.
    """
    builder = METHODS[name].builder if name in METHODS else name
    module_name, _, function_name = builder.partition(":")
    try:
        function = getattr(importlib.import_module(module_name), function_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(
            f"Expected a method among {', '.join(METHODS)} or 'package.module:function', but got {name!r}: {error}."
        ) from error
    try:
        inspect.signature(function).bind(model, **settings)
    except TypeError as error:
        raise InputError(f"Expected settings that {name} has, but {error}.") from error
    return function(model, **settings)
