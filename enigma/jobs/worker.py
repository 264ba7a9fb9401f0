"""The workers of the local queue: each does the jobs of one device, one after another, whatever the page does.

Pages only write jobs and read what becomes of them (`enigma.jobs.queue`). A worker is a process of its own. It
is started when there is something to do and leaves when there has been nothing for ten minutes, so that
the next step of a run need not wait for torch to be imported.
"""

import contextlib
import os
import subprocess
import sys
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from enigma.jobs.queue import (
    Job,
    active,
    auto_file,
    changing,
    find,
    jobs,
    path_of,
    queue_name,
    queue_of,
    wish_of,
    write,
)
from enigma.spec.errors import EnigmaError
from enigma.spec.run_spec import RunSpec
from enigma.store.home import VARIABLE, Home
from enigma.store.run_folder import Run

IDLE_SECONDS = 600

# Pages ask for a worker every second; one that dies at once must not be started as often.
PATIENCE_SECONDS = 10.0

# A job that kills its worker, for want of memory say, must not do so for ever.
MOST_DEATHS = 3

# A person who pauses may resume at once; only a run that stays paused is projected.
PROJECT_AFTER_SECONDS = 5.0

NAME_LENGTH = 30
_KEPT = 20


def submit(home: Home, spec: RunSpec, extends: str = "", by: str = "", queue: str = "") -> Job:
    """Adds a job to the queue of its device and sees that a worker is there."""
    name = " ".join("".join(c for c in by if c.isprintable()).split())[:NAME_LENGTH]
    job = Job(f"{time.time_ns():020d}", spec.to_dict(), extends, by=name, queue=queue)
    write(home, job)
    ensure_worker(home, queue_of(home, job))
    return job


def ensure_workers(home: Home) -> None:
    """Sees that somebody works on what waits, also after a worker or the machine went down."""
    for queue in {queue_of(home, job) for job in active(home)}:
        ensure_worker(home, queue, PATIENCE_SECONDS)


def ensure_worker(home: Home, queue: str, patience: float = 0.0) -> None:
    """Starts a worker in a session of its own unless one is there or was started `patience` seconds ago."""
    home.queue.mkdir(parents=True, exist_ok=True)
    started = _started(home, queue)
    with contextlib.suppress(FileNotFoundError):
        if time.time() - started.stat().st_mtime < patience:
            return
    try:
        with _lock(home, queue).acquire(timeout=0 if patience else 0.2):
            pass
    except Timeout:
        return
    environment = {**os.environ, VARIABLE: str(home.path)}
    command = [sys.executable, "-m", "enigma.jobs.worker", queue]
    with (home.queue / "worker.log").open("ab") as log:
        # In a session of its own it outlives the page's server.
        subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
    started.touch()


def serve(home: Home, queue: str) -> None:
    """What a worker's process does; for 'auto', finds out first which device that is."""
    if queue == "auto":
        from enigma.recording.device import resolved

        queue = queue_name(resolved("auto"))
        temporary = auto_file(home).with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(queue, encoding="utf-8")
        temporary.replace(auto_file(home))
    work(home, queue)


def work(home: Home, queue: str, idle_seconds: float = IDLE_SECONDS) -> None:
    """Does the jobs of a queue until there has been none for `idle_seconds`; leaves at once if another worker does."""
    try:
        while True:
            with _lock(home, queue).acquire(timeout=1):
                _started(home, queue).write_text(str(os.getpid()))
                _work(home, queue, idle_seconds)
            # Who asked just before the lock was given back has found a worker there, and relies on it.
            if _next(home, queue) is None:
                return
    except Timeout:
        return


def _work(home: Home, queue: str, idle_seconds: float) -> None:
    last, paused = time.monotonic(), None
    while (idle := time.monotonic() - last) < idle_seconds:
        job = _next(home, queue)
        if job is not None:
            claimed = _claimed(home, job)
            paused = _do(home, claimed) if claimed else None
            last = time.monotonic()
        elif paused is not None and idle > PROJECT_AFTER_SECONDS:
            _project(paused)
            paused = None
        else:
            time.sleep(0.2)


def _next(home: Home, queue: str) -> Job | None:
    """A job that is 'running' while nobody works belonged to a worker that died: it goes on from its checkpoint."""
    return next((job for job in active(home) if queue_of(home, job) == queue), None)


def _claimed(home: Home, job: Job) -> Job | None:
    """The job, taken up, unless it was cancelled meanwhile or has killed too many workers."""
    with changing(home):
        now = find(home, job.id)
        if now is None:
            return None
        step, deaths = 0, 0
        if now.state == "running":
            with contextlib.suppress(EnigmaError):
                step = home.find(now.run_id).status["step"] if now.run_id else 0
            deaths = now.deaths + 1 if step <= now.stood else 1
        if deaths < MOST_DEATHS:
            taken = replace(now, state="running", message="Loading", deaths=deaths, stood=step)
        else:
            message = (
                f"Expected this job to go on, but its process died {deaths} times at step {step}, most often for want "
                f"of memory. Use a smaller batch, or fewer probe images. Details are in {home.queue / 'worker.log'}."
            )
            taken = replace(now, state="failed", message=message)
        write(home, taken)
    return taken if taken.state == "running" else None


class _CancelledError(Exception):
    """The job was cancelled before its run began."""


def _do(home: Home, job: Job) -> Run | None:
    """Does one job; returns its run if that was paused."""
    from enigma.jobs.record_and_project import record_and_project

    run: Run | None = None

    def told(**changes: Any) -> None:
        nonlocal job
        job = replace(job, **changes)
        write(home, job)

    try:
        extends = home.find(job.extends) if job.extends else None
        run = record_and_project(RunSpec.parse(job.spec), home, _listeners(home, job, told), extends=extends)
        told(state="done", run_id=run.id, message="")
    except _CancelledError:
        path_of(home, job).unlink(missing_ok=True)
    except EnigmaError as error:
        told(state="failed", message=str(error))
    except Exception as error:
        # The next job must go on whatever this one did; the traceback is in the log, the page says where.
        traceback.print_exc()
        told(state="failed", message=f"{type(error).__name__}: {error}. Details are in {home.queue / 'worker.log'}.")
    wish_of(home, job).unlink(missing_ok=True)
    # What failed stays until a person has seen it.
    for old in [job for job in jobs(home) if job.state == "done"][:-_KEPT]:
        path_of(home, old).unlink(missing_ok=True)
    return run if run is not None and run.state == "paused" else None


def _listeners(home: Home, job: Job, told: Any) -> Any:
    """Writes what goes on into the job, and heeds the wish to cancel it."""
    from enigma.recording.loop import Listeners

    wish = wish_of(home, job)
    begun: list[Run] = []

    def corrupting(done: int, total: int) -> None:
        if wish.exists():
            raise _CancelledError
        told(message=f"Preparing images {done:,} of {total:,}")

    def started(run: Run) -> None:
        begun.append(run)
        told(run_id=run.id, message="Adapting")

    def stepped(_: Any) -> None:
        if wish.exists():
            wish.unlink(missing_ok=True)
            begun[0].ask("stop")

    return Listeners(corrupting=corrupting, started=started, stepped=stepped)


def _project(run: Run) -> None:
    """The projection of a run that stays paused; a failure is not worth more than a line in the log."""
    from enigma.analysis.projection.stored import project

    try:
        with FileLock(run.path / "lock").acquire(timeout=0):
            if run.status["state"] == "paused":
                project(run)
    except (EnigmaError, OSError, Timeout) as error:
        print(f"The projection of paused run {run.id} was left out: {error}", flush=True)


def _file_name(queue: str) -> str:
    return f"worker-{queue.replace(':', '-')}"


def _started(home: Home, queue: str) -> Path:
    """Written when a worker is started, and by the one that works, with its process id."""
    return home.queue / f"{_file_name(queue)}.started"


def _lock(home: Home, queue: str) -> FileLock:
    return FileLock(home.queue / f"{_file_name(queue)}.lock")


if __name__ == "__main__":
    serve(Home.default(), sys.argv[1])
