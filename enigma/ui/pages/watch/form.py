"""The form of a run: the fields of RunSpec in the order in which a person has the questions."""

from typing import Any

import numpy as np
import streamlit as st

from enigma.spec.catalogue import DEVICES, METHODS, MODELS, Setting
from enigma.spec.errors import InputError
from enigma.spec.limits import out_of_range, wrong_frames, wrong_setting
from enigma.spec.run_spec import RunSpec
from enigma.store import allowed
from enigma.store.home import Home
from enigma.ui.pages.watch.stream_form import stream_fields
from enigma.ui.widgets.fields import DEFAULT, choose, explained, number, own_text, prefilled, tell, wrong
from enigma.ui.widgets.images_form import image_fields

_OWN_MODEL, _TORCHVISION = "checkpoint", "torchvision"
_PAPERS = "the paper's"


def spec_form() -> tuple[RunSpec | None, str]:
    """Asks for a spec in the sidebar; where it does not make sense, none, and a sentence on what has to change."""
    wrong().clear()
    values: dict[str, Any] = _model()
    images, facts = image_fields()
    values |= images
    values["method"] = choose("method", {n: f"{m.title}" for n, m in METHODS.items()})
    method = METHODS[values["method"]]
    st.caption(f"{method.summary} {method.papers_optimizers}")
    left, right = st.columns(2)
    if method.uses_gradient:
        with left:
            values |= _learning_rate(values)
    with right if method.uses_gradient else left:
        values["batch_size"] = number("batch_size", "Batch")
    left, right = st.columns(2)
    with left:
        values["steps"] = number("steps", "Steps")
    with right:
        values["seed"] = number("seed", "Seed")
    with st.expander("Stream"):
        values |= stream_fields(values["corruption"], facts)
    with st.expander("More"):
        values |= _more(values, method.uses_gradient)
        values["settings"] = _settings(values["method"], method.settings)
    if labels := wrong():
        told = " and ".join(filter(None, (", ".join(labels[:-1]), labels[-1])))
        return None, f"To run, change {told}."
    try:
        spec = RunSpec.parse(values)
        allowed.check_spec(spec, Home.default().uploads)
    except InputError as error:
        return None, str(error)
    return spec, ""


def _model() -> dict[str, Any]:
    """A bundled model, one of torchvision by name, or one's own checkpoint."""
    titles = {name: choice.title for name, choice in MODELS.items()}
    # What would be refused is not offered.
    if allowed.takes_code(_TORCHVISION):
        titles[_TORCHVISION] = "torchvision …"
    if allowed.takes_any_code() or allowed.takes_paths():
        titles[_OWN_MODEL] = "Own checkpoint …"
    chosen = choose("model", titles)
    if chosen == _TORCHVISION:
        name = st.text_input(
            "Name in torchvision", "resnet50", key="spec.torchvision",
            help="Such as resnet50, convnext_tiny or vit_b_16. Add @IMAGENET1K_V1 for other weights, or @random for "
            "an untrained model. Weights that are not on this machine are downloaded.",
        )  # fmt: skip
        return {"model": f"torchvision:{name.strip()}"}
    if chosen != _OWN_MODEL:
        return {"model": chosen}
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


def _learning_rate(values: dict[str, Any]) -> dict[str, float]:
    """What the method starts from; empty where that depends on a model which has not been opened."""
    found = st.number_input(
        "Learning rate", value=None, key=prefilled("lr", **_of_recipe(values)), format="%.2g",
        step=0.001, placeholder=_PAPERS, help=explained("lr"),
    )  # fmt: skip
    if found is None:
        return {}
    tell("Learning rate", out_of_range("lr", found, "Learning rate"))
    return {"lr": found}


def _optimizer(values: dict[str, Any]) -> dict[str, str]:
    titles = {"adam": "Adam", "sgd": "SGD"}
    found = st.selectbox(
        "Optimizer", list(titles), index=None, key=prefilled("optimizer", **_of_recipe(values)),
        format_func=lambda name: titles[name], placeholder=_PAPERS, help=explained("optimizer"),
    )  # fmt: skip
    return {} if found is None else {"optimizer": found}


def _of_recipe(values: dict[str, Any]) -> dict[str, Any]:
    """The fields that optimizer and learning rate depend on, as `enigma.spec.recipes` says."""
    return {name: values[name] for name in ("model", "weights", "num_classes", "method") if name in values}


def _more(chosen: dict[str, Any], uses_gradient: bool) -> dict[str, Any]:
    values: dict[str, Any] = _optimizer(chosen) if uses_gradient else {}
    values["frames"] = st.text_input("Frames", str(DEFAULT.frames), key="spec.frames", help=explained("frames"))
    tell("Frames", wrong_frames(values["frames"], int(chosen["steps"])))
    values["probes"] = number("probes", "Probe images")
    values["references"] = number("references", "Reference images")
    values["device"] = choose("device", {name: name for name in DEVICES})
    values["precision"] = choose("precision", {name: name for name in ("float32", "float64", "bfloat16")})
    return values


def _settings(method: str, settings: tuple[Setting, ...]) -> dict[str, Any]:
    """One field a setting, a select box for words; empty means the method's own default."""
    values: dict[str, Any] = {}
    for setting in settings:
        if setting.choices:
            chosen = _word(method, setting)
            if chosen is not None and chosen != setting.default:
                values[setting.name] = chosen
            continue
        shown = (
            ", ".join(f"{v:g}" for v in np.atleast_1d(setting.default))
            if setting.default is not None
            else "from the model"
        )
        label = setting.name.replace("_", " ").capitalize()
        text = st.text_input(
            label,
            st.query_params.get(setting.name, ""),
            placeholder=shown,
            key=f"spec.{method}.{setting.name}",
            help=setting.help,
        )
        if text.strip():
            values[setting.name] = _parsed(text)
            tell(label, wrong_setting(setting, values[setting.name], label))
    return values


def _word(method: str, setting: Setting) -> str | None:
    """The chosen word; None where the method's own default is worked out from the model."""
    position = setting.choices.index(setting.default) if isinstance(setting.default, str) else None
    return st.selectbox(
        setting.name.replace("_", " ").capitalize(), setting.choices, index=position, placeholder="from the model",
        format_func=lambda word: word.replace("_", " "), key=f"spec.{method}.{setting.name}", help=setting.help,
    )  # fmt: skip


def _parsed(text: str) -> Any:
    """'0.4' as a number, '0.9, 0.99' as two in a tuple; anything else stays text, for the spec to refuse by name."""
    try:
        numbers = [float(part) if "." in part or "e" in part else int(part) for part in text.split(",")]
    except ValueError:
        return text
    return numbers[0] if len(numbers) == 1 else tuple(numbers)
