"""What a page keeps: ids in the address and in the session, everything else on disk."""

import time
from dataclasses import dataclass

import streamlit as st

from enigma.analysis.projection import stored
from enigma.analysis.reading import trajectory
from enigma.analysis.trajectory import Trajectory
from enigma.jobs import queue
from enigma.jobs.queue import Job
from enigma.spec.errors import EnigmaError
from enigma.store.home import Home
from enigma.store.run_folder import Run

# A request that the browser made before it heard of another address brings the old one; a person is not as fast.
_UNDER_WAY_SECONDS = 2.0


@dataclass(frozen=True)
class _Led:
    """Where the server led the page, and the addresses it stood at shortly before, as (run, job)."""

    passed: tuple[tuple[str, str], ...]
    address: dict[str, str]
    at: float


@dataclass(frozen=True)
class Shown:
    """What the page is about: a run, or a job that has not made one yet."""

    run: Run | None
    job: Job | None

    @property
    def is_live(self) -> bool:
        """Whether somebody is working, or will be, on what is shown."""
        return self.job is not None and self.job.state in queue.ACTIVE

    @property
    def control(self) -> tuple[str, ...]:
        """What the controls in the sidebar depend on: the run, and whether it is worked on, waits or has settled."""
        job = self.job if self.is_live else None
        return self.run.id if self.run else "", *((job.state, job.run_id) if job else ("", ""))


def shown(home: Home) -> Shown:
    """What the address asks for; without a wish, a job that goes on, or else the bundled run."""
    _stay_where_led()
    wanted, job_id = _place(st.query_params.to_dict())
    active = queue.active(home)
    job = queue.find(home, job_id) if job_id else None
    if not wanted and not job:
        job = active[0] if active else None
    if job and job.run_id:
        # The run has begun: from now on the address names the run itself.
        wanted = job.run_id
        show(run=wanted, job=None)
    if wanted:
        run = home.find(wanted)
        return Shown(run, next((job for job in active if run.id in (job.run_id, job.extends)), None))
    if job:
        # Until a longer run has begun, the one that it goes on from is on screen.
        return Shown(home.find(job.extends) if job.extends else None, job)
    return Shown(home.example(), None)


def chosen(home: Home) -> Run:
    """The run that a page beside Watch is about: of the address, or last looked at, or else the bundled one.

    Raises:
        EnigmaError: the address names a run that is not there.
    """
    wanted, last = st.query_params.get("run", ""), st.session_state.get("current run", "")
    try:
        run = home.find(wanted or last) if wanted or last else None
    except EnigmaError:
        # The run last looked at may have been deleted meanwhile; one that was asked for must be explained.
        if wanted:
            raise
        run = None
    run = run or home.example()
    st.session_state["current run"] = run.id
    return run


def show(**parameters: str | int | None) -> None:
    """Changes the address; None takes a parameter out."""
    before = st.query_params.to_dict()
    wanted = {**before, **{name: str(value) for name, value in parameters.items() if value is not None}}
    after = {name: value for name, value in wanted.items() if parameters.get(name, value) is not None}
    if after == before:
        return
    if _place(after) != _place(before):
        last: _Led | None = st.session_state.get("led")
        passed = last.passed if last and time.monotonic() - last.at < _UNDER_WAY_SECONDS else ()
        st.session_state["led"] = _Led((*passed, _place(before)), after, time.monotonic())
    # All at once, so that the browser never sees a half-changed address.
    st.query_params.from_dict(after)


def _stay_where_led() -> None:
    """Puts the address right that a request brought which was under way when the server changed it."""
    led: _Led | None = st.session_state.get("led")
    if led and time.monotonic() - led.at < _UNDER_WAY_SECONDS:
        place = _place(st.query_params.to_dict())
        if place != _place(led.address) and place in led.passed:
            st.query_params.from_dict(led.address)


def _place(address: dict[str, str]) -> tuple[str, str]:
    """The part of an address that a person cannot change without leaving: run and job."""
    return address.get("run", ""), address.get("job", "")


def load(run: Run, projection: str) -> Trajectory:
    """The trajectory of a run as it is now, read again only when it has changed."""
    run = run.as_of_now()
    return _load(run, str(run.path), run.frame_steps, run.status["state"], stored.stamp(run, projection), projection)


@st.cache_data(max_entries=12, show_spinner=False)
def _load(_run: Run, path: str, steps: tuple[int, ...], state: str, changed: int, projection: str) -> Trajectory:
    """`steps` and `changed` are there to tell one state of the folder from the next."""
    if state != "running":
        _run.verify()
    return trajectory(_run, projection)
