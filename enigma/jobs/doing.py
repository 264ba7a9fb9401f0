"""What a worker does with one job: it records the run, tells of it in the job, and heeds what is asked meanwhile."""

import traceback
from dataclasses import replace
from typing import Any

from filelock import FileLock, Timeout

from enigma.jobs.queue import Job, jobs, path_of, wish_of, write
from enigma.spec.errors import EnigmaError, FullDiskError, sentence
from enigma.spec.run_spec import RunSpec
from enigma.store import permission
from enigma.store.home import Home
from enigma.store.permission import Person
from enigma.store.run_folder import Run

# Jobs that are done and still listed.
_KEPT = 20


class _CancelledError(Exception):
    """The job was cancelled before its run began."""


def do(home: Home, job: Job) -> Run | None:
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
    except FullDiskError as error:
        # It stays in the queue, and goes on by itself when there is room.
        told(state="waiting", message=str(error))
    except EnigmaError as error:
        told(state="failed", message=str(error))
    except Exception as error:
        # The next job must go on whatever this one did; the traceback is in the log, the page says where.
        traceback.print_exc()
        told(
            state="failed", message=sentence(f"{type(error).__name__}: {error}. Details: {home.queue / 'worker.log'}.")
        )
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
        told(message=f"Preparing images: {done:,} of {total:,}", fraction=done / total if total else 0.0)

    def started(run: Run) -> None:
        if not run.frame_steps or job.extends:
            # It is new. Another's that goes on stays another's.
            permission.give(run.path, Person(job.person, job.by))
        begun.append(run)
        told(run_id=run.id, message="Adapting", fraction=0.0)

    def stepped(_: Any) -> None:
        if wish.exists():
            wish.unlink(missing_ok=True)
            begun[0].ask("stop")

    def repaired(message: str) -> None:
        print(message, flush=True)
        told(message=message)

    return Listeners(corrupting=corrupting, started=started, stepped=stepped, repaired=repaired)


def project_paused(run: Run) -> None:
    """The projection of a run that stays paused; a failure is not worth more than a line in the log."""
    from enigma.analysis.projection.stored import project

    try:
        with FileLock(run.path / "lock").acquire(timeout=0):
            if run.status["state"] == "paused":
                project(run)
    except (EnigmaError, OSError, Timeout) as error:
        print(f"The projection of paused run {run.id} was left out: {error}", flush=True)
