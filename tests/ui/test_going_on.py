"""The chip that says what goes on."""

import shutil

import pytest

from enigma.jobs.queue import Job
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.widgets.going_on import label
from tests.conftest import TINY


def job(number: int, state: str, message: str = "", run_id: str = "") -> Job:
    return Job(str(number), TINY.to_dict(), state=state, message=message, run_id=run_id)


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (("running",), "1 running: preparing images"),
        (("running", "waiting", "waiting"), "1 running: preparing images · 2 waiting"),
        (("running", "running"), "2 running"),
        (("waiting",), "1 waiting"),
    ],
)
def test_jobs_are_counted_and_a_single_one_says_what_it_does(home: Home, states: tuple[str, ...], told: str) -> None:
    message = "Preparing images: 30 of 60"
    assert label(home, [job(number, state, message) for number, state in enumerate(states)]) == told


def test_run_says_its_step_and_then_that_it_is_projected(home: Home, tiny_run: Run) -> None:
    going, run = job(1, "running", run_id=tiny_run.id), Run(home.runs / tiny_run.id)
    shutil.copytree(tiny_run.path, run.path)
    run.set_status("running", 4)
    assert label(home, [going]) == "1 running: step 4 of 8"
    run.set_status("finished", 8)
    assert label(home, [going]) == "1 running: projecting"
