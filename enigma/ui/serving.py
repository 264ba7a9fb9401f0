"""What the server of the page lets people do, settled before it draws a page for the first time."""

import os

import streamlit as st

from enigma.store import permission, policy
from enigma.store.home import Home
from enigma.store.policy import READ_ONLY, UNRESTRICTED, Policy
from enigma.ui.visitor import is_set_up, visitor


def settle_policy(home: Home) -> None:
    """Takes the policy that `enigma app` has handed over, or else works it out: a page is never without one.

    Raises:
        InputError: the configuration of the server, or that of signing in, cannot be used.
    """
    if policy.VARIABLE not in os.environ:
        # Started as `streamlit run app.py`; without an address, Streamlit listens on all of them.
        os.environ |= policy.exported(policy.policy_for(st.get_option("server.address") or "", home.path))
    now = policy.current()
    if is_set_up() and not now.sign_in:
        # A server with sign-in is for others, wherever it listens; its own configuration may say what they may do.
        found = Policy() if now in (UNRESTRICTED, READ_ONLY) else now
        os.environ |= policy.exported(found.model_copy(update={"sign_in": True, "read_only": now.read_only}))
    permission.identified_by(visitor)


def is_let_in() -> bool:
    """Whether who looks at the page may see it."""
    return not policy.current().sign_in or permission.acting() is not None
