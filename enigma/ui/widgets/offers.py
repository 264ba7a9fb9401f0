"""One click to something worth comparing with: queues a run, shows how far it is, and adds it when it has begun."""

import streamlit as st

from enigma.analysis.comparing.suggestions import suggestions
from enigma.jobs import queue, worker
from enigma.jobs.queue import Job
from enigma.spec.errors import EnigmaError
from enigma.spec.run_spec import RunSpec
from enigma.store import permission
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.session import show
from enigma.ui.widgets.markdown import escape_markdown, say_error
from enigma.ui.widgets.queue import who
from enigma.ui.widgets.refusal import told_if_refused

OFFERED = 4
SECONDS = 2.0


def offers(home: Home, run: Run) -> None:
    """Buttons that queue the same run with one thing changed; none where nothing may be recorded."""
    if not permission.can_change():
        return
    active = [RunSpec.parse(job.spec) for job in queue.active(home)]
    found = suggestions(run.spec, [*(other.spec for other in home.readable()), *active])
    if not found:
        return
    st.markdown("**Record a run to compare with**")
    with st.container(horizontal=True):
        for title, spec in list(found.items())[:OFFERED]:
            st.button(
                title, key=f"compare.offer.{title}", on_click=_queue, args=(home, spec),
                help=f"Queues {title[0].lower() + title[1:]} with everything else as in run {run.id}: "
                f"{spec.steps:,} steps, {spec.probes:,} probe images.",
            )  # fmt: skip


def progress(home: Home) -> None:
    """How far the runs are that were queued from here; it draws itself again while there are any."""
    if asked():
        st.fragment(_progress, run_every=SECONDS)(home)


def asked() -> list[str]:
    """Ids of the jobs that the address waits for."""
    return [job for job in st.query_params.get("jobs", "").split(",") if job]


def _queue(home: Home, spec: RunSpec) -> None:
    with told_if_refused():
        job = worker.submit(home, spec, by=who())
        show(jobs=",".join([*asked(), job.id]))


def _progress(home: Home) -> None:
    waiting, begun = [], []
    for job in filter(None, (queue.find(home, job_id) for job_id in asked())):
        if job.state == "done":
            begun.append(job.run_id)
        elif job.state not in queue.ACTIVE:
            say_error(job.message)
        else:
            waiting.append(job)
            _bar(home, job)
    if begun or len(waiting) < len(asked()):
        runs = [name for name in st.query_params.get("runs", "").split(",") if name]
        show(jobs=",".join(job.id for job in waiting) or None, runs=",".join(dict.fromkeys([*runs, *begun])) or None)
        if begun:
            st.rerun(scope="app")


def _bar(home: Home, job: Job) -> None:
    from enigma.spec.titles import title

    spec = RunSpec.parse(job.spec)
    rate = f"learning rate {spec.lr:g}" if spec.lr else "the paper's learning rate"
    # What tells apart the runs that are queued from one page: the method is in the title.
    made = [spec.model, f"{spec.unknown} unknown" if spec.unknown else "", rate, f"seed {spec.seed}"]
    name = escape_markdown(", ".join([title(spec), *filter(None, made)]))
    if job.state == "waiting" or not job.run_id:
        ahead = sum(other.id < job.id for other in queue.active(home))
        turn = f"{ahead} before it" if ahead else job.message or "starting"
        st.progress(0.0, f"{name}: waiting, {turn}" if job.state == "waiting" else f"{name}: {turn}")
        return
    try:
        step = home.find(job.run_id).status["step"]
    except EnigmaError:
        step = 0
    end = "computing the projection" if step == spec.steps else f"step {step:,} of {spec.steps:,}"
    st.progress(step / spec.steps, f"{name}: {end}")
