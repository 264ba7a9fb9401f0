"""The dashboard's server killed by SIGKILL while a worker that it started records; both begin again where they were."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from enigma.jobs import queue, worker
from enigma.store.home import VARIABLE, Home
from tests.faults.deeds import SPEC
from tests.faults.kills import Stage, recorded
from tests.faults.tally import Tally
from tests.ports import free_port

_SECONDS = 240.0


def tally(count: int, seed: int, folder: Path) -> Tally:
    """So many kills, of the server and of the worker of a home."""
    found, stage, chance = Tally("kill: server and worker"), Stage(folder), random.Random(seed)
    whole, *_ = stage.whole("record")
    for _ in range(count):
        home, moment = Home(stage.home("record")), chance.uniform(0, 8)
        found.tried += 1
        _kill_both(home, moment)
        job = queue.jobs(home)[0]
        if job.state != "done":
            found.add_lost(f"killed after {moment:.2f} s", f"the job is {job.state}: {job.message}")
        elif recorded(home.path) != whole:
            found.add_lost(f"killed after {moment:.2f} s", "the run is not as one that nobody killed")
        else:
            found.succeeded += 1
    return found


def _kill_both(home: Home, moment: float) -> None:
    """Kills server and worker so many seconds after a job was begun, starts both again, and waits for the job."""
    server = _served(home)
    worker.submit(home, SPEC)
    _wait(lambda: (home.queue / "worker-cpu.started").exists())
    time.sleep(moment)
    server.kill()
    server.wait()
    _kill_worker(home)
    server = _served(home)
    worker.ensure_worker(home, "cpu")
    _wait(lambda: queue.jobs(home)[0].state not in queue.ACTIVE)
    server.kill()
    server.wait()
    _kill_worker(home)


def _served(home: Home) -> subprocess.Popen[bytes]:
    """A dashboard that answers."""
    port = free_port()
    command = [sys.executable, "-m", "enigma", "app", "--port", str(port), "--no-browser"]
    server = subprocess.Popen(
        command, env={**os.environ, VARIABLE: str(home.path)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _wait(lambda: _answers(port))
    return server


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _kill_worker(home: Home) -> None:
    """By the process id that it wrote, which is the one of this home."""
    told = home.queue / "worker-cpu.started"
    process = told.read_text().strip() if told.exists() else ""
    if process.isdecimal():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGKILL)


def _wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + _SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen in time")
        time.sleep(0.1)
