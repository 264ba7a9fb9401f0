"""The list of steps above the story, as a component of its own: it scrolls and never asks the server."""

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

import streamlit as st


def stepper(words: tuple[str, ...]) -> None:
    """Shows one entry a part, and Previous and Next; part *k* is the container with the key `part-k`."""
    _component()(key="stepper.list", data={"words": list(words)})


def source(name: str) -> str:
    """The text of one file beside this one."""
    return resources.files("enigma.ui.pages.learn").joinpath(name).read_text(encoding="utf-8")


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "entropy_enigma.stepper",
        html=source("stepper.html"),
        css=source("stepper.css"),
        js=source("stepper.js"),
        isolate_styles=True,
    )
