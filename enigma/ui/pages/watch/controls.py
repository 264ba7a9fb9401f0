"""Run, Pause, Resume, Stop, Step and Continue: requests to the worker, never work in the page.

A click can come while the page is drawn. It starts another drawing at once, while the first goes on until it calls
Streamlit again; and the second may be overtaken too. So what was clicked is a wish that outlives drawings.
"""

from dataclasses import dataclass, field
from threading import Lock

import streamlit as st

from enigma.jobs import queue, worker
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.session import Shown, show
from enigma.ui.widgets.queue import who, your_name


@dataclass
class _Wishes:
    """What was clicked and is not done yet; a plain object, because no call of Streamlit's is safe to come back from.

    Attributes:
        run: whether to submit what the form says.
        submit: a spec, and the id of the run that it goes on from.
        follow: id of the job to lead the page to.
        submitting: held by the drawing that submits, so that the next one knows the job.
    """

    run: bool = False
    submit: tuple[RunSpec, str] | None = None
    follow: str = ""
    submitting: Lock = field(default_factory=Lock)

    def wish_run(self) -> None:
        self.run = True

    def wish_to_submit(self, spec: RunSpec, extends: str = "") -> None:
        self.submit = spec, extends


def run_button(home: Home, spec: RunSpec | None) -> None:
    """The one primary action; it acts once the form has been read, whose spec a callback would get too early."""
    wishes = _wishes()
    st.button("Run", type="primary", width="stretch", key="start", disabled=spec is None, on_click=wishes.wish_run)
    if wishes.run and spec is not None:
        wishes.wish_to_submit(spec)
    wishes.run = False
    if wishes.submit:
        st.rerun()


def follow_wishes(home: Home) -> None:
    """Submits what was clicked, and leads the page to the job that comes of it."""
    wishes, by = _wishes(), who()
    with wishes.submitting:
        if wishes.submit:
            (spec, extends), wishes.submit = wishes.submit, None
            wishes.follow = worker.submit(home, spec, extends, by=by).id
    if wishes.follow:
        show(job=wishes.follow, run=None, step=None)
        wishes.follow = ""


def _wishes() -> _Wishes:
    return st.session_state.setdefault("wishes", _Wishes())


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
    if shown.run is None or shown.job is None or shown.job.run_id != shown.run.id:
        left.button("Cancel", width="stretch", key="cancel", on_click=_cancel, args=(home, shown.job))
        return
    left.button("Pause", width="stretch", key="pause", on_click=shown.run.ask, args=("pause",))
    right.button("Stop", width="stretch", key="stop", on_click=shown.run.ask, args=("stop",))


def _settled_controls(home: Home, run: Run) -> None:
    state, wishes = run.state, _wishes()
    if state in ("paused", "interrupted", "waiting"):
        st.button("Resume", width="stretch", key="resume", on_click=wishes.wish_to_submit, args=(run.spec,))
    if state in ("failed", "interrupted", "waiting") or not run.has("checkpoint.safetensors"):
        return
    for column, more in zip(st.columns([1.4, 1, 1], gap="xsmall"), (1, 10, 100), strict=True):
        label = f"Step +{more}" if more == 1 else f"+{more}"
        help_text = f"Go on for {more} more step{'s' if more > 1 else ''} from step {run.status['step']}."
        column.button(
            label, width="stretch", key=f"step{more}", help=help_text,
            on_click=wishes.wish_to_submit, args=_extended(run, more),
        )  # fmt: skip
    left, right = st.columns([1, 1], vertical_alignment="bottom")
    more = left.number_input("More steps", 1, 1_000_000, 200, key="more")
    right.button(
        "Continue", width="stretch", key="continue", on_click=wishes.wish_to_submit, args=_extended(run, int(more))
    )


def _extended(run: Run, more: int) -> tuple[RunSpec, str]:
    """The spec of a run that goes on from this one, and the id of this one."""
    return run.spec.extended(more, run.status["step"]), run.id


def _cancel(home: Home, job: queue.Job) -> None:
    queue.cancel(home, job)
    show(job=None)
