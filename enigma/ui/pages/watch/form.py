"""The form of a run: the fields of RunSpec in the order in which a person has the questions."""

from typing import Any

import numpy as np
import streamlit as st

from enigma.spec.catalogue import DEVICES, METHODS, Setting
from enigma.spec.errors import InputError
from enigma.spec.limits import out_of_range, wrong_frames, wrong_setting
from enigma.spec.run_spec import RunSpec
from enigma.store import allowed
from enigma.store.home import Home
from enigma.ui.pages.watch.model_form import model_fields
from enigma.ui.pages.watch.own_method_form import OWN, method_field, own_settings, parsed
from enigma.ui.pages.watch.stream_form import stream_fields
from enigma.ui.widgets.fields import DEFAULT, choose, explained, number, prefilled, tell, wrong
from enigma.ui.widgets.images_form import image_fields

_PAPERS = "the paper's"


def spec_form() -> tuple[RunSpec | None, str]:
    """Asks for a spec in the sidebar; where it does not make sense, none, and a sentence on what has to change."""
    wrong().clear()
    values: dict[str, Any] = model_fields()
    images, facts = image_fields()
    values |= images
    values["method"] = method_field()
    method = METHODS.get(values["method"], OWN)
    st.caption(method.summary if method is OWN else f"{method.summary} {method.papers_optimizers}")
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
        values["settings"] = own_settings() if method is OWN else _settings(values["method"], method.settings)
    if labels := wrong():
        told = " and ".join(filter(None, (", ".join(labels[:-1]), labels[-1])))
        return None, f"To run, change {told}."
    try:
        spec = RunSpec.parse(values)
        allowed.check_spec(spec, Home.default().uploads)
    except InputError as error:
        return None, str(error)
    return spec, ""


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
            values[setting.name] = parsed(text)
            tell(label, wrong_setting(setting, values[setting.name], label))
    return values


def _word(method: str, setting: Setting) -> str | None:
    """The chosen word; None where the method's own default is worked out from the model."""
    position = setting.choices.index(setting.default) if isinstance(setting.default, str) else None
    return st.selectbox(
        setting.name.replace("_", " ").capitalize(), setting.choices, index=position, placeholder="from the model",
        format_func=lambda word: word.replace("_", " "), key=f"spec.{method}.{setting.name}", help=setting.help,
    )  # fmt: skip
