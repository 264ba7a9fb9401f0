"""One's own weights: a file of tensors, the architecture they belong to, and the card beside them.

Nothing in a weights file is executed: safetensors holds tensors only, and .pt and .pth files are read
with PyTorch's `weights_only`. A factory `package.module:function` is imported, as any Python module is.
"""

import copy
import importlib
import inspect
import json
import re
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from safetensors.torch import load_file
from torch import Tensor, nn
from typing_extensions import TypedDict

from enigma.models.json_object import json_object
from enigma.spec.errors import InputError
from enigma.spec.model_spec import LARGEST_SIZE
from enigma.spec.own_code import told

# Where training scripts put the weights inside a checkpoint; under another name they are found if they are alone.
_NESTED = ("state_dict", "model_state_dict", "model", "net", "ema")

_Size = Annotated[int, Field(ge=1, le=LARGEST_SIZE)]
_Positive = Annotated[float, Field(gt=0)]
_Triple = tuple[float, float, float]


class _Card(TypedDict, total=False):
    """What of a model card is used; other fields are for people."""

    __pydantic_config__ = ConfigDict(allow_inf_nan=False)  # type: ignore[misc]
    architecture: str
    head: str
    classes: Annotated[list[str], Field(min_length=1)]
    mean: _Triple
    std: tuple[_Positive, _Positive, _Positive]
    input_size: _Size
    resize: _Size
    interpolation: Literal["nearest", "bilinear", "bicubic"]
    clean_accuracy: Annotated[float, Field(ge=0, le=1)]


_CARD = TypeAdapter(_Card)


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors, .pt, .pth or .ckpt file, by the names they have there.

    Raises:
        InputError: no such file, or more in it than tensors.
    """
    if not path.is_file():
        raise InputError(f"Expected `weights` to be a file, but there is none at {path}.")
    try:
        content: Any = (
            load_file(path)
            if path.suffix == ".safetensors"
            else torch.load(path, map_location="cpu", weights_only=True)
        )
    except Exception as error:
        # A damaged pickle leads its reader anywhere: IndexError, KeyError, AttributeError and more.
        other = re.search(r"GLOBAL ([\w.]+)", str(error))
        raise InputError(
            f"Expected {path} to hold nothing but tensors, but {f'it holds {other[1]}' if other else 'it does not'}; "
            "save it with torch.save(model.state_dict(), file) or as safetensors."
        ) from error
    found = _nested(content)
    if found is None:
        held = ", ".join(map(str, content)) if isinstance(content, dict) else type(content).__name__
        raise InputError(f"Expected {path} to hold a state dict, but it holds {held[:200] or 'nothing'}.")
    return found


def _nested(content: Any) -> dict[str, Tensor] | None:
    """The state dict in a checkpoint: under one of the usual names, or the only one that there is."""
    for name in _NESTED:
        if isinstance(content, dict) and isinstance(content.get(name), dict):
            content = content[name]
    if _is_state(content):
        return content
    inside = [value for value in content.values() if _is_state(value)] if isinstance(content, dict) else []
    return inside[0] if len(inside) == 1 else None


def _is_state(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and bool(content)
        and all(isinstance(name, str) and isinstance(value, Tensor) for name, value in content.items())
    )


def fill(network: nn.Module, weights: dict[str, Tensor], path: Path) -> None:
    """Loads the weights.

    Raises:
        InputError: naming what is missing, left over, of another shape, or not finite.
    """
    own = network.state_dict()
    missing = [name for name in own if name not in weights and not name.endswith("num_batches_tracked")]
    unknown = [name for name in weights if name not in own]
    shapes = [name for name, value in weights.items() if name in own and own[name].shape != value.shape]
    for what, names in (("missing", missing), ("not in the model", unknown), ("of another shape", shapes)):
        if names:
            held = ", ".join([*map(repr, list(weights)[:3]), *(["…"] if len(weights) > 3 else [])])
            raise InputError(
                f"Expected the weights in {path} to fit the model, but {len(names)} are {what}, such as {names[0]!r}"
                f"{_both_shapes(names[0], own, weights)}; the file holds {held}: give the `model` they were trained as."
            )
    broken = [name for name, value in weights.items() if not value.isfinite().all()]
    if broken:
        raise InputError(
            f"Expected finite numbers in the weights in {path}, but {len(broken)} tensors, such as {broken[0]!r}, hold "
            "NaN or infinity; the training that wrote them had diverged: take an earlier checkpoint."
        )
    network.load_state_dict(weights, strict=False)


def _both_shapes(name: str, own: dict[str, Tensor], weights: dict[str, Tensor]) -> str:
    if name not in own or name not in weights:
        return ""
    return f" ({tuple(weights[name].shape)} in the file, {tuple(own[name].shape)} in the model)"


def outputs_in(weights: dict[str, Tensor], head: str) -> int | None:
    """How many classes the weights of the classification layer have."""
    weight = weights.get(f"{head}.weight")
    return None if weight is None else len(weight)


def from_factory(name: str, classes: int | None) -> nn.Module:
    """What the function at 'package.module:function' returns; it is given `num_classes` if that was set.

    Raises:
        InputError: it cannot be imported, takes other arguments, or returns no network.
    """
    module_name, _, function_name = name.partition(":")
    # As `python -m` does: modules beside the user's own work are found.
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        if error.name and f"{module_name}.".startswith(f"{error.name}."):
            raise InputError(
                f"Expected `model` to name a function of a module that can be imported, but: {error}."
            ) from error
        raise InputError(f"Expected {module_name} to be imported, but {told(error)}.") from error
    except Exception as error:
        # A module of one's own can raise anything.
        raise InputError(f"Expected {module_name} to be imported, but {told(error)}.") from error
    function = getattr(module, function_name, None)
    if isinstance(function, nn.Module):
        return copy.deepcopy(function)
    if not callable(function):
        own = [key for key, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__]
        raise InputError(
            f"Expected {module_name} to have a function {function_name!r}, but it has {', '.join(own) or 'none'}."
        )
    options = {} if classes is None else {"num_classes": classes}
    try:
        inspect.signature(function).bind(**options)
    except (TypeError, ValueError) as error:
        wanted = "`num_classes`" if classes is not None else "no argument"
        raise InputError(f"Expected {name} to be a function that takes {wanted}, but: {error}.") from error
    try:
        network = function(**options)
    except Exception as error:
        raise InputError(f"Expected {name} to build a network, but {told(error)}.") from error
    if not isinstance(network, nn.Module):
        raise InputError(f"Expected {name} to return a torch.nn.Module, but got {type(network).__name__}.")
    return network


def card_beside(path: Path | None) -> dict[str, Any]:
    """The model card `<weights>.json`, with any of classes, mean, std, input_size, resize, clean_accuracy; or nothing.

    Raises:
        InputError: it is no JSON object.
    """
    card = path.with_suffix(".json") if path else None
    if card is None or not card.is_file():
        return {}
    content = json_object(card, f"the model card {card}")
    try:
        _CARD.validate_python(content)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(map(str, problem["loc"]))
        raise InputError(
            f"Expected `{place[:60]}` in the model card {card} to be right, but: {problem['msg'][:150]}, and it is "
            f"{repr(problem['input'])[:60]}."
        ) from error
    return content


def names_given(text: str) -> tuple[str, ...]:
    """Class names from a file (.txt: one a line; .json: a list, or an object from index to name) or with commas.

    >>> names_given("cat, dog")
    ('cat', 'dog')
    """
    path = Path(text)
    if path.suffix not in (".txt", ".json"):
        return tuple(name.strip() for name in text.split(","))
    try:
        content = path.read_text(encoding="utf-8")
        if path.suffix == ".txt":
            return tuple(line.strip() for line in content.splitlines() if line.strip())
        values = json.loads(content)
        if isinstance(values, dict):
            values = [values[str(index)] for index in range(len(values))]
        return tuple(str(value[-1] if isinstance(value, list) else value) for value in values)
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise InputError(
            f"Expected `class_names` to be a list or a .txt or .json file of names, but got {text!r}: {error}."
        ) from error
