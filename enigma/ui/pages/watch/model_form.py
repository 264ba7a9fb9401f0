"""The model of the form: a bundled one, one of a library by name, a folder, or one's own checkpoint."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from enigma.spec.catalogue import MODELS
from enigma.store import allowed
from enigma.ui.widgets.fields import choose, own_text, tell

_OWN = "checkpoint"


@dataclass(frozen=True)
class _Library:
    """Models that are named by one text after the name of their library.

    Attributes:
        is_folder: whether the text is a path.
    """

    title: str
    label: str
    first: str
    help: str
    is_folder: bool = False


_LIBRARIES = {
    "torchvision": _Library(
        "torchvision …",
        "Name in torchvision",
        "resnet50",
        "Such as resnet50, convnext_tiny or vit_b_16. Add @IMAGENET1K_V1 for other weights, or @random for an "
        "untrained model. Weights that are not on this machine are downloaded.",
    ),
    "timm": _Library(
        "timm …",
        "Name in timm",
        "resnet50.a1_in1k",
        "Such as convnext_tiny.fb_in1k, with @random for an untrained model, or local-dir: and a folder on the machine "
        "that computes. Weights that are not there are downloaded.",
    ),
    "hf": _Library(
        "Hugging Face folder …",
        "Folder",
        "",
        "On the machine that computes: config.json, preprocessor_config.json and model.safetensors, as save_pretrained "
        "writes them. Nothing is downloaded, and no code in the folder is run.",
        is_folder=True,
    ),
}


def model_fields() -> dict[str, Any]:
    """Asks for the model, and for what its weights do not say."""
    titles = {name: choice.title for name, choice in MODELS.items()}
    # What would be refused is not offered.
    for name, library in _LIBRARIES.items():
        if allowed.takes_code(name) and (allowed.takes_paths() or not library.is_folder):
            titles[name] = library.title
    if allowed.takes_any_code() or allowed.takes_paths():
        titles[_OWN] = "Own checkpoint …"
    chosen = choose("model", titles)
    if chosen in _LIBRARIES:
        return {"model": f"{chosen}:{_named(chosen, _LIBRARIES[chosen])}"}
    return {"model": chosen} if chosen != _OWN else _checkpoint()


def _named(name: str, library: _Library) -> str:
    placeholder = "/data/vit-flowers" if library.is_folder else None
    text = st.text_input(
        library.label, library.first, key=f"spec.{name}", help=library.help, placeholder=placeholder
    ).strip()
    tell("Model", "" if text else f"Name {'a folder' if library.is_folder else 'a model'}.")
    return text


def _checkpoint() -> dict[str, Any]:
    values = {
        "model": own_text("model", "Architecture", "torchvision:resnet50 or mymodels:net"),
        "weights": own_text("weights", "Weights", "/data/net.safetensors"),
    }
    with st.expander("Normalisation, size, classes"):
        for field, label, shown in (
            ("mean", "Mean", "0.485, 0.456, 0.406"),
            ("std", "Standard deviation", "0.229, 0.224, 0.225"),
            ("input_size", "Input size", "224"),
            ("num_classes", "Classes", "found in the weights"),
            ("class_names", "Class names", "names.txt"),
            ("layer", "Embedding layer", "the last classification layer"),
        ):
            values[field] = own_text(field, label, shown)
    return {name: value for name, value in values.items() if value or name == "model"}
