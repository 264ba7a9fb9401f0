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
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from enigma.jobs.doing import do, project_paused
from enigma.jobs.permitted import check_room, check_wish
from enigma.jobs.queue import (
    Job,
    active,
    auto_file,
    changing,
    find,
    queue_name,
    queue_of,
    wish_of,
    write,
)
from enigma.spec.errors import EnigmaError
from enigma.spec.run_spec import RunSpec
from enigma.store import permission, policy
from enigma.store.home import VARIABLE, Home
from enigma.store.permission import Person
from enigma.store.run_folder import Run

IDLE_SECONDS = 600

# Pages ask for a worker every second; one that dies at once must not be started as often.
PATIENCE_SECONDS = 10.0

# A job that kills its worker, for want of memory say, must not do so for ever.
MOST_DEATHS = 3

# A job that found the disk full is tried again this often.
FULL_SECONDS = 10.0

# A person who pauses may resume at once; only a run that stays paused is projected.
PROJECT_AFTER_SECONDS = 5.0

NAME_LENGTH = 30


def submit(home: Home, spec: RunSpec, extends: str = "", by: str = "", queue: str = "") -> Job:
    """Adds a job to the queue of its device and sees that a worker is there; one that is asked for already stays one.

    Two windows, or two clicks, may ask for the same run at once.

    Raises:
        RefusedError: the policy of this process does not allow it.
    """
    check_wish(home, spec, extends)
    person = permission.acting() or Person("", by)
    name = " ".join("".join(c for c in person.name if c.isprintable()).split())[:NAME_LENGTH]
    home.queue.mkdir(parents=True, exist_ok=True)
    with changing(home):
        job = Job(
            f"{time.time_ns():020d}",
            spec.to_dict(),
            extends,
            by=name,
            queue=queue,
            person=person.key,
            directory=str(Path.cwd()),
        )
        same = (one for one in active(home) if (one.spec, one.extends) == (job.spec, extends))
        found = next((one for one in same if not _ends(home, one)), None)
        if found is None:
            check_room(home, job)
            write(home, job)
    ensure_worker(home, queue_of(home, found or job))
    return found or job


def _ends(home: Home, job: Job) -> bool:
    """Whether a job is about to be over: it is being cancelled, or its run is being paused or stopped, or was."""
    if wish_of(home, job).exists():
        return True
    if not job.run_id:
        return False
    try:
        run = home.find(job.run_id)
        return bool(run.wish) or run.status["state"] != "running"
    except EnigmaError:
        return True


def ensure_workers(home: Home) -> None:
    """Sees that somebody works on what waits, also after a worker or the machine went down.

    Not where nothing may be changed: there it is not this process's business.
    """
    if policy.current().read_only:
        return
    for queue in {queue_of(home, job) for job in active(home)}:
        ensure_worker(home, queue, PATIENCE_SECONDS)


def ensure_worker(home: Home, queue: str, patience: float = 0.0) -> None:
    """Starts a worker in a session of its own unless one is there or was started `patience` seconds ago."""
    home.queue.mkdir(parents=True, exist_ok=True)
    started = _started(home, queue)
    with contextlib.suppress(FileNotFoundError):
        # Of a clock that was put back the age is negative, and tells nothing.
        if 0 <= time.time() - started.stat().st_mtime < patience:
            return
    try:
        with _lock(home, queue).acquire(timeout=0 if patience else 0.2):
            pass
    except Timeout:
        return
    # What is in the queue was allowed when it was submitted.
    environment = {**policy.own_environment(), VARIABLE: str(home.path)}
    with (home.queue / "worker.log").open("ab") as log:
        # In a session of its own it outlives the page's server.
        subprocess.Popen(_command(queue), stdout=log, stderr=log, env=environment, start_new_session=True)
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
            _move_to(job, queue)
            paused = _taken_up(home, job)
            last = time.monotonic()
        elif paused is not None and idle > PROJECT_AFTER_SECONDS:
            project_paused(paused)
            paused = None
        else:
            time.sleep(0.2)


def _move_to(job: Job, queue: str) -> None:
    """Begins this process anew where a job with a model or method of the user's own was asked for, unless it is there.

    It may have been started for another, elsewhere; a module once imported from there would stay.
    """
    is_own = any(":" in str(job.spec.get(name)) for name in ("model", "method"))
    if is_own and job.directory not in ("", str(Path.cwd())) and Path(job.directory).is_dir():
        os.chdir(job.directory)
        # The lock of the queue is let go, as its file is closed, and taken again.
        os.execv(sys.executable, _command(queue))


def _taken_up(home: Home, job: Job) -> Run | None:
    """Does a job, and waits a while where the disk is full, as not even the job may be written then."""
    try:
        claimed = _claimed(home, job)
        run = do(home, claimed) if claimed else None
        is_full = claimed is not None and (now := find(home, job.id)) is not None and now.state == "waiting"
    except OSError as error:
        print(f"Job {job.id} waits: {error}", flush=True)
        run, is_full = None, True
    if is_full:
        time.sleep(FULL_SECONDS)
    return run


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
            message = "Starting: loading model and images"
            taken = replace(now, state="running", message=message, deaths=deaths, stood=step)
        else:
            message = (
                f"Expected this job to go on, but its process died {deaths} times at step {step}, most often for want "
                f"of memory. Use a smaller batch, or fewer probe images. Details are in {home.queue / 'worker.log'}."
            )
            taken = replace(now, state="failed", message=message)
        write(home, taken)
    return taken if taken.state == "running" else None


def _command(queue: str) -> list[str]:
    return [sys.executable, "-m", "enigma.jobs.worker", queue]


def _file_name(queue: str) -> str:
    return f"worker-{queue.replace(':', '-')}"


def _started(home: Home, queue: str) -> Path:
    """Written when a worker is started, and by the one that works, with its process id."""
    return home.queue / f"{_file_name(queue)}.started"


def _lock(home: Home, queue: str) -> FileLock:
    return FileLock(home.queue / f"{_file_name(queue)}.lock")


if __name__ == "__main__":
    serve(Home.default(), sys.argv[1])
