"""What is done in a process of its own, so that it can be killed: each deed is called with the folder of a home.

A deed that is done again after it was cut short ends as if it never had been. `done` starts one in a process forked
from a server that has imported everything, which takes milliseconds.
"""

import json
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from enigma.analysis.projection.stored import project
from enigma.jobs import queue, worker
from enigma.jobs import record_and_project as jobs_of_a_worker
from enigma.jobs.record_and_project import record_and_project
from enigma.recording import loop
from enigma.recording.listeners import Listeners
from enigma.spec.errors import EnigmaError
from enigma.spec.run_spec import RunSpec
from enigma.store import archive, labels, trash
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.conftest import TINY
from tests.faults.tally import place_of

# As the stored run, but with the fewest steps and images that still make more than one batch and frame.
SPEC = TINY.override(probes=10, references=10, batch_size=5, steps=4, frames=(0, 1, 4))
LONGER = SPEC.override(steps=6, frames=(0, 1, 4, 6))
# The one that is fitted in no time; UMAP compiles for longer than everything else takes.
PROJECTIONS = ("pca",)
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["tests.faults.deeds", "torch", "sklearn.decomposition", "PIL.WebPImagePlugin", "encodings.cp437"]
)


def record(folder: Path, spec: RunSpec = SPEC) -> None:
    """With a checkpoint at each step, so that kills meet many."""
    loop.CHECKPOINT_SECONDS = loop.STATUS_SECONDS = 0.0
    record_and_project(spec, Home(folder), Listeners(), PROJECTIONS)


def extend(folder: Path) -> None:
    home = Home(folder)
    loop.CHECKPOINT_SECONDS = loop.STATUS_SECONDS = 0.0
    shorter = [run for run in home.readable() if run.spec == SPEC and run.path.parent == home.runs]
    record_and_project(LONGER, home, Listeners(), PROJECTIONS, extends=shorter[0] if shorter else None)


def project_again(folder: Path) -> None:
    for run in _own(folder):
        for path in run.path.rglob("derived/projections/*"):
            path.unlink()
        project(run, PROJECTIONS)


def bring(folder: Path) -> None:
    """Imports the run that lies beside its home as a zip."""
    _, refused = archive.import_runs(folder / "run.zip", Home(folder).runs)
    if refused and not _own(folder):
        raise refused[0]


def label(folder: Path) -> None:
    for run in _own(folder):
        labels.rename(run, "mine")
        labels.tag(run, "paper collapse")


def throw_and_restore(folder: Path) -> None:
    home = Home(folder)
    for run in _own(folder):
        trash.throw(run, home.trash)
    for item in trash.thrown(home.trash):
        trash.restore(item.run.id, home.trash, home.runs)


def work(folder: Path) -> None:
    """A worker that does what is in the queue, and leaves."""
    loop.CHECKPOINT_SECONDS = loop.STATUS_SECONDS = 0.0
    home = Home(folder)
    if not queue.jobs(home):
        queue.write(home, queue.Job(f"{1:020d}", SPEC.to_dict()))
    # Of the projections the quick one.
    jobs_of_a_worker.project = lambda run, names: project(run, PROJECTIONS)  # type: ignore[assignment]
    worker.FULL_SECONDS = 0.5
    worker.work(home, "cpu", idle_seconds=0.1)
    failed = [job.message for job in queue.jobs(home) if job.state not in ("done", *queue.ACTIVE)]
    if failed:
        raise EnigmaError(failed[0])


def shifted(folder: Path, deed: Callable[[Path], Any], seconds: float) -> None:
    """A deed while the clock is off."""
    now, exact = time.time, time.time_ns
    time.time, time.time_ns = lambda: now() + seconds, lambda: exact() + int(seconds * 1e9)
    deed(folder)


def _own(folder: Path) -> list[Run]:
    home = Home(folder)
    return [run for run in home.listed() if run.path.parent == home.runs]


@dataclass(frozen=True)
class Ended:
    """How a deed ended: 'ok', 'named', 'traceback' or 'killed', with what was said, and how many events it had."""

    how: str
    message: str = ""
    place: str = ""
    events: int = 0


def begun(deed: Callable[[Path], Any], folder: Path, kill_at: int = 0) -> BaseProcess:
    """Starts a deed; with `kill_at`, it kills itself before its event of that number: a file opened, renamed, removed.

    What it says goes to `<folder>.ended.json`.
    """
    process = _CONTEXT.Process(target=_do, args=(deed, folder, kill_at), daemon=True)
    process.start()
    return process


def ended(process: BaseProcess, folder: Path, seconds: float = 120) -> Ended:
    """Waits for a deed, and takes what it left to say."""
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
        return Ended("traceback", f"nothing after {seconds} s", "waiting")
    said = _said(folder)
    if not said.exists():
        return Ended("killed")
    found = Ended(**json.loads(said.read_text()))
    said.unlink()
    return found


def done(deed: Callable[[Path], Any], folder: Path, kill_at: int = 0) -> Ended:
    return ended(begun(deed, folder, kill_at), folder)


def _said(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.ended.json")


_EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree", "shutil.move", "shutil.copyfile")


def _do(deed: Callable[[Path], Any], folder: Path, kill_at: int) -> None:
    events, below = [0], str(folder.resolve())
    folder, said = folder.resolve(), _said(folder)

    def heard(name: str, arguments: tuple[Any, ...]) -> None:
        # Reading alone changes nothing, and is left out; the flags of what is written are not 0.
        is_write = name != "open" or (arguments[1] is not None and set(str(arguments[1])) & set("wax+"))
        is_write = is_write or (name == "open" and arguments[1] is None and arguments[2] & os.O_ACCMODE)
        if name in _EVENTS and is_write and str(arguments[0]).startswith(below):
            events[0] += 1
            if events[0] == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(heard)
    # What it prints is of no interest, and what it warns of neither.
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
    try:
        deed(folder)
        found = Ended("ok")
    except EnigmaError as error:
        found = Ended("named", str(error))
    except OSError as error:
        # The command line says this in one sentence, as `enigma.cli.main` does.
        found = Ended("named", f"Expected to read and write files, but got: {error}.")
    except Exception as error:
        traceback.print_exc()
        found = Ended("traceback", f"{type(error).__name__}: {error}", place_of(error))
    said.write_text(json.dumps({**found.__dict__, "events": events[0]}))


DEEDS: dict[str, Callable[[Path], Any]] = {
    "record": record,
    "extend": extend,
    "project": project_again,
    "import": bring,
    "label": label,
    "delete, restore": throw_and_restore,
    "worker": work,
}
longer = partial(record, spec=LONGER)
