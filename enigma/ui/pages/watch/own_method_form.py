"""The method of the form, and the fields of one that is one's own."""

from typing import Any

import streamlit as st

from enigma.spec.catalogue import METHODS, Method
from enigma.spec.methods import Recipe
from enigma.spec.recipes import DEMONSTRATION
from enigma.spec.validation import is_own_builder
from enigma.store import allowed
from enigma.ui.widgets.fields import choose, tell

_CHOICE = "own"
_RECIPE: tuple[Recipe, Recipe] = (DEMONSTRATION, DEMONSTRATION)

OWN = Method(
    "Own method …", "", "A function of your own that is given the model and returns an adapter.", "", recipes=_RECIPE
)
"""What the form knows of a method that is not in the catalogue; like all of them it may be given an optimizer."""


def method_field() -> str:
    """A method of the catalogue, or a function of one's own where the server allows any."""
    titles = {name: method.title for name, method in METHODS.items()}
    if allowed.takes_any_code():
        titles[_CHOICE] = OWN.title
    chosen = choose("method", titles)
    if chosen != _CHOICE:
        return chosen
    name = st.text_input(
        "Function", key="spec.own.method", placeholder="mymethods:build",
        help="package.module:function, imported from the folder that the page was started in, or installed. It is "
        "called with the model, the optimizer, the learning rate and the settings.",
    ).strip()  # fmt: skip
    tell("Function", "" if is_own_builder(name) else "Function must read package.module:function.")
    return name


def own_settings() -> dict[str, Any]:
    """Settings of a method of one's own, of which nothing is known: 'temperature=0.8 betas=0.9,0.99'."""
    text = st.text_input(
        "Settings of the method", key="spec.own.settings", placeholder="temperature=0.8 betas=0.9,0.99",
        help="NAME=VALUE, with spaces between; they are given to the function by name.",
    )  # fmt: skip
    parts = [part.partition("=") for part in text.split()]
    is_named = all(name.isidentifier() and value for name, _, value in parts)
    tell("Settings of the method", "" if is_named else "Settings must read NAME=VALUE, with spaces between.")
    return {name: parsed(value) for name, _, value in parts}


def parsed(text: str) -> Any:
    """'0.4' as a number, '0.9, 0.99' as two in a tuple; anything else stays text, for the spec to refuse by name."""
    try:
        numbers = [float(part) if "." in part or "e" in part else int(part) for part in text.split(",")]
    except ValueError:
        return text
    return numbers[0] if len(numbers) == 1 else tuple(numbers)
