"""A small picture in the page: inline SVG, so that its words and lines take the colour of the theme.

Streamlit takes SVG out of `st.html`, and a picture in an `img` element cannot know the theme.
"""

from enigma.ui.widgets.component_files import component_beside


def picture(svg: str, key: str) -> None:
    """Shows an `svg` element that this program drew; nothing that a user wrote may be in it unescaped."""
    component_beside(__file__, "svg", '<div class="picture"></div>', name="picture")(key=key, data=svg)
