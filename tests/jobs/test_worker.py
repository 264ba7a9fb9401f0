"""The queue: jobs survive pages and workers, one at a time a device."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import save_file

from enigma.jobs import doing, queue, worker
from enigma.jobs.queue import Job, write
from enigma.models.own_weights import from_factory
from enigma.spec.run_spec import RunSpec
from enigma.store.collection import listed
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests import stored
from tests.conftest import TINY


@pytest.fixture
def home(home: Home) -> Iterator[Home]:
    """A home whose workers end with the test, however it ends: they have sessions of their own and would go on."""
    yield home
    for run in listed(home.runs):
        if run.state == "running" and run.status["process"] != os.getpid():
            os.kill(run.status["process"], signal.SIGKILL)


LONG = TINY.override(steps=100_000, frames=(0, 1, 100_000))


def wait(condition: Callable[[], object], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def queued(home: Home, *specs, queue: str = "") -> list[Job]:
    """Jobs in the queue without a worker."""
    found = [Job(f"{number:020d}", spec.to_dict(), queue=queue) for number, spec in enumerate(specs)]
    for job in found:
        write(home, job)
    return found


def now(home: Home, job: Job) -> Job:
    found = queue.find(home, job.id)
    assert found is not None
    return found


@pytest.mark.parametrize("recorded", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_jobs_are_done_in_order_and_a_failed_one_says_why_and_stops_nobody(home: Home, recorded: bool) -> None:
    if recorded:
        # Then a job has nothing left to record or to project.
        shutil.copytree(stored.RUNS, home.runs)
    first, bad, last = queued(home, TINY, TINY.override(batch_size=1), TINY.override(unknown="digits"))
    worker.work(home, "cpu", idle_seconds=0.5)
    states = {job.id: job for job in queue.jobs(home)}
    assert [states[job.id].state for job in (first, bad, last)] == ["done", "failed", "done"]
    assert "batch_size" in states[bad.id].message
    assert home.find(states[first.id].run_id).state == "finished"
    assert home.find(states[last.id].run_id).has("derived/projections/umap.safetensors")
    queue.dismiss(home, states[bad.id])
    assert bad.id not in {job.id for job in queue.jobs(home)}


def test_run_that_is_asked_for_twice_is_one_job(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "ensure_worker", lambda home, queue: None)
    first = worker.submit(home, LONG, by="Ann")
    assert worker.submit(home, LONG, by="Bea") == first
    other = worker.submit(home, LONG.override(seed=1))
    assert [job.id for job in queue.jobs(home)] == [first.id, other.id]
    # What is being cancelled, or is over, can be asked for again.
    queue.wish_of(home, first).touch()
    assert worker.submit(home, LONG).id not in (first.id, other.id)
    paused = stored.stored(stored.TINY_ID)
    shutil.copytree(paused, home.runs / stored.TINY_ID)
    again = RunSpec.parse(Run(home.runs / stored.TINY_ID).facts["spec"])
    ending = Job("00000000000000000009", again.to_dict(), state="running", run_id=stored.TINY_ID)
    write(home, ending)
    assert worker.submit(home, again).id != ending.id
    write(home, replace(other, state="done"))
    assert worker.submit(home, LONG.override(seed=1)).id != other.id


def test_cancelled_job_is_never_done(home: Home) -> None:
    (job,) = queued(home, TINY)
    queue.cancel(home, job)
    worker.work(home, "cpu", idle_seconds=0.1)
    assert queue.jobs(home) == []
    assert not home.runs.exists()


def test_job_that_was_cancelled_after_it_was_read_is_not_taken_up(home: Home) -> None:
    (job,) = queued(home, TINY)
    queue.cancel(home, job)
    assert worker._claimed(home, job) is None
    assert queue.jobs(home) == []


@pytest.mark.slow
def test_submitted_job_outlives_its_page_and_a_killed_worker(home: Home) -> None:
    script = (
        "import sys, pathlib; from enigma.store.home import Home; from enigma.spec.run_spec import RunSpec;"
        "from enigma.jobs import worker;"
        "worker.submit(Home(pathlib.Path(sys.argv[1])), RunSpec.parse(__import__('json').loads(sys.argv[2])))"
    )
    # The process that submits, as a page's server would, is gone at once.
    subprocess.run([sys.executable, "-c", script, str(home.path), LONG.to_json()], check=True)
    wait(lambda: any(job.run_id for job in queue.jobs(home)))
    (job,) = queue.jobs(home)
    run = home.find(job.run_id)
    wait(lambda: run.status["step"] > 3)
    process = run.status["process"]
    assert process != os.getpid()
    os.kill(process, signal.SIGKILL)
    wait(lambda: run.state == "interrupted")
    stood = int(run.read_facts("checkpoint.safetensors")["step"]) if run.has("checkpoint.safetensors") else 0
    # As a page does that is looked at, once it has been patient.
    wait(lambda: worker.ensure_workers(home) or run.status["process"] != process)
    wait(lambda: run.status["step"] > stood)
    queue.cancel(home, now(home, job))
    wait(lambda: now(home, job).state == "done")
    assert run.state == "stopped"
    os.kill(run.status["process"], signal.SIGTERM)


@pytest.mark.slow
def test_module_of_the_users_own_is_found_where_its_job_was_asked_for(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        # The same name, as people's `model.py` have: neither stands in for the other.
        (tmp_path / name / "mine.py").write_text(
            "from torch import nn\n\n\ndef tiny(num_classes=10):\n    return nn.Sequential(nn.Conv2d(3, "
            f"{len(name)}, 3), nn.BatchNorm2d({len(name)}), nn.AdaptiveAvgPool2d(1), nn.Flatten(), "
            f"nn.Linear({len(name)}, num_classes))\n\n\ndef build(model, **settings):\n    from enigma import adapt\n\n"
            f"    return adapt.build(model, 'norm')\n"
        )
        monkeypatch.syspath_prepend(tmp_path / name)
        from_factory("mine:tiny", 10)
        save_file(from_factory("mine:tiny", 10).state_dict(), tmp_path / name / "mine.safetensors")
        card = {"mean": [0.3] * 3, "std": [0.3] * 3, "input_size": 32}
        (tmp_path / name / "mine.json").write_text(json.dumps(card))
        sys.modules.pop("mine")
    processes = set()
    for name, fields in (("here", {"model": "mine:tiny"}), ("there", {"model": "mine:tiny"}), ("here", {})):
        monkeypatch.chdir(tmp_path / name)
        # Last a bundled model, with a method of one's own.
        own = {**fields, "weights": str(tmp_path / name / "mine.safetensors"), "reference": "none"}
        spec = TINY.override(**(own if fields else {"method": "mine:build"}))
        job = worker.submit(home, spec)
        wait(lambda job=job: now(home, job).state in ("done", "failed"))
        assert (now(home, job).state, now(home, job).message) == ("done", "")
        processes.add(home.find(now(home, job).run_id).status["process"])
    assert len(processes) == 1
    os.kill(processes.pop(), signal.SIGTERM)


def test_only_one_worker_works_on_a_device(home: Home) -> None:
    home.queue.mkdir(parents=True)
    with worker._lock(home, "cpu").acquire(timeout=0):
        queued(home, TINY)
        worker.work(home, "cpu", idle_seconds=0.1)
        assert queue.jobs(home)[0].state == "waiting"


@pytest.mark.slow
def test_two_devices_work_at_the_same_time_each_in_a_process_of_its_own(home: Home) -> None:
    """A second queue stands for a second device, which this machine need not have; both compute on the CPU."""
    first = worker.submit(home, LONG, by="Ann")
    second = worker.submit(home, LONG.override(seed=1), by="Bob", queue="second")
    third = worker.submit(home, LONG.override(seed=2))
    wait(lambda: now(home, first).run_id and now(home, second).run_id)
    runs = [home.find(now(home, job).run_id) for job in (first, second)]
    wait(lambda: all(run.status["step"] > 2 for run in runs))
    assert [run.state for run in runs] == ["running", "running"]
    assert len({run.status["process"] for run in runs}) == 2
    # The third waits for its own device only, and it is told for whom.
    assert now(home, third).state == "waiting"
    assert [job.by for job in queue.ahead(home, third)] == ["Ann"]
    assert queue.ahead(home, second) == []
    queue.cancel(home, now(home, third))
    for job in (first, second):
        queue.cancel(home, now(home, job))
    wait(lambda: all(now(home, job).state == "done" for job in (first, second)))
    for run in runs:
        os.kill(run.status["process"], signal.SIGTERM)


def test_auto_waits_in_the_queue_of_the_device_that_it_turns_out_to_be(home: Home) -> None:
    from enigma.recording.device import resolved

    auto, named, gpu = queued(
        home, TINY.override(device="auto"), TINY.override(device=resolved("auto")), TINY.override(device="cuda")
    )
    assert queue.queue_of(home, auto) == "auto"
    # It finds a worker of that device at work, so it only leaves word.
    device = queue.queue_name(resolved("auto"))
    with worker._lock(home, device).acquire(timeout=0):
        worker.serve(home, "auto")
    assert queue.queue_of(home, auto) == queue.queue_of(home, named) == device
    assert queue.queue_of(home, gpu) == "cuda:0"
    assert queue.ahead(home, named) == [auto]


def test_job_of_a_device_that_is_not_there_fails_with_advice(home: Home) -> None:
    (job,) = queued(home, TINY.override(device="cuda:7"))
    worker.work(home, "cuda:7", idle_seconds=0.1)
    assert now(home, job).state == "failed"
    assert "use 'auto' or 'cpu'" in now(home, job).message


def test_job_that_keeps_killing_its_worker_is_given_up_with_advice(home: Home) -> None:
    (job,) = queued(home, TINY)
    for deaths in range(worker.MOST_DEATHS):
        taken = worker._claimed(home, job)
        # Nobody tells that it died: the next worker finds the job running.
        assert taken is not None
        assert taken.deaths == deaths
    assert worker._claimed(home, job) is None
    assert now(home, job).state == "failed"
    assert "smaller batch" in now(home, job).message


def test_workers_are_not_started_over_and_over_for_a_job_that_kills_them(home: Home) -> None:
    queued(home, TINY)
    started = home.queue / "worker-cpu.started"
    started.touch()
    os.utime(started, (time.time() - 5, time.time() - 5))
    before = started.stat().st_mtime_ns
    worker.ensure_workers(home)
    assert started.stat().st_mtime_ns == before
    assert not (home.queue / "worker.log").exists()


def test_worker_starts_although_the_clock_was_put_back(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(worker.subprocess, "Popen", lambda command, **_: asked.append(command))
    queued(home, TINY)
    started = home.queue / "worker-cpu.started"
    started.touch()
    os.utime(started, (time.time() + 3600, time.time() + 3600))
    worker.ensure_workers(home)
    assert [command[-1] for command in asked] == ["cpu"]


def test_job_is_cancelled_while_its_images_are_made(home: Home) -> None:
    (job,) = queued(home, TINY)
    running = replace(job, state="running")
    queue.write(home, running)
    queue.cancel(home, job)
    listeners = doing._listeners(home, running, lambda **changes: None)
    try:
        listeners.corrupting(1, 2)
    except doing._CancelledError:
        return
    raise AssertionError("it went on")


def test_name_of_who_asks_is_short_and_printable(home: Home, monkeypatch) -> None:
    monkeypatch.setattr(worker, "ensure_worker", lambda *arguments: None)
    job = worker.submit(home, TINY, by="  <b>Ann</b>\n\x1b[2J" + "x" * 50)
    assert job.by == "<b>Ann</b> [2J" + "x" * 16 or len(job.by) == worker.NAME_LENGTH
    assert "\x1b" not in job.by
    assert json.loads(queue.path_of(home, job).read_text())["by"] == job.by


@pytest.mark.slow
def test_paused_run_is_projected_when_nothing_waits(home: Home, monkeypatch) -> None:
    from enigma.analysis.projection.stored import is_current

    monkeypatch.setattr(worker, "PROJECT_AFTER_SECONDS", 0.1)
    (job,) = queued(home, LONG)
    original = doing._listeners

    def pausing(home: Home, job: Job, told):
        listeners = original(home, job, told)
        begun = []
        return replace(
            listeners,
            started=lambda run: (begun.append(run), listeners.started(run)),
            stepped=lambda progress: begun[0].ask("pause") if progress.step == 5 else None,
        )

    monkeypatch.setattr(doing, "_listeners", pausing)
    worker.work(home, "cpu", idle_seconds=0.5)
    run = home.find(now(home, job).run_id)
    assert run.state == "paused"
    assert is_current(run, "umap")
    run.verify()
