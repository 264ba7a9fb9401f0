"""The list of steps above the story, as a component of its own: it scrolls and never asks the server."""

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from enigma.ui.widgets.component_files import text_beside


def stepper(words: tuple[str, ...]) -> None:
    """Shows one entry a part, and Previous and Next; part *k* is the container with the key `part-k`."""
    _component()(key="stepper.list", data={"words": list(words)})


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "entropy_enigma.stepper",
        html=text_beside(__file__, "stepper.html"),
        css=text_beside(__file__, "stepper.css"),
        js=text_beside(__file__, "stepper.js"),
        isolate_styles=True,
    )
