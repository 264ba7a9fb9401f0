"""What a page says when its server is gone."""

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from enigma.figures.web.connection import CSS, HTML, JAVASCRIPT
from enigma.figures.web.modules import joined, source


def connection() -> None:
    """A thin bar while the server does not answer, in place of Streamlit's dialog, which would freeze the page."""
    _component()(key="connection")


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "entropy_enigma.connection", html=HTML, css=source(CSS), js=joined(JAVASCRIPT), isolate_styles=True
    )
