"""The local queue: jobs run one after another in a process of their own, whatever happens to the page.

A job is a file in the queue folder. Pages write jobs and read what becomes of them; the worker is the
only one that works. It is started when there is something to do and leaves when there has been
nothing for ten minutes, so that the next step of a run need not wait for torch to be imported.
"""

import json
import os
import subprocess
import sys
import time
import traceback
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from enigma.errors import EnigmaError
from enigma.home import VARIABLE, Home
from enigma.spec import RunSpec

IDLE_SECONDS = 600
_KEPT = 20


@dataclass(frozen=True)
class Job:
    """One recording that was asked for.

    Attributes:
        extends: id of the run to go on from, or empty.
        state: waiting, running, done or failed.
        run_id: known once the run has begun.
        message: what is going on, or why it failed.
    """

    id: str
    spec: dict[str, Any]
    extends: str = ""
    state: str = "waiting"
    run_id: str = ""
    message: str = ""


def submit(home: Home, spec: RunSpec, extends: str = "") -> Job:
    """Adds a job to the queue and sees that a worker is there."""
    job = Job(f"{time.time_ns():020d}", spec.to_dict(), extends)
    _write(home, job)
    ensure_worker(home)
    return job


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


def cancel(home: Home, job: Job) -> None:
    """Takes a job out of the queue that has not begun."""
    if job.state == "waiting":
        _path(home, job).unlink(missing_ok=True)


def ensure_worker(home: Home) -> None:
    """Starts a worker in a session of its own unless one is there."""
    home.queue.mkdir(parents=True, exist_ok=True)
    try:
        with _lock(home).acquire(timeout=0.2):
            pass
    except Timeout:
        return
    environment = {**os.environ, VARIABLE: str(home.path)}
    with (home.queue / "worker.log").open("ab") as log:
        # In a session of its own it outlives the page's server.
        subprocess.Popen(
            [sys.executable, "-m", "enigma.worker"], stdout=log, stderr=log, env=environment, start_new_session=True
        )


def work(home: Home, idle_seconds: float = IDLE_SECONDS) -> None:
    """Does jobs until there has been none for `idle_seconds`; returns at once if another worker is there."""
    try:
        with _lock(home).acquire(timeout=1):
            last = time.monotonic()
            while time.monotonic() - last < idle_seconds:
                # A job that is 'running' now belonged to a worker that died: it goes on from its checkpoint.
                job = next((job for job in jobs(home) if job.state in ("waiting", "running")), None)
                if job is None:
                    time.sleep(0.2)
                    continue
                _do(home, job)
                last = time.monotonic()
    except Timeout:
        return


def _do(home: Home, job: Job) -> None:
    job = replace(job, state="running", message="Loading")
    _write(home, job)
    from enigma import job as recording
    from enigma.record import Listeners

    def told(**changes: Any) -> None:
        nonlocal job
        job = replace(job, **changes)
        _write(home, job)

    listeners = Listeners(
        corrupting=lambda done, total: told(message=f"Corrupting images {done:,} of {total:,}"),
        started=lambda run: told(run_id=run.id, message="Adapting"),
    )
    try:
        extends = home.find(job.extends) if job.extends else None
        run = recording.run(RunSpec.parse(job.spec), home, listeners, extends=extends)
        told(state="done", run_id=run.id, message="")
    except EnigmaError as error:
        told(state="failed", message=str(error))
    except Exception as error:
        # The next job must go on whatever this one did; the traceback is in the log, the page says where.
        traceback.print_exc()
        told(state="failed", message=f"{type(error).__name__}: {error}. Details are in {home.queue / 'worker.log'}.")
    for old in [done for done in jobs(home) if done.state in ("done", "failed")][:-_KEPT]:
        _path(home, old).unlink(missing_ok=True)


def _lock(home: Home) -> FileLock:
    return FileLock(home.queue / "worker.lock")


def _path(home: Home, job: Job) -> Path:
    return home.queue / f"{job.id}.json"


def _write(home: Home, job: Job) -> None:
    home.queue.mkdir(parents=True, exist_ok=True)
    temporary = _path(home, job).with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(json.dumps(asdict(job)), encoding="utf-8")
    temporary.replace(_path(home, job))


if __name__ == "__main__":
    work(Home.default())
