"""The queue: jobs survive pages and workers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from enigma import worker
from enigma.home import Home
from tests.conftest import TINY


def wait(condition: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def queued(home: Home, *specs) -> list[worker.Job]:
    """Jobs in the queue without a worker."""
    jobs = [worker.Job(f"{number:020d}", spec.to_dict()) for number, spec in enumerate(specs)]
    for job in jobs:
        worker._write(home, job)
    return jobs


def test_jobs_are_done_in_order_and_a_failed_one_says_why_and_stops_nobody(home: Home) -> None:
    first, bad, last = queued(home, TINY, TINY.override(batch_size=1), TINY.override(seed=1))
    worker.work(home, idle_seconds=0.5)
    states = {job.id: job for job in worker.jobs(home)}
    assert [states[job.id].state for job in (first, bad, last)] == ["done", "failed", "done"]
    assert "batch_size" in states[bad.id].message
    assert home.find(states[first.id].run_id).state == "finished"
    assert home.find(states[last.id].run_id).has("projections/umap.safetensors")


def test_cancelled_job_is_never_done(home: Home) -> None:
    (job,) = queued(home, TINY)
    worker.cancel(home, job)
    worker.work(home, idle_seconds=0.1)
    assert worker.jobs(home) == []
    assert not home.runs.exists()


def test_submitted_job_outlives_its_page_and_a_killed_worker(home: Home) -> None:
    long = TINY.override(steps=100_000, frames=(0, 1, 100_000))
    script = (
        "import sys, pathlib; from enigma.home import Home; from enigma.spec import RunSpec; from enigma import worker;"
        "worker.submit(Home(pathlib.Path(sys.argv[1])), RunSpec.parse(__import__('json').loads(sys.argv[2])))"
    )
    # The process that submits, as a page's server would, is gone at once.
    subprocess.run([sys.executable, "-c", script, str(home.path), long.to_json()], check=True)
    wait(lambda: any(job.run_id for job in worker.jobs(home)))
    (job,) = worker.jobs(home)
    run = home.find(job.run_id)
    wait(lambda: run.status["step"] > 3)
    process = run.status["process"]
    assert process != os.getpid()
    os.kill(process, signal.SIGKILL)
    wait(lambda: run.state == "interrupted")
    stood = int(run.read_facts("checkpoint.safetensors")["step"]) if run.has("checkpoint.safetensors") else 0
    worker.ensure_worker(home)
    wait(lambda: run.status["process"] != process and run.status["step"] > stood)
    run.ask("stop")
    wait(lambda: worker.find(home, job.id).state == "done")  # type: ignore[union-attr]
    assert run.state == "stopped"
    os.kill(run.status["process"], signal.SIGTERM)


def test_only_one_worker_works(home: Home) -> None:
    home.queue.mkdir(parents=True)
    with worker._lock(home).acquire(timeout=0):
        queued(home, TINY)
        worker.work(home, idle_seconds=0.1)
        assert worker.jobs(home)[0].state == "waiting"
