"""What a page keeps: ids in the address and in the session, everything else on disk."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from enigma.analysis.projection import stored
from enigma.analysis.reading import trajectory
from enigma.analysis.training_neighbors import MOST_POINTS, TrainingNeighbors, training_neighbors
from enigma.analysis.trajectory import Trajectory
from enigma.jobs import queue
from enigma.jobs.queue import Job
from enigma.spec.errors import EnigmaError
from enigma.store.home import Home
from enigma.store.run_folder import OVER, Run

PLACE = "place"
"""What all pages share, in the session: see `enigma.ui.place`."""

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
    """What the page is about.

    Attributes:
        run: the run on screen; while a job has no frame to show, what was there before.
        job: what somebody works on, or will.
        recording: the run that the job records, once that has begun.
        ending: whether the recording was asked to 'pause' or 'stop', or is 'over', with only the projection to come.
    """

    run: Run | None
    job: Job | None
    recording: Run | None = None
    ending: str = ""

    @classmethod
    def of(cls, home: Home, run: Run | None, job: Job | None) -> "Shown":
        """How things stand now."""
        recording = home.find(job.run_id) if job and job.run_id else None
        is_over = recording is not None and recording.status["state"] in OVER
        return cls(run, job, recording, "over" if is_over else recording.wish if recording else "")

    @property
    def is_live(self) -> bool:
        """Whether somebody is working, or will be, on what is shown."""
        return self.job is not None and self.job.state in queue.ACTIVE

    @property
    def control(self) -> tuple[str, ...]:
        """What the controls in the sidebar depend on: the run, and whether it is worked on, waits or has settled."""
        job = self.job if self.is_live else None
        return self.run.id if self.run else "", *((job.state, job.run_id, self.ending) if job else ("", "", ""))


def shown(home: Home) -> Shown:
    """What the address asks for; without a wish, a job that goes on, or else the bundled run."""
    _stay_where_led()
    wanted, job_id = _place(address())
    active = queue.active(home)
    job = queue.find(home, job_id) if job_id else None
    if not wanted and not job_id and PLACE not in st.session_state:
        # Who comes without a wish finds what goes on, and stays with it; not with a run that is damaged or gone.
        job = next((each for each in active if _can_be_shown(home, each)), None)
        show(job=job.id if job else None)
    if job:
        return _shown_of(home, job, wanted)
    if wanted:
        run = home.find(wanted)
        return Shown.of(home, run, next((job for job in active if run.id in (job.run_id, job.extends)), None))
    return Shown(home.example(), None)


def _can_be_shown(home: Home, job: Job) -> bool:
    """Whether the run of a job, or that which it goes on from, can be read, where there is one."""
    try:
        runs = [home.find(name) for name in (job.run_id, job.extends) if name]
        return all(run.facts and run.status for run in runs)
    except EnigmaError:
        return False


def _shown_of(home: Home, job: Job, wanted: str) -> Shown:
    """The run of a job, or what was on screen before while it has no frame; one that it goes on from, if nothing was.

    Args:
        wanted: id of the run in the address.
    """
    recording = home.find(job.run_id) if job.run_id else None
    if recording is None or (job.state in queue.ACTIVE and not recording.frame_steps):
        before = wanted or job.extends
        return Shown.of(home, home.find(before) if before else home.example(), job)
    # From now on the address names the run itself, and nothing of the place in another one.
    left = () if recording.id == wanted else ("step",) if job.extends else ("step", "zoom", "selected")
    show(run=recording.id, job=None, **dict.fromkeys(left))
    return Shown.of(home, recording, job if job.state in queue.ACTIVE else None)


def show(**parameters: str | int | None) -> None:
    """Changes the address; None takes a parameter out."""
    before, after = address(), _changed(parameters)
    if after == before:
        return
    if _place(after) != _place(before):
        last: _Led | None = st.session_state.get("led")
        passed = last.passed if last and time.monotonic() - last.at < _UNDER_WAY_SECONDS else ()
        st.session_state["led"] = _Led((*passed, _place(before)), after, time.monotonic())
    # All at once, so that the browser never sees a half-changed address.
    st.query_params.from_dict(after)


def address() -> dict[str, str]:
    """The address of the page: as it came with the last request, or as the browser has reported it since."""
    came = st.query_params.to_dict()
    then, reported = st.session_state.get("reported", (came, came))
    return dict(reported) if then == came else came


def hear(**parameters: str | None) -> None:
    """Notes that the browser has changed these parameters of its address; None for those it has taken out.

    Nothing is sent: while the server draws, the browser may have moved on, and would be led back.
    """
    st.session_state["reported"] = st.query_params.to_dict(), _changed(parameters)


def _changed(parameters: Mapping[str, str | int | None]) -> dict[str, str]:
    """The address with these parameters in it; None takes one out."""
    return {name: str(value) for name, value in {**address(), **parameters}.items() if value is not None}


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


def neighbors(run: Run, points: tuple[int, ...]) -> TrainingNeighbors | None:
    """Nearest training images of a few images of a run, with their pictures where it is one image; None for many."""
    if not points or len(points) > MOST_POINTS:
        return None
    return _neighbors(run, str(run.path), run.frame_steps, points)


@st.cache_data(max_size="16MB", show_spinner=False)
def _neighbors(_run: Run, path: str, steps: tuple[int, ...], points: tuple[int, ...]) -> TrainingNeighbors | None:
    """`path` and `steps` are there to tell one state of the folder from the next."""
    return training_neighbors(_run, points, pictures=len(points) == 1)


@st.cache_data(max_size="256MB", show_spinner=False)
def _load(_run: Run, path: str, steps: tuple[int, ...], state: str, changed: int, projection: str) -> Trajectory:
    """`steps` and `changed` are there to tell one state of the folder from the next."""
    if state != "running":
        _run.verify()
    found = trajectory(_run, projection)
    # What is worked out from it when it is first asked for is kept with it.
    _ = found.course.spans, found.faithfulness
    return found
