"""A download button whose file is made when it is asked for, and whose click is never lost.

Streamlit's own button names a new file at each drawing of the page and forgets the one before, so that a click while
the page is being drawn asks for a file that is no longer there. Here a click leaves a wish, which stands until the file
is made, however often a new drawing of the page stops the one that makes it; the file then comes to the browser inside
the page, and waits there until the browser has it.
"""

import json
import uuid
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any

import streamlit as st

from enigma.spec.errors import EnigmaError, InputError
from enigma.ui.widgets.component_files import text_beside
from enigma.ui.widgets.markdown import say_error

_SHELL = "In a shell, enigma export makes it without this limit."


@st.fragment
def download(
    label: str, make: Callable[[], bytes], name: str, mime: str, *, key: str, help: str | None = None,
    disabled: bool = False,
) -> None:  # fmt: skip
    """Draws the button; `make` is called by a click, and the browser saves what it returns as `name`."""
    # A drawing can be stopped at any call of Streamlit's: what must not be lost is kept without one.
    kept: dict[str, Any] = st.session_state.setdefault(f"{key}.kept", {"making": Lock()})
    st.button(label, key=key, help=help, disabled=disabled, on_click=kept.update, kwargs={"is_asked": True})
    # The drawing that this one overtakes goes on until it calls Streamlit again, and may be making the file right now.
    with kept["making"]:
        if kept.get("is_asked"):
            _make(kept, lambda: _packed(make(), name, mime))
    if "file" in kept:
        with st.container(key=f"{key}.download-file"):
            _component()(
                key=f"{key}.saving", data=kept["file"], height=1, on_received_change=lambda: kept.pop("file", None)
            )


def _make(kept: dict[str, Any], file: Callable[[], bytes]) -> None:
    try:
        with st.spinner("Making the file …"):
            kept.update(is_asked=False, file=file())
    except Exception as error:
        # What cannot be made is not tried again at each drawing; one that is overtaken ends in no `Exception`.
        kept["is_asked"] = False
        if not isinstance(error, EnigmaError):
            raise
        say_error(error)


def _packed(content: bytes, name: str, mime: str) -> bytes:
    """What the browser is handed: one line about the file, then the file."""
    if len(content) > st.get_option("server.maxMessageSize") * 0.95e6:
        raise InputError(f"The file has {len(content) / 1e6:,.0f} MB, more than a page can hand over. {_SHELL}")
    return json.dumps({"token": uuid.uuid4().hex, "name": name, "mime": mime}).encode() + b"\n" + content


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "entropy_enigma.download", html="<span></span>", js=text_beside(__file__, "download.js")
    )
