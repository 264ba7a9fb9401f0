"""Run, Pause, Resume, Stop, Step and Continue: requests to the worker, never work in the page."""

from typing import Any

import streamlit as st

from enigma.jobs import queue, worker
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.session import Shown, show
from enigma.ui.widgets.queue import who, your_name


def run_button(home: Home, spec: RunSpec | None) -> None:
    """The one primary action.

    It acts after the form has been read: a callback would be given the spec from before the last change. So the click
    leaves a wish, which outlives a drawing that the next one overtakes.
    """
    wishes: dict[str, Any] = st.session_state.setdefault("wishes", {})
    st.button(
        "Run", type="primary", width="stretch", key="start", disabled=spec is None,
        on_click=wishes.update, kwargs={"run": True},
    )  # fmt: skip
    by = who()
    if wishes.pop("run", False) and spec is not None:
        wishes["follow"] = worker.submit(home, spec, by=by).id
    if "follow" in wishes:
        show(job=wishes["follow"], run=None, step=None)
        del wishes["follow"]
        st.rerun()


def controls(home: Home, shown: Shown) -> None:
    """What can be done with the run on screen, in its present state."""
    run = shown.run
    if shown.is_live:
        _live_controls(home, shown)
    elif run is not None:
        _settled_controls(home, run)
    your_name()


def _live_controls(home: Home, shown: Shown) -> None:
    left, right = st.columns(2)
    if shown.run is None or shown.job is None or shown.job.state == "waiting":
        left.button("Cancel", width="stretch", key="cancel", on_click=_cancel, args=(home, shown.job))
        return
    left.button("Pause", width="stretch", key="pause", on_click=shown.run.ask, args=("pause",))
    right.button("Stop", width="stretch", key="stop", on_click=shown.run.ask, args=("stop",))


def _settled_controls(home: Home, run: Run) -> None:
    state = run.state
    if state in ("paused", "interrupted", "waiting"):
        st.button("Resume", width="stretch", key="resume", on_click=_submit, args=(home, run.spec))
    if state in ("failed", "interrupted", "waiting") or not run.has("checkpoint.safetensors"):
        return
    for column, more in zip(st.columns([1.4, 1, 1], gap="xsmall"), (1, 10, 100), strict=True):
        label = f"Step +{more}" if more == 1 else f"+{more}"
        help_text = f"Go on for {more} more step{'s' if more > 1 else ''} from step {run.status['step']}."
        column.button(
            label, width="stretch", key=f"step{more}", help=help_text, on_click=_extend, args=(home, run, more)
        )
    left, right = st.columns([1, 1], vertical_alignment="bottom")
    more = left.number_input("More steps", 1, 1_000_000, 200, key="more")
    right.button("Continue", width="stretch", key="continue", on_click=_extend, args=(home, run, int(more)))


def _submit(home: Home, spec: RunSpec) -> None:
    job = worker.submit(home, spec, by=who())
    show(job=job.id, run=None, step=None)


def _extend(home: Home, run: Run, more: int) -> None:
    job = worker.submit(home, run.spec.extended(more, run.status["step"]), extends=run.id, by=who())
    show(job=job.id, run=None, step=None)


def _cancel(home: Home, job: queue.Job) -> None:
    queue.cancel(home, job)
    show(job=None)
