"""The bar above the story and its live pictures, as components: they never ask the server."""

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from enigma.figures.web.lecture import (
    MOVING_CSS,
    MOVING_HTML,
    MOVING_JAVASCRIPT,
    STEPPER_CSS,
    STEPPER_HTML,
    STEPPER_JAVASCRIPT,
)
from enigma.figures.web.modules import joined, source, style_sheet


def stepper(words: tuple[str, ...]) -> None:
    """Shows one entry a part, and Previous and Next; part *k* is the container with the key `part-k`."""
    _stepper()(key="stepper.list", data={"words": list(words)})


def moving(key: str, data: dict[str, object]) -> None:
    """Shows the live picture of a part; `data` is that of `moving_data`."""
    _moving()(key=key, data=data)


@cache
def _stepper() -> Callable[..., Any]:
    return st.components.v2.component(
        "entropy_enigma.stepper", html=source(STEPPER_HTML), css=source(STEPPER_CSS), js=joined(STEPPER_JAVASCRIPT),
        isolate_styles=True,
    )  # fmt: skip


@cache
def _moving() -> Callable[..., Any]:
    return st.components.v2.component(
        "entropy_enigma.moving", html=MOVING_HTML, css=style_sheet(MOVING_CSS), js=joined(MOVING_JAVASCRIPT),
        isolate_styles=True,
    )  # fmt: skip
