"""The jobs of the local queue, each a file in the queue folder: pages write them and read what becomes of them."""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock
from pydantic import ConfigDict, TypeAdapter

from enigma.spec.errors import CorruptRunError, EnigmaError
from enigma.spec.run_spec import RunSpec
from enigma.store import durable, permission
from enigma.store.home import Home
from enigma.store.json_file import DAMAGED as OF_A_RUN
from enigma.store.json_file import Form, conform, read_object

ACTIVE = ("waiting", "running")
DAMAGED = "damaged"
"""State of a job that nobody can do; the message says why."""


@dataclass(frozen=True)
class Job:
    """One recording that was asked for.

    Attributes:
        extends: id of the run to go on from, or empty.
        state: waiting, running, done, failed, or damaged: its file cannot be read.
        run_id: known once the run has begun.
        message: what is going on, or why it failed.
        fraction: how much of that is done, from 0 to 1.
        by: what the person who asked for it called themselves, or empty.
        queue: the queue it was put in, or empty for that of its device.
        deaths: how many workers have died of it since it last got on.
        stood: the step at which the last of them took it up.
        person: key of who asked for it, where people sign in; see `enigma.store.permission.Person`.
        directory: where it was asked for; modules of the user's own are found there.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")
    id: str
    spec: dict[str, Any]
    extends: str = ""
    state: str = "waiting"
    run_id: str = ""
    message: str = ""
    fraction: float = 0.0
    by: str = ""
    queue: str = ""
    deaths: int = 0
    stood: int = 0
    person: str = ""
    directory: str = ""


_FORM: Form = TypeAdapter(Job).validate_python


def jobs(home: Home) -> list[Job]:
    """All jobs that are known, oldest first."""
    paths = sorted(home.queue.glob("[0-9]*.json"))
    # One may have been cancelled between the listing and the reading.
    return [job for job in map(_read, paths) if job is not None]


def _read(path: Path) -> Job | None:
    """The job in a file; a damaged one, that says what is wrong, where it cannot be read or done by this version."""
    try:
        job: Job = conform(read_object(path), _FORM, f"job {path.stem}")
        if job.id != path.stem:
            raise CorruptRunError(f"Expected job {path.stem}, but its file says another id.")
        if job.state != "done":
            RunSpec.parse(job.spec)
    except EnigmaError as error:
        if not path.exists():
            return None
        why = str(error).removesuffix(OF_A_RUN)
        message = f"This job cannot be done. {why} `enigma queue dismiss {path.stem}` forgets it."
        return Job(path.stem, {}, state=DAMAGED, message=message)
    return job


def find(home: Home, job_id: str) -> Job | None:
    return next((job for job in jobs(home) if job.id == job_id), None)


def active(home: Home) -> list[Job]:
    """The jobs that are worked on or wait, oldest first."""
    return [job for job in jobs(home) if job.state in ACTIVE]


def ahead(home: Home, job: Job) -> list[Job]:
    """The jobs that come before this one on the same device."""
    queue = queue_of(home, job)
    return [other for other in active(home) if other.id < job.id and queue_of(home, other) == queue]


def queue_of(home: Home, job: Job) -> str:
    """Name of the queue: the device, as 'cuda:0', or 'auto' until a worker has found out what that is here."""
    device = job.queue or job.spec.get("device", "auto")
    if device == "auto":
        with contextlib.suppress(FileNotFoundError):
            device = auto_file(home).read_text(encoding="utf-8")
    return queue_name(device)


def cancel(home: Home, job: Job) -> str:
    """Takes a job out of the queue, or asks its worker to stop it after the current step.

    Returns:
        What it was: waiting, running, or empty where it was over and nothing was done.

    Raises:
        RefusedError: who acts may not change it.
    """
    check_own(job)
    with changing(home):
        now = find(home, job.id)
        if now is None or now.state not in ACTIVE:
            return ""
        if now.state == "waiting":
            path_of(home, job).unlink()
        else:
            wish_of(home, job).touch()
        return now.state


def dismiss(home: Home, job: Job) -> None:
    """Forgets a job that is over.

    Raises:
        RefusedError: who acts may not change it.
    """
    check_own(job)
    if job.state not in ACTIVE:
        path_of(home, job).unlink(missing_ok=True)


def check_own(job: Job) -> None:
    """Checks that who acts may cancel or dismiss a job.

    Raises:
        RefusedError: it is another person's.
    """
    permission.check_own(job.person, job.by, "this job")


def may_change(job: Job) -> bool:
    """Whether `check_own` would pass."""
    return permission.can_change() and permission.is_own(job.person)


def queue_name(device: str) -> str:
    """The queue of a device; 'cuda' is its first."""
    return "cuda:0" if device == "cuda" else device


def changing(home: Home) -> Any:
    """Held while a job is taken up or cancelled, so that it is never both."""
    return FileLock(home.queue / "jobs.lock").acquire(timeout=10)


def auto_file(home: Home) -> Path:
    """Holds what device 'auto' is on this machine, once a worker has found out."""
    return home.queue / "auto"


def path_of(home: Home, job: Job) -> Path:
    """The file of a job."""
    return home.queue / f"{job.id}.json"


def wish_of(home: Home, job: Job) -> Path:
    """There while somebody wishes that a job that has begun be cancelled."""
    return home.queue / f"{job.id}.cancel"


def write(home: Home, job: Job) -> None:
    """Writes the file of a job in one piece."""
    home.queue.mkdir(parents=True, exist_ok=True)
    durable.write(path_of(home, job), json.dumps(asdict(job)).encode(), sync=False)
