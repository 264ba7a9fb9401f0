"""The form of a run: the fields of RunSpec in the order in which a person has the questions."""

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from enigma.catalogue import CORRUPTIONS, DATASETS, DEVICES, METHODS, MODELS, Setting
from enigma.errors import InputError
from enigma.spec import RunSpec

_DEFAULT = RunSpec()
_PREVIEWED = (0, 2)
_OWN_FOLDER = "folder"


def spec_form() -> RunSpec | None:
    """Asks for a spec in the sidebar; None, and a sentence, where it does not make sense."""
    values: dict[str, Any] = {"model": _choose("model", {n: c.title for n, c in MODELS.items()})}
    values["dataset"] = _dataset()
    values["corruption"] = _choose("corruption", {n: c.title for n, c in CORRUPTIONS.items()}, "Shift")
    values["severity"] = st.segmented_control(
        "Severity", [1, 2, 3, 4, 5], default=_DEFAULT.severity, key="spec.severity", required=True, width="stretch",
        help=_help("severity"), disabled=values["corruption"] == "none",
    )  # fmt: skip
    _preview(values["dataset"], values["corruption"])
    values["method"] = _choose("method", {n: f"{m.title}" for n, m in METHODS.items()})
    method = METHODS[values["method"]]
    st.caption(method.summary)
    left, right = st.columns(2)
    if method.uses_gradient:
        with left:
            values["lr"] = _number("lr", "Learning rate", format="%.2g", min_value=0.0, step=0.001)
    with right if method.uses_gradient else left:
        values["batch_size"] = _number("batch_size", "Batch", min_value=1)
    left, right = st.columns(2)
    with left:
        values["steps"] = _number("steps", "Steps", min_value=1)
    with right:
        values["seed"] = _number("seed", "Seed", min_value=0)
    with st.expander("More"):
        values |= _more(method.uses_gradient)
        values["settings"] = _settings(values["method"], method.settings)
    try:
        return RunSpec.parse(values)
    except InputError as error:
        st.error(str(error))
        return None


def _dataset() -> str:
    titles = {name: choice.title for name, choice in DATASETS.items()} | {_OWN_FOLDER: "A folder of images …"}
    chosen = _choose("dataset", titles)
    if chosen != _OWN_FOLDER:
        return chosen
    return st.text_input(
        "Folder",
        placeholder="/data/photos",
        key="spec.folder",
        help="It holds one sub-folder a class, named as the class.",
    )


def _more(uses_gradient: bool) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if uses_gradient:
        values["optimizer"] = _choose("optimizer", {"adam": "Adam", "sgd": "SGD"})
    values["order"] = _choose("order", {"shuffled": "Shuffled", "sorted": "Sorted by label", "sequential": "As stored"})
    values["frames"] = st.text_input("Frames", str(_DEFAULT.frames), key="spec.frames", help=_help("frames"))
    values["probes"] = _number("probes", "Probe images", min_value=10)
    values["references"] = _number("references", "Reference images", min_value=10)
    values["device"] = _choose("device", {name: name for name in DEVICES})
    values["precision"] = _choose("precision", {name: name for name in ("float32", "float64", "bfloat16")})
    return values


def _settings(method: str, settings: tuple[Setting, ...]) -> dict[str, Any]:
    """One text field a setting; empty means the method's own default."""
    values: dict[str, Any] = {}
    for setting in settings:
        shown = (
            ", ".join(f"{v:g}" for v in np.atleast_1d(setting.default))
            if setting.default is not None
            else "from the model"
        )
        text = st.text_input(
            setting.name.replace("_", " ").capitalize(),
            placeholder=shown,
            key=f"spec.{method}.{setting.name}",
            help=setting.help,
        )
        if text.strip():
            values[setting.name] = _parsed(text)
    return values


def _parsed(text: str) -> Any:
    """'0.4' as a number, '0.9, 0.99' as two; anything else stays text, for the spec to refuse by name."""
    try:
        numbers = [float(part) if "." in part or "e" in part else int(part) for part in text.split(",")]
    except ValueError:
        return text
    return numbers[0] if len(numbers) == 1 else numbers


def _choose(field: str, titles: dict[str, str], label: str | None = None) -> str:
    names = list(titles)
    return st.selectbox(
        label or field.capitalize(), names, index=names.index(getattr(_DEFAULT, field)), key=f"spec.{field}",
        format_func=lambda name: titles[name], help=_help(field),
    )  # fmt: skip


def _number(field: str, label: str, **options: Any) -> float:
    return st.number_input(label, value=getattr(_DEFAULT, field), key=f"spec.{field}", help=_help(field), **options)


def _help(field: str) -> str:
    return RunSpec.model_fields[field].description or ""


def _preview(dataset: str, corruption: str) -> None:
    """The chosen corruption on two images: clean, then severities 1 to 5."""
    if not dataset:
        return
    try:
        alt = f"Two test images: clean, then with {CORRUPTIONS[corruption].title} at severity 1 to 5"
        st.image(_strip(dataset, corruption), width="stretch", alt=alt)
    except InputError as error:
        st.error(str(error))


@st.cache_data(max_entries=64, show_spinner=False)
def _strip(dataset: str, corruption: str) -> Image.Image:
    from enigma.sources.corruptions import corrupt

    images = _samples(dataset)
    rows = [
        np.concatenate([image, *(corrupt(image, corruption, severity, index) for severity in range(1, 6))], axis=1)
        for index, image in images
    ]
    strip = Image.fromarray(np.concatenate(rows))
    return strip.resize((strip.width * 3, strip.height * 3), Image.Resampling.NEAREST)


@st.cache_data(max_entries=4, show_spinner=False)
def _samples(dataset: str) -> list[tuple[int, np.ndarray]]:
    """Two test images with their places in the dataset."""
    from enigma.sources import fashion_mnist, images

    data = images.bundled("test") if dataset in DATASETS else images.folder(Path(dataset), fashion_mnist.CLASSES, 32)
    return [(position, data.images[position]) for position in _PREVIEWED if position < len(data)]
