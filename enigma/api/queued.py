"""The queue of the page: what runs and waits, and how to end it."""

from enigma.api.given import HomeLike, home_of
from enigma.jobs import queue as jobs
from enigma.jobs.queue import Job
from enigma.spec.errors import InputError


def queue(*, home: HomeLike = None) -> list[Job]:
    """What runs, waits or has failed, in order."""
    return [job for job in jobs.jobs(home_of(home)) if job.state != "done"]


def cancel(job: Job | str, *, home: HomeLike = None) -> str:
    """Takes a job out of the queue; one that has begun stops and keeps its frames so far.

    Returns:
        What the job was: waiting, or running, and then it stops after the current step; empty where it has just ended.

    Raises:
        InputError: there is no such job, or it is over.
    """
    found = _found(job, home)
    if found.state not in jobs.ACTIVE:
        raise InputError(f"Expected a job that runs or waits, but {found.id} is {found.state}.")
    return jobs.cancel(home_of(home), found)


def dismiss(job: Job | str, *, home: HomeLike = None) -> None:
    """Forgets a job that has failed.

    Raises:
        InputError: there is no such job, or it is not over.
    """
    found = _found(job, home)
    if found.state in jobs.ACTIVE:
        raise InputError(f"Expected a job that is over, but {found.id} is {found.state}; cancel it.")
    jobs.dismiss(home_of(home), found)


def _found(job: Job | str, home: HomeLike) -> Job:
    job_id = job if isinstance(job, str) else job.id
    found = jobs.find(home_of(home), job_id)
    if found is None:
        raise InputError(f"Expected the id of a job, but got {job_id!r}; see `enigma queue list`.")
    return found
