"""A button that copies the address of what is on screen."""

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from enigma.ui.widgets.component_files import text_beside

_HTML = '<button type="button" aria-live="polite">Copy link</button>'


def copy_link(run_id: str) -> None:
    """Draws the button; the address names `run_id` where it names no run yet."""
    _component()(key="copy-link", data=run_id, width="content")


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "entropy_enigma.copy_link",
        html=_HTML,
        css=text_beside(__file__, "copy_link.css"),
        js=text_beside(__file__, "copy_link.js"),
        isolate_styles=True,
    )
