"""The scripts and style sheets of components, which lie beside the modules that mount them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st


def text_beside(module: str, name: str) -> str:
    """The text of the file `name` in the folder of `module`, which is given as `__file__`.

    Streamlit takes a text of a single line for the name of a file, so such a file has at least two.
    """
    return Path(module).with_name(name).read_text(encoding="utf-8")


BUTTON = text_beside(__file__, "button.css")
"""Streamlit's own buttons, for components that are one; of class `primary` its primary ones."""


@cache
def component_beside(module: str, file: str, html: str, *, css: str = "", name: str = "") -> Callable[..., Any]:
    """A component of its own styles, whose files lie in the folder of `module`.

    Args:
        module: given as `__file__`.
        file: what its script and its style sheet are called, without their endings.
        html: what it begins with.
        css: its style sheet, where that is not its own.
        name: of the component, where it is not that of its files.
    """
    return st.components.v2.component(
        f"entropy_enigma.{name or file}",
        html=html,
        css=css or text_beside(module, f"{file}.css"),
        js=text_beside(module, f"{file}.js"),
        isolate_styles=True,
    )
