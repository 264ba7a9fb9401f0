"""Run, Pause, Resume, Stop, Step and Continue: requests to the worker, never work in the page.

A click can come while the page is drawn. It starts another drawing at once, while the first goes on until it calls
Streamlit again; and the second may be overtaken too. So what was clicked is a wish that outlives drawings.
"""

from dataclasses import dataclass, field
from threading import Lock

import streamlit as st

from enigma.jobs import queue, worker
from enigma.spec.limits import out_of_range
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.permission import may_change_run
from enigma.store.run_folder import Run
from enigma.ui.session import Shown, show
from enigma.ui.widgets.markdown import escape_markdown
from enigma.ui.widgets.queue import mine, who, your_name
from enigma.ui.widgets.refusal import told_if_refused


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


def run_button(home: Home, spec: RunSpec | None, why_not: str = "") -> None:
    """The one primary action; it acts once the form has been read, whose spec a callback would get too early.

    Args:
        why_not: what has to change first, where there is no spec.
    """
    wishes = _wishes()
    with st.container(key="run"):
        st.button("Run", type="primary", width="stretch", key="start", disabled=spec is None, on_click=wishes.wish_run)
        if why_not:
            st.caption(f":red[{escape_markdown(why_not)}]")
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
            with told_if_refused():
                wishes.follow = worker.submit(home, spec, extends, by=by).id
    if wishes.follow:
        mine().add(wishes.follow)
        # What is on screen stays there until the job has something to show.
        show(job=wishes.follow)
        wishes.follow = ""


def _wishes() -> _Wishes:
    return st.session_state.setdefault("wishes", _Wishes())


def live_controls(home: Home, shown: Shown) -> None:
    """Pause, Stop, Cancel and Resume, beside what they are about; nothing for a run that is over."""
    run, ending = shown.recording, shown.ending
    if not shown.is_live:
        run = shown.run
        can_go_on = run is not None and run.state in ("paused", "interrupted", "waiting") and run.spec.watched is None
        if run is not None and can_go_on and may_change_run(run.path):
            st.button("Resume", key="resume", on_click=_wishes().wish_to_submit, args=(run.spec,))
        return
    if ending == "over":
        return
    if run is None:
        if shown.job is not None and queue.may_change(shown.job):
            st.button("Cancel", key="cancel", on_click=_cancel, args=(home, shown.job))
        return
    if not may_change_run(run.path):
        return
    # The wish is told at once; the worker hears it after the step that it is at.
    pause, stop = ("Pausing …" if ending == "pause" else "Pause"), ("Stopping …" if ending == "stop" else "Stop")
    st.button(pause, key="pause", disabled=bool(ending), on_click=_ask, args=(run, "pause"))
    st.button(stop, key="stop", disabled=ending == "stop", on_click=_ask, args=(run, "stop"))


def more_steps(shown: Shown) -> None:
    """Goes on from the run on screen where that has a last model to go on from, and asks for the person's name."""
    run = shown.run
    if run is not None and not shown.is_live and run.state in ("finished", "stopped", "paused"):
        _more_steps(run)
    your_name()


def _more_steps(run: Run) -> None:
    wishes = _wishes()
    # The run that goes on takes the place of this one, unless that came with the installation.
    is_bundled = Home.default().is_bundled(run)
    if not run.has("checkpoint.safetensors") or not (is_bundled or may_change_run(run.path)):
        return
    for column, more in zip(st.columns([1.4, 1, 1], gap="xsmall"), (1, 10, 100), strict=True):
        label = f"Step +{more}" if more == 1 else f"+{more}"
        help_text = f"Go on for {more} more step{'s' if more > 1 else ''} from step {run.status['step']}."
        column.button(
            label, width="stretch", key=f"step{more}", help=help_text,
            on_click=wishes.wish_to_submit, args=_extended(run, more),
        )  # fmt: skip
    left, right = st.columns([1, 1], vertical_alignment="bottom")
    more = int(left.number_input("More steps", value=200, key="more"))
    wrong = out_of_range("steps", more, "More steps")
    right.button(
        "Continue", width="stretch", key="continue", disabled=bool(wrong), on_click=wishes.wish_to_submit,
        args=None if wrong else _extended(run, more),
    )  # fmt: skip
    if wrong:
        st.caption(f":red[{escape_markdown(wrong)}]")


def _extended(run: Run, more: int) -> tuple[RunSpec, str]:
    """The spec of a run that goes on from this one, and the id of this one."""
    return run.spec.extended(more, run.status["step"]), run.id


def _cancel(home: Home, job: queue.Job) -> None:
    with told_if_refused():
        queue.cancel(home, job)
        show(job=None)


def _ask(run: Run, wish: str) -> None:
    with told_if_refused():
        run.ask(wish)
