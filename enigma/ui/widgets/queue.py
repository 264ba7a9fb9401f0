"""What goes on and what waits: one line a job, with whose it is, how far it is and what can be done."""

import streamlit as st

from enigma.jobs import queue, worker
from enigma.jobs.queue import Job
from enigma.spec.errors import EnigmaError
from enigma.spec.run_spec import RunSpec
from enigma.spec.titles import title
from enigma.store.home import Home
from enigma.store.run_folder import SETTLED, Run
from enigma.ui.navigation import link
from enigma.ui.widgets.markdown import escape_markdown

_SEEN = "queue.seen"


def your_name() -> None:
    """Asks, if a person likes to say, under what name the jobs of this browser wait."""
    st.text_input(
        "Your name", key="who", max_chars=worker.NAME_LENGTH, placeholder="someone", persist_state="session",
        help="Shown beside what you queue, so that others on this server see whose turn it is. You can leave it empty.",
    )  # fmt: skip


def who() -> str:
    """The name given in this browser session, or nothing."""
    return st.session_state.get("who") or ""


def signature(home: Home) -> tuple[tuple[str, ...], ...]:
    """Changes whenever a job comes, begins, or is over; not while one gets on."""
    return tuple((job.id, job.state, job.run_id) for job in queue.jobs(home))


def remember(home: Home) -> None:
    """Notes what the page that is being drawn knows of the queue."""
    st.session_state[_SEEN] = signature(home)


def going_on(home: Home) -> None:
    """Drawn again every second by itself; the rest of the page only when a job came, began, or is over."""
    if st.session_state.get(_SEEN) != signature(home):
        st.rerun()
    worker.ensure_workers(home)
    listed = queue.jobs(home)
    shown = [
        job for job in listed if job.state in queue.ACTIVE or job.state == "failed" or _is_paused(home, job, listed)
    ]
    if not shown:
        st.caption("Nothing is running or waiting.")
    for job in shown:
        _line(home, job)


def standing(home: Home, job: Job) -> tuple[float, str]:
    """How far a job is, from 0 to 1, and a sentence on it, as Markdown."""
    if job.state == "waiting":
        return 0.0, waiting(home, job)
    run = _run(home, job)
    if job.state == "failed":
        return 0.0, "Failed"
    if run is None:
        return 0.0, escape_markdown(job.message)
    try:
        step, steps, state = run.status["step"], RunSpec.parse(job.spec).steps, run.status["state"]
    except EnigmaError as error:
        return 0.0, escape_markdown(str(error))
    at = f"Step {step:,} of {steps:,}"
    if job.state == "done":
        return step / steps, f"{at} · paused"
    # What else there is to do, once the steps are over, is the projection.
    return min(step / steps, 1.0), f"{at} · computing the projection" if state in SETTLED and state != "paused" else at


def waiting(home: Home, job: Job) -> str:
    """Whose turn it is before a job that waits, as Markdown.

    'Waiting in place 3 for cpu, after Ann (Tent · Fog 5) and someone (Norm · Fog 5)'.
    """
    before = queue.ahead(home, job)
    if not before:
        return "Starting"
    names = [f"{_by(other)} ({escape_markdown(_title(other))})" for other in before]
    told = " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
    if len(names) > 3:
        told = f"{names[0]} and {len(names) - 1} others"
    return f"Waiting in place {len(before) + 1} for {escape_markdown(queue.queue_of(home, job))}, after {told}"


def _line(home: Home, job: Job) -> None:
    with st.container(key=f"job-{job.id}"):
        left, middle, right = st.columns([3, 4, 3], vertical_alignment="center")
        with left:
            st.markdown(
                f"**{escape_markdown(_title(job))}**  \n"
                f":small[asked for by {_by(job)} · {escape_markdown(queue.queue_of(home, job))}]"
            )
        with middle:
            fraction, text = standing(home, job)
            if job.state == "failed":
                st.error(escape_markdown(job.message))
            else:
                st.progress(fraction, text)
        with right, st.container(horizontal=True, horizontal_alignment="right"):
            _actions(home, job)


def _actions(home: Home, job: Job) -> None:
    run = _run(home, job)
    if run is not None:
        link("watch", "Watch", run=run.id)
    state = _state(run) if run is not None else "waiting"
    if job.state == "running" and state == "running":
        st.button("Pause", key=f"pause.{job.id}", on_click=Run.ask, args=(run, "pause"))
    if job.state == "waiting" or (job.state == "running" and state not in SETTLED):
        help_text = "A run that has begun keeps its frames so far." if job.state == "running" else None
        st.button("Cancel", key=f"cancel.{job.id}", on_click=queue.cancel, args=(home, job), help=help_text)
    if job.state not in queue.ACTIVE:
        label = "Try again" if job.state == "failed" else "Resume"
        st.button(label, key=f"again.{job.id}", on_click=_again, args=(home, job))
        st.button("Dismiss", key=f"dismiss.{job.id}", on_click=queue.dismiss, args=(home, job))


def _again(home: Home, job: Job) -> None:
    """The same once more; a run that has begun goes on from its checkpoint."""
    extends = job.extends if not job.run_id else ""
    worker.submit(home, RunSpec.parse(job.spec), extends, by=who(), queue=job.queue)
    queue.dismiss(home, job)


def _is_paused(home: Home, job: Job, listed: list[Job]) -> bool:
    """Whether this is the last job of a run that stands paused."""
    if job.state != "done" or any(later.id > job.id and later.run_id == job.run_id for later in listed):
        return False
    run = _run(home, job)
    # One job may have paused a run and another gone on with it under a new id.
    return run is not None and run.id == job.run_id and _state(run) == "paused"


def _state(run: Run) -> str:
    try:
        return run.status["state"]
    except EnigmaError:
        return "damaged"


def _run(home: Home, job: Job) -> Run | None:
    try:
        return home.find(job.run_id) if job.run_id else None
    except EnigmaError:
        return None


def _title(job: Job) -> str:
    try:
        return title(RunSpec.parse(job.spec))
    except EnigmaError:
        return "A job of another version"


def _by(job: Job) -> str:
    return escape_markdown(job.by) if job.by else "someone"
