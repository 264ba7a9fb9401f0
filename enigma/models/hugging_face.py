"""Classifiers in a folder as Hugging Face's libraries save them: configuration, preprocessing, safetensors.

They are built by `transformers`, the library they were saved with, from its own classes only: code that lies in a
folder is never run, nothing is downloaded, and weights are read from safetensors, never from a pickle.
"""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from torch import nn

from enigma.models.json_object import json_object
from enigma.models.preprocess import Preprocess, Triple
from enigma.models.zoo import RANDOM, FoundNetwork, extra, first_line
from enigma.spec.errors import InputError

# The size that a preprocessing takes when neither it nor the model says one.
_USUAL_SIZE = 224


def load_folder(folder: str, weights: str, classes: int | None) -> FoundNetwork:
    """The classifier in a folder, with the preprocessing and the names that lie there.

    Args:
        weights: 'random' builds what `config.json` describes, for other weights to be filled in; '' reads those there.
        classes: outputs, where they must differ from those of the folder; needs `weights` 'random'.

    Raises:
        InputError: `transformers` is not installed, or the folder holds no classifier of its own.
    """
    path = Path(folder).expanduser()
    config_file, preprocessing_file = path / "config.json", path / "preprocessor_config.json"
    if not config_file.is_file():
        held = ", ".join(sorted(entry.name for entry in path.iterdir())[:5]) if path.is_dir() else ""
        raise InputError(
            f"Expected hf:FOLDER to be a folder with a config.json, as save_pretrained writes it, but {folder!r} "
            f"{f'holds {held}' if held else 'is none'}; nothing is downloaded: get a model of the hub with "
            "`hf download NAME --local-dir FOLDER`."
        )
    described = json_object(config_file, str(config_file))
    network, config = _built(path, weights == RANDOM, classes)
    told = json_object(preprocessing_file, str(preprocessing_file)) if preprocessing_file.is_file() else {}
    preprocess = preprocessing(told, described)
    names = tuple(str(config.id2label[place]) for place in sorted(config.id2label))
    # What the library calls classes that nobody named.
    is_named = not all(name == f"LABEL_{place}" for place, name in enumerate(names)) and classes in (None, len(names))
    return FoundNetwork(
        network, preprocess, names if is_named else None, is_random=weights == RANDOM,
        normalises=preprocessing_file.is_file(),
    )  # fmt: skip


def _built(path: Path, is_random: bool, classes: int | None) -> tuple[nn.Module, Any]:
    transformers = extra("transformers", "transformers")
    options = {} if classes is None else {"num_labels": classes}
    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    missing: list[str] = []
    try:
        with _quietly(transformers):
            config = transformers.AutoConfig.from_pretrained(path, **local, **options)
            family = transformers.AutoModelForImageClassification
            if is_random:
                network = family.from_config(config, trust_remote_code=False)
            else:
                network, report = family.from_pretrained(
                    path, **local, config=config, use_safetensors=True, output_loading_info=True
                )
                missing = sorted(report["missing_keys"])
    except Exception as error:
        # What the library raises depends on the family of models.
        raise InputError(
            f"Expected {path} to hold an image classifier of transformers with safetensors, but it says: "
            f"{first_line(error)}"
        ) from error
    if missing:
        raise InputError(
            f"Expected {path} to hold weights for the whole classifier, but {len(missing)} are missing, such as "
            f"{missing[0]!r}; it may be a backbone that nobody has fine-tuned."
        )
    return network.float(), config


def preprocessing(found: dict[str, Any], model: dict[str, Any]) -> Preprocess:
    """What `preprocessor_config.json` says, so that it is done to pixels in [0, 1].

    Rescaled by r and shifted by o, a pixel p becomes (255 r p - o - mean) / std, which is (p - mean') / std' with
    mean' = (mean + o) / 255 r and std' = std / 255 r.

    Args:
        model: `config.json`, for the size where there is no preprocessing.

    >>> preprocessing({"size": {"shortest_edge": 256}, "crop_size": 224, "do_center_crop": True}, {}).resize
    256
    """
    usual = model.get("image_size") or _USUAL_SIZE
    side, is_shorter = _side(found.get("size") or usual)
    crop = _side(found["crop_size"])[0] if found.get("do_center_crop") and found.get("crop_size") else None
    size, resize = crop or side, side if crop else None
    if crop is None and is_shorter and found.get("crop_pct") and side < 384:
        # ConvNeXt and its kin: enlarged by so much that the crop is this part of it, but for large pictures.
        resize = int(side / found["crop_pct"])
    elif crop is None and is_shorter and not found.get("crop_pct"):
        resize = side
    scale = 255 * found.get("rescale_factor", 1 / 255) if found.get("do_rescale", True) else 255.0
    offset = 1.0 if found.get("rescale_offset") else 0.0
    has_norm = found.get("do_normalize", True)
    mean = _triple(found.get("image_mean", 0.0) if has_norm else 0.0)
    std = _triple(found.get("image_std", 1.0) if has_norm else 1.0)
    return Preprocess(
        size,
        resize,
        Image.Resampling(found.get("resample", Image.Resampling.BILINEAR)).name.lower(),
        (_scaled(mean[0], offset, scale), _scaled(mean[1], offset, scale), _scaled(mean[2], offset, scale)),
        (std[0] / scale, std[1] / scale, std[2] / scale),
    )


def _scaled(mean: float, offset: float, scale: float) -> float:
    return (mean + offset) / scale


def _side(size: Any) -> tuple[int, bool]:
    """A length, and whether it is that of the shorter side rather than of a square."""
    if isinstance(size, int):
        return size, False
    if isinstance(size, list) and size and size[0] == size[-1]:
        return int(size[0]), False
    if isinstance(size, dict) and "shortest_edge" in size:
        return int(size["shortest_edge"]), True
    if isinstance(size, dict) and size.get("height") and size.get("height") == size.get("width"):
        return int(size["height"]), False
    raise InputError(f"Expected a model of square images, but its preprocessing says {json.dumps(size)[:80]}.")


def _triple(value: Any) -> Triple:
    numbers = list(value) if isinstance(value, list) else [value]
    numbers = numbers * 3 if len(numbers) == 1 else numbers
    if len(numbers) != 3 or not all(isinstance(number, int | float) for number in numbers):
        raise InputError(
            f"Expected one or three numbers to normalise by in preprocessor_config.json, but got {value!r}."
        )
    return float(numbers[0]), float(numbers[1]), float(numbers[2])


@contextlib.contextmanager
def _quietly(transformers: Any) -> Iterator[None]:
    """Without the library's own bars and advice: what matters of it is an error here."""
    logging = transformers.utils.logging
    level, had_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if had_bars:
            logging.enable_progress_bar()
