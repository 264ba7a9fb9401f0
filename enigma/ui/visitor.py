"""Who looks at the page, where Streamlit's own sign-in with OpenID Connect is set up in `.streamlit/secrets.toml`."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from enigma.spec.errors import InputError
from enigma.store.permission import Person
from enigma.ui.widgets.markdown import escape_markdown, say_error

_HOW = "docs/guides/deployment.md says how"


def visitor() -> Person | None:
    """Who is signed in, known by issuer and `sub`: an e-mail address may be another's tomorrow."""
    if not st.user.get("is_logged_in", False):
        return None
    claims = st.user.to_dict()
    issuer, subject = str(claims.get("iss") or ""), str(claims.get("sub") or "")
    if not issuer or not subject:
        return None
    names = (claims.get(claim) for claim in ("email", "preferred_username", "name"))
    return Person(f"{issuer} {subject}", str(next(filter(None, names), subject)))


def is_set_up() -> bool:
    """Whether people can sign in.

    Raises:
        InputError: what is set up cannot be read or used; nobody may come in by that.
    """
    section = _section()
    if section and find_spec("authlib") is None:
        raise InputError(
            "Expected Authlib, because `[auth]` in secrets.toml asks people to sign in, but it is not installed; "
            'install "entropy-enigma[sign-in]".'
        )
    return bool(section)


def sign_in_page() -> None:
    """What somebody sees who has not signed in: nothing but the way in."""
    st.title("Entropy Enigma", anchor=False)
    section = _section()
    if not section:
        say_error(f"Expected `[auth]` in .streamlit/secrets.toml, because this server asks people to sign in; {_HOW}.")
        return
    if st.user.get("is_logged_in", False):
        say_error("Expected a person that its provider names by `iss` and `sub`, but it has not; ask who runs it.")
        signed_in_as()
        return
    st.write("Sign in to see what is recorded here, and to record runs of your own.")
    if "client_id" in section:
        st.button("Sign in", type="primary", key="sign-in", on_click=st.login)
    for name, provider in section.items():
        if isinstance(provider, dict) and "client_id" in provider:
            st.button(f"Sign in with {name}", type="primary", key=f"sign-in.{name}", on_click=st.login, args=(name,))


def signed_in_as() -> None:
    """Who is signed in, and the way out."""
    person = visitor()
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if person is not None:
            st.caption(f"Signed in as {escape_markdown(person.name)}", width="content")
        st.button("Sign out", key="sign-out", on_click=st.logout)


def _section() -> dict[str, Any]:
    """The `[auth]` of Streamlit's secrets; empty where there is none.

    Raises:
        InputError: there are secrets that cannot be read.
    """
    try:
        found = st.secrets.to_dict().get("auth", {})
    except StreamlitSecretNotFoundError as error:
        if any(Path(place).exists() for place in st.get_option("secrets.files")):
            raise InputError(f"Expected Streamlit's secrets.toml to be TOML, but it cannot be read; {_HOW}.") from error
        return {}
    return found if isinstance(found, dict) else {}
