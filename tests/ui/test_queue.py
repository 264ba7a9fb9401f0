"""Whose turn it is, told so that what a person typed stays what it is."""

import re
import shutil
from dataclasses import replace

import pytest

from enigma.jobs import queue
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.widgets import queue as widget
from enigma.ui.widgets.markdown import escape_markdown
from enigma.ui.widgets.queue import standing, waiting
from tests.conftest import TINY
from tests.stored import RUNS, TINY_ID


def queued(home: Home, *names: str, device: str = "cpu") -> list[queue.Job]:
    found = [queue.Job(f"{n:020d}", TINY.override(device=device).to_dict(), by=name) for n, name in enumerate(names)]
    for job in found:
        queue.write(home, job)
    return found


def told(markdown: str) -> str:
    """The sentence as it is read on screen."""
    return re.sub(r"\\(.)", r"\1", markdown)


def test_first_in_line_starts_and_others_hear_whom_they_wait_for(home: Home) -> None:
    first, second, third = queued(home, "Ann", "", "Bob")
    assert waiting(home, first) == "Starting"
    assert told(waiting(home, second)) == "Waiting in place 2 for cpu, after Ann (Tent · Gaussian noise 3)"
    assert told(waiting(home, third)) == (
        "Waiting in place 3 for cpu, after Ann (Tent · Gaussian noise 3) and someone (Tent · Gaussian noise 3)"
    )


def test_a_long_queue_is_counted(home: Home) -> None:
    *_, last = queued(home, "Ann", "Bob", "Cem", "Dan", "Eve")
    assert told(waiting(home, last)) == ("Waiting in place 5 for cpu, after Ann (Tent · Gaussian noise 3) and 3 others")


def test_what_is_over_is_not_waited_for(home: Home) -> None:
    first, second = queued(home, "Ann", "Bob")
    queue.cancel(home, first)
    assert standing(home, second) == (0.0, "Starting")


def test_name_is_neither_markdown_nor_html(home: Home) -> None:
    _, second = queued(home, "<b>*x*</b> [y](z) :red[q]", "Bob")
    text = waiting(home, second)
    assert "<b>*x*</b> [y](z) :red[q]" in told(text)
    assert not re.search(r"(?<!\\)[<*\[:]", text.replace("\\\\", ""))
    assert escape_markdown("a\n# b") == r"a \# b"


def test_what_is_being_done_with_a_run_is_told_step_by_step(home: Home) -> None:
    (job,) = queued(home, "Ann")
    run = Run(home.runs / TINY_ID)
    shutil.copytree(RUNS / TINY_ID, run.path)

    def told_of(**changes: object) -> tuple[float, str]:
        return standing(home, replace(job, **{"state": "running", "run_id": run.id, **changes}))

    fraction, text = told_of(run_id="", message="Preparing images: 30 of 60", fraction=0.5)
    assert (fraction, told(text)) == (0.5, "Preparing images: 30 of 60")
    run.set_status("running", 4)
    assert told_of() == (0.5, "Step 4 of 8 · adapting")
    run.ask("pause")
    assert told_of() == (0.5, "Step 4 of 8 · pausing")
    run.ask("stop")
    assert told_of() == (0.5, "Step 4 of 8 · stopping")
    run.set_status("stopped", 4)
    assert told_of() == (0.5, "Step 4 of 8 · computing the projection")
    run.set_status("paused", 4)
    assert told_of(state="done") == (0.5, "Step 4 of 8 · paused")
    for frame in run.path.joinpath("frames").iterdir():
        frame.unlink()
    run.path.joinpath("control").unlink()
    run.set_status("running", 0)
    assert told_of() == (0.0, "Step 0 of 8 · the first frame")


def test_who_waits_behind_a_job_of_their_own_hears_you(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = queued(home, "", "")
    monkeypatch.setattr(widget, "mine", lambda: {first.id})
    assert told(waiting(home, second)) == "Waiting in place 2 for cpu, after you (Tent · Gaussian noise 3)"
