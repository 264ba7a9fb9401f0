"""Choices that live in the address: a widget starts from it, and it follows the widget."""

import streamlit as st

from enigma.ui.session import show


def seed(name: str, key: str, allowed: dict[str, object], default: object) -> None:
    """Gives the widget `key` its value before it is drawn.

    The address wins when it names something else than this page last wrote there, as after a link, or the browser's
    back button; otherwise the widget keeps what a person chose.

    Args:
        name: the parameter in the address.
        key: the widget's key in session state.
        allowed: every value of the widget by its text in the address.
        default: the value where the address names none of them.
    """
    asked = st.query_params.get(name, "")
    changed = key in st.session_state and asked != st.session_state.get(f"{key}.address", asked)
    if key not in st.session_state or changed:
        st.session_state[key] = allowed.get(asked, default)
    elif st.session_state[key] not in allowed.values():
        # What can be chosen has changed, as with another run or step.
        st.session_state[key] = default


def keep(choices: dict[str, tuple[str, str | None]]) -> None:
    """Writes choices into the address.

    Args:
        choices: for each parameter the widget's key and the text, None for a value that goes without saying.
    """
    show(**{name: text for name, (_, text) in choices.items()})
    for key, text in choices.values():
        st.session_state[f"{key}.address"] = text or ""
