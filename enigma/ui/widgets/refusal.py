"""What the page says where an action was refused."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from enigma.spec.errors import InputError
from enigma.ui.widgets.markdown import say_error

_SAID = "refused"


@contextmanager
def told_if_refused() -> Iterator[None]:
    """Keeps why what is done inside was refused, or could not be done, for the top of the page that is drawn next."""
    try:
        yield
    except InputError as error:
        st.session_state[_SAID] = str(error)


def refusal() -> None:
    """Says once why the last action was refused; the place stays when nothing is in it."""
    with st.container():
        if text := st.session_state.pop(_SAID, ""):
            say_error(text)


def hear_refusal() -> None:
    """In a part of a page that is drawn by itself: draws the whole page where there is something to say at its top."""
    if _SAID in st.session_state:
        st.rerun()
