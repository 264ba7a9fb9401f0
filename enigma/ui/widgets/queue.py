"""What goes on and what waits: one line a job, with whose it is, how far it is and what can be done."""

import streamlit as st

from enigma.jobs import queue, worker
from enigma.jobs.queue import Job
from enigma.spec.errors import EnigmaError
from enigma.spec.run_spec import RunSpec
from enigma.spec.titles import title
from enigma.store import permission, policy
from enigma.store.home import Home
from enigma.store.run_folder import OVER, SETTLED, Run
from enigma.ui.navigation import link
from enigma.ui.visitor import signed_in_as
from enigma.ui.widgets.markdown import escape_markdown, say_error
from enigma.ui.widgets.refusal import hear_refusal, told_if_refused

_SEEN = "queue.seen"
_MINE = "queue.mine"
_OF_NO_USE = ("failed", queue.DAMAGED)


def your_name() -> None:
    """Asks, if a person likes to say, under what name the jobs of this browser wait; who has signed in has one."""
    if policy.current().sign_in:
        signed_in_as()
        return
    st.text_input(
        "Your name", key="who", max_chars=worker.NAME_LENGTH, placeholder="someone", persist_state="session",
        help="Shown beside what you queue, so that others on this server see whose turn it is. You can leave it empty.",
    )  # fmt: skip


def who() -> str:
    """The name given in this browser session, or nothing."""
    return st.session_state.get("who") or ""


def mine() -> set[str]:
    """Ids of the jobs that were asked for in this browser session; it can be added to."""
    return st.session_state.setdefault(_MINE, set())


def signature(home: Home) -> tuple[tuple[str, ...], ...]:
    """Changes whenever a job comes, begins, or is over; not while one gets on."""
    return tuple((job.id, job.state, job.run_id) for job in queue.jobs(home))


def remember(home: Home) -> None:
    """Notes what the page that is being drawn knows of the queue."""
    st.session_state[_SEEN] = signature(home)


def going_on(home: Home) -> None:
    """Drawn again every second by itself; the rest of the page only when a job came, began, or is over."""
    hear_refusal()
    if st.session_state.get(_SEEN) != signature(home):
        st.rerun()
    worker.ensure_workers(home)
    listed = queue.jobs(home)
    shown = [job for job in listed if job.state in (*queue.ACTIVE, *_OF_NO_USE) or _is_paused(home, job, listed)]
    if not shown:
        st.caption("Nothing is running or waiting.")
    for job in shown:
        _line(home, job)


def standing(home: Home, job: Job) -> tuple[float, str]:
    """How far a job is, from 0 to 1, and a sentence on it, as Markdown."""
    if job.state == "waiting":
        return 0.0, waiting(home, job)
    run = _run(home, job)
    if job.state in _OF_NO_USE:
        return 0.0, job.state.capitalize()
    if run is None:
        return job.fraction, escape_markdown(job.message)
    try:
        status, steps = run.status, RunSpec.parse(job.spec).steps
    except EnigmaError as error:
        return 0.0, escape_markdown(str(error))
    step = status["step"]
    return min(step / steps, 1.0), f"Step {step:,} of {steps:,} · {_doing(run, job, status['state'])}"


def brief(home: Home, job: Job) -> str:
    """How far a job that is worked on is, in two or three words."""
    run = _run(home, job)
    if run is None:
        return job.message.partition(":")[0].lower()
    try:
        status, steps = run.status, RunSpec.parse(job.spec).steps
    except EnigmaError:
        return "damaged"
    return "projecting" if status["state"] in OVER else f"step {status['step']:,} of {steps:,}"


def _doing(run: Run, job: Job, state: str) -> str:
    """What becomes of a run that has begun, in a word or two."""
    if job.state == "done":
        return "paused"
    if state in OVER:
        # What else there is to do, once the steps are over.
        return "computing the projection"
    return {"pause": "pausing", "stop": "stopping"}.get(run.wish, "adapting" if run.frame_steps else "the first frame")


def waiting(home: Home, job: Job) -> str:
    """Whose turn it is before a job that waits, as Markdown.

    'Waiting in place 3 for cpu, after Ann (Tent · Fog 5) and someone (Norm · Fog 5)'.
    """
    before = queue.ahead(home, job)
    if not before:
        return "Starting"
    names = [f"{_by(other)} ({escape_markdown(job_title(other))})" for other in before]
    told = " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
    if len(names) > 3:
        told = f"{names[0]} and {len(names) - 1} others"
    return f"Waiting in place {len(before) + 1} for {escape_markdown(queue.queue_of(home, job))}, after {told}"


def _line(home: Home, job: Job) -> None:
    with st.container(key=f"job-{job.id}"):
        left, middle, right = st.columns([3, 4, 3], vertical_alignment="center")
        with left:
            st.markdown(
                f"**{escape_markdown(job_title(job))}**  \n"
                f":small[asked for by {_by(job)} · {escape_markdown(queue.queue_of(home, job))}]"
            )
        with middle:
            fraction, text = standing(home, job)
            if job.state in _OF_NO_USE:
                say_error(job.message)
            else:
                st.progress(fraction, text)
        with right, st.container(horizontal=True, horizontal_alignment="right"):
            _actions(home, job)


def _actions(home: Home, job: Job) -> None:
    run = _run(home, job)
    if run is not None:
        link("watch", "Watch", run=run.id)
    state = _state(run) if run is not None else "waiting"
    if run is not None and job.state == "running" and state == "running" and permission.may_change_run(run.path):
        st.button("Pause", key=f"pause.{job.id}", on_click=_ask, args=(run, "pause"))
    if not queue.may_change(job):
        return
    if job.state == "waiting" or (job.state == "running" and state not in SETTLED):
        help_text = "A run that has begun keeps its frames so far." if job.state == "running" else None
        st.button("Cancel", key=f"cancel.{job.id}", on_click=_cancel, args=(home, job), help=help_text)
    if job.state not in queue.ACTIVE:
        label = "Try again" if job.state == "failed" else "Resume"
        if job.state != queue.DAMAGED:
            st.button(label, key=f"again.{job.id}", on_click=_again, args=(home, job))
        st.button("Dismiss", key=f"dismiss.{job.id}", on_click=_dismiss, args=(home, job))


def _again(home: Home, job: Job) -> None:
    """The same once more; a run that has begun goes on from its checkpoint."""
    extends = job.extends if not job.run_id else ""
    with told_if_refused():
        mine().add(worker.submit(home, RunSpec.parse(job.spec), extends, by=who(), queue=job.queue).id)
        queue.dismiss(home, job)


def _ask(run: Run, wish: str) -> None:
    with told_if_refused():
        run.ask(wish)


def _cancel(home: Home, job: Job) -> None:
    with told_if_refused():
        queue.cancel(home, job)


def _dismiss(home: Home, job: Job) -> None:
    with told_if_refused():
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


def job_title(job: Job) -> str:
    """What the run of a job is made of."""
    return "A damaged job" if job.state == queue.DAMAGED else title(RunSpec.parse(job.spec))


def _by(job: Job) -> str:
    if job.id in mine() or (job.person and permission.is_own(job.person)):
        return "you"
    return escape_markdown(job.by) if job.by else "someone"
