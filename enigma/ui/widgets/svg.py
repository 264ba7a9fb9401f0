"""A small picture in the page: inline SVG, so that its words and lines take the colour of the theme.

Streamlit takes SVG out of `st.html`, and a picture in an `img` element cannot know the theme.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from enigma.ui.widgets.component_files import text_beside


def picture(svg: str, key: str) -> None:
    """Shows an `svg` element that this program drew; nothing that a user wrote may be in it unescaped."""
    _component()(key=key, data=svg)


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "entropy_enigma.picture",
        html='<div class="picture"></div>',
        css=text_beside(__file__, "svg.css"),
        js=text_beside(__file__, "svg.js"),
        isolate_styles=True,
    )
