"""A small picture in the page: inline SVG, so that its words and lines take the colour of the theme.

Streamlit takes SVG out of `st.html`, and a picture in an `img` element cannot know the theme.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

# Streamlit takes text of a single line for the name of a file.
_STYLE = """
.picture {
  max-width: 560px; margin: 0 auto; aspect-ratio: 46 / 33; color: var(--st-text-color);
}
"""
_SCRIPT = """
export default function mount({ parentElement, data }) {
  const picture = parentElement.querySelector(".picture");
  if (picture.drawn !== data) picture.innerHTML = picture.drawn = data;
}
"""


def picture(svg: str, key: str) -> None:
    """Shows an `svg` element that this program drew; nothing that a user wrote may be in it unescaped."""
    _component()(key=key, data=svg)


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "entropy_enigma.picture", html='<div class="picture"></div>', css=_STYLE, js=_SCRIPT, isolate_styles=True
    )
