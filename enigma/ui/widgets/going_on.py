"""What goes on, in a few words in the corner of every page, the way there, and how to end it."""

from functools import partial

import streamlit as st

from enigma.jobs import queue
from enigma.jobs.queue import Job
from enigma.store.home import Home
from enigma.ui.navigation import page
from enigma.ui.widgets.queue import brief
from enigma.ui.widgets.refusal import hear_refusal, told_if_refused

SECONDS = 1.0

_WISH = "going on.wish"

_STYLE = """
<style>
  :has(> .st-key-going-on-place) { position: absolute; }
  .st-key-going-on { position: fixed; top: 0.75rem; right: 1.2rem; z-index: 999991; width: max-content !important; }
  .st-key-going-on button { min-height: 0; padding: 0.15rem 0.8rem; border-radius: 999px; }
  .st-key-going-on button p { font-variant-numeric: tabular-nums; }
  /* Every second it is about to be drawn again; faded for that, it would flicker. */
  .st-key-going-on[data-stale="true"] { opacity: 1 !important; }
</style>
"""


def going_on(home: Home) -> None:
    """A chip such as '1 running: step 22 of 60', and what ends that job; nothing where nothing goes on."""
    # It is there on every page and at the same place, also where nothing goes on: the browser asks for the chip anew by
    # its place, at times just when it changes pages, and on the next page that place must be the chip's too.
    with st.container(key="going-on-place"):
        st.html(_STYLE)
        st.fragment(partial(_chip, home), run_every=SECONDS if queue.active(home) else None)()


def follow_chip(shown: str) -> None:
    """Leads to what was clicked.

    The wish stands until the page is there: a drawing that leads there can be overtaken by one that a browser asked for
    before.

    Args:
        shown: name of the page that is about to be drawn.
    """
    wish: tuple[str, dict[str, str]] | None = st.session_state.get(_WISH)
    if wish is None:
        return
    name, asked = wish
    if name == shown and asked.items() <= st.query_params.to_dict().items():
        del st.session_state[_WISH]
    else:
        st.switch_page(page(name), query_params=asked)


def label(home: Home, active: list[Job]) -> str:
    """How many jobs run and wait, and how far the only one that runs is."""
    running = [job for job in active if job.state == "running"]
    waiting = len(active) - len(running)
    parts = [f"{len(running)} running" + (f": {brief(home, running[0])}" if len(running) == 1 else "")] * bool(running)
    return " · ".join([*parts, *[f"{waiting} waiting"] * bool(waiting)])


def _chip(home: Home) -> None:
    if st.session_state.get(_WISH):
        # The click drew this part alone; the way leads through the whole page.
        st.rerun()
    hear_refusal()
    active = queue.active(home)
    if not active:
        return
    with st.container(key="going-on", horizontal=True, gap="xsmall"):
        told = label(home, active)
        st.button(told, key="going-on.way", on_click=_wish, args=(active,), help="Go to what is going on.")
        job = the_one(active)
        if job is not None and queue.may_change(job):
            # The worker hears it after the step that it is at.
            asked = queue.wish_of(home, job).exists()
            st.button(
                "Cancelling …" if asked else "Cancel job", key="going-on.cancel", disabled=asked,
                on_click=_cancel, args=(home, job),
                help="A run that has begun keeps its frames so far.",
            )  # fmt: skip


def the_one(active: list[Job]) -> Job | None:
    """The job that the chip tells of: the only one that runs, or the only one that waits; of several, none."""
    first = [job for job in active if job.state == "running"] or active
    return first[0] if len(first) == 1 else None


def _cancel(home: Home, job: Job) -> None:
    with told_if_refused():
        queue.cancel(home, job)


def _wish(active: list[Job]) -> None:
    """One job leads to its run, several to the list of them."""
    running = [job for job in active if job.state == "running"] or active
    (job, *more) = running
    found = ("runs", {}) if more else ("watch", {"run": job.run_id} if job.run_id else {"job": job.id})
    st.session_state[_WISH] = found
