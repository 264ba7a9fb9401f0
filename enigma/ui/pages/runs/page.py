"""The Runs page: what goes on, and every recorded run, to find, compare, label, move and delete."""

from functools import partial

import streamlit as st

from enigma.jobs import queue
from enigma.store import permission, policy, trash
from enigma.store.home import Home
from enigma.ui.pages.runs.table import runs_table
from enigma.ui.place import Taking
from enigma.ui.widgets.queue import going_on, remember, your_name

TITLE, GROUP, ORDER = "Runs", "Manage", 1
TAKING = Taking()

LIVE_SECONDS, IDLE_SECONDS = 1.0, 5.0

# Streamlit fades what is about to be redrawn; every second, that would be a flicker, too faint to read.
_STYLE = """<style>.st-key-queue [data-stale="true"] { opacity: 1 !important; }</style>"""


def page() -> None:
    """Draws the queue, which looks after itself, and the table, which is only drawn again when it changes."""
    home = Home.default()
    left, right = st.columns([1, 1] if policy.current().sign_in else [4, 1], vertical_alignment="bottom")
    left.title("Runs", anchor=False)
    if permission.can_change():
        trash.empty(home.trash, older_than_days=trash.DAYS_KEPT)
    if permission.can_change() or policy.current().sign_in:
        with right:
            your_name()
    remember(home)
    seconds = LIVE_SECONDS if queue.active(home) else IDLE_SECONDS
    st.html(_STYLE)
    with st.container(key="queue"):
        st.fragment(partial(going_on, home), run_every=seconds)()
    st.fragment(partial(runs_table, home))()
