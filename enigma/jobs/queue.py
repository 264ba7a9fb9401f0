"""The jobs of the local queue, each a file in the queue folder: pages write them and read what becomes of them."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from enigma.store.home import Home

ACTIVE = ("waiting", "running")


@dataclass(frozen=True)
class Job:
    """One recording that was asked for.

    Attributes:
        extends: id of the run to go on from, or empty.
        state: waiting, running, done or failed.
        run_id: known once the run has begun.
        message: what is going on, or why it failed.
        by: what the person who asked for it called themselves, or empty.
        queue: the queue it was put in, or empty for that of its device.
        deaths: how many workers have died of it since it last got on.
        stood: the step at which the last of them took it up.
    """

    id: str
    spec: dict[str, Any]
    extends: str = ""
    state: str = "waiting"
    run_id: str = ""
    message: str = ""
    by: str = ""
    queue: str = ""
    deaths: int = 0
    stood: int = 0


def jobs(home: Home) -> list[Job]:
    """All jobs that are known, oldest first."""
    found = []
    for path in sorted(home.queue.glob("[0-9]*.json")):
        try:
            found.append(Job(**json.loads(path.read_text(encoding="utf-8"))))
        except FileNotFoundError:
            # It was cancelled between the listing and the reading.
            continue
    return found


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


def cancel(home: Home, job: Job) -> None:
    """Takes a job out of the queue, or asks its worker to stop it after the current step."""
    with changing(home):
        now = find(home, job.id)
        if now is None or now.state not in ACTIVE:
            return
        if now.state == "waiting":
            path_of(home, job).unlink()
        else:
            wish_of(home, job).touch()


def dismiss(home: Home, job: Job) -> None:
    """Forgets a job that is over."""
    if job.state not in ACTIVE:
        path_of(home, job).unlink(missing_ok=True)


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
    temporary = path_of(home, job).with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(json.dumps(asdict(job)), encoding="utf-8")
    temporary.replace(path_of(home, job))
