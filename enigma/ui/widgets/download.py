"""A download button whose file is made when it is asked for, and whose click is never lost.

Streamlit's own button names a new file at each drawing of the page and forgets the one before, so that a click while
the page is being drawn asks for a file that is no longer there. Here a click is a value like that of any other button,
which waits for its turn; the file then comes to the browser inside the page.
"""

import json
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from enigma.spec.errors import EnigmaError, InputError
from enigma.ui.widgets.component_files import text_beside
from enigma.ui.widgets.markdown import escape_markdown

_SHELL = "In a shell, enigma export makes it without this limit."


@st.fragment
def download(
    label: str, make: Callable[[], bytes], name: str, mime: str, *, key: str, help: str | None = None,
    disabled: bool = False,
) -> None:  # fmt: skip
    """Draws the button; `make` is called by a click, and the browser saves what it returns as `name`."""
    waiting = f"{key}.waiting"
    if st.button(label, key=key, help=help, disabled=disabled):
        try:
            with st.spinner("Making the file …"):
                content = make()
            if len(content) > st.get_option("server.maxMessageSize") * 0.95e6:
                raise InputError(f"The file has {len(content) / 1e6:,.0f} MB, more than a page can hand over. {_SHELL}")
        except EnigmaError as error:
            st.error(escape_markdown(str(error)))
        else:
            header = json.dumps({"token": uuid.uuid4().hex, "name": name, "mime": mime})
            st.session_state[waiting] = header.encode() + b"\n" + content
    if waiting in st.session_state:
        # It is drawn until the browser says that it has it: a drawing of the page may be overtaken by the next.
        with st.container(key=f"{key}.download-file"):
            _component()(
                key=f"{key}.saving", data=st.session_state[waiting], height=1,
                on_received_change=lambda: st.session_state.pop(waiting, None),
            )  # fmt: skip


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "entropy_enigma.download", html="<span></span>", js=text_beside(__file__, "download.js")
    )
