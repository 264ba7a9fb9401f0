"""The address of a page, as the server changes it and as requests of the browser bring it."""

import ast
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from enigma.jobs import queue
from enigma.jobs.queue import Job
from enigma.store.home import VARIABLE, Home
from enigma.store.run_folder import Run
from enigma.ui import session
from tests.conftest import TINY
from tests.stored import RUNS, TINY_ID


def page() -> None:
    from contextlib import suppress

    import streamlit as st

    from enigma.spec.errors import EnigmaError
    from enigma.store.home import Home
    from enigma.ui.place import EVERYTHING, arrive, chosen, keep
    from enigma.ui.session import address, hear, show, shown

    if wanted := st.session_state.pop("wanted", None):
        show(**wanted)
    visited = st.session_state.get("going to", "watch")
    arrive(Home.default(), visited, EVERYTHING)
    if visited == "images":
        with suppress(EnigmaError):
            st.session_state["seen"] = chosen(Home.default()).id
        keep(Home.default(), visited, EVERYTHING, st.session_state.get("seen", ""))
        st.stop()
    if heard := st.session_state.pop("heard", None):
        hear(**heard)
    now = shown(Home.default())
    keep(Home.default(), "watch", EVERYTHING, now.run.id)
    st.session_state["known"] = address()
    st.text(str(st.query_params.to_dict()))
    st.text(f"{now.run.id} {now.ending}")


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(page).run()
    app.session_state["wanted"] = {"job": "7", "step": None}
    return app.run()


def address(app: AppTest) -> str:
    assert not app.exception
    return app.text[0].value


def test_server_leads_the_page_to_another_address(app: AppTest) -> None:
    assert address(app) == "{'job': '7'}"


def test_request_that_was_under_way_does_not_lead_back(app: AppTest) -> None:
    app.query_params = {"step": "3"}
    assert address(app.run()) == "{'job': '7'}"


def test_each_of_several_addresses_passed_in_a_row_is_known(app: AppTest) -> None:
    app.session_state["wanted"] = {"job": "8"}
    app.run()
    for passed in ({}, {"job": "7"}):
        app.query_params = passed
        assert address(app.run()) == "{'job': '8'}"


def test_person_may_go_elsewhere_at_once_and_back_after_a_moment(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    app.query_params = {"job": "9", "step": "5"}
    assert address(app.run()) == "{'job': '9', 'step': '5'}"
    monkeypatch.setattr(session, "_UNDER_WAY_SECONDS", 0.0)
    app.query_params = {}
    assert address(app.run()) == "{}"


def test_what_the_browser_reports_is_known_but_not_sent_back_until_the_server_leads_elsewhere(app: AppTest) -> None:
    app.session_state["heard"] = {"step": "4", "projection": None}
    assert address(app.run()) == "{'job': '7'}"
    assert app.session_state["known"] == {"job": "7", "step": "4"}
    app.session_state["wanted"] = {"job": "8"}
    assert address(app.run()) == "{'job': '8', 'step': '4'}"
    # A newer address counts for more than an older report.
    app.session_state["heard"] = {"step": "5"}
    app.run()
    app.query_params = {"job": "8", "step": "6"}
    app.run()
    assert app.session_state["known"] == {"job": "8", "step": "6"}


BUNDLED = Home.default().example().id
RECORDED = "0123456789ab"


@pytest.fixture
def home(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The home of the page, with a run that was looked at before."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(session, "_UNDER_WAY_SECONDS", 0.0)
    home = Home.default()
    shutil.copytree(RUNS / TINY_ID, home.runs / TINY_ID)
    return home


def recording(home: Home, job: Job) -> Run:
    """A run that a job has begun, without a frame."""
    run = Run(home.runs / RECORDED)
    shutil.copytree(RUNS / TINY_ID, run.path, ignore=shutil.ignore_patterns("frames"))
    run.set_status("running", 0)
    queue.write(home, replace(job, state="running", run_id=run.id))
    return run


def on_screen(app: AppTest) -> str:
    """The run that is shown, and how its recording is ending."""
    assert not app.exception
    return app.text[1].value.strip()


def test_what_was_on_screen_stays_until_the_job_has_a_frame(app: AppTest, home: Home) -> None:
    job = Job("7", TINY.to_dict())
    queue.write(home, job)
    app.query_params = {"run": TINY_ID, "step": "3", "color": "prediction", "job": "7"}
    assert on_screen(app.run()) == TINY_ID
    run = recording(home, job)
    assert on_screen(app.run()) == TINY_ID
    shutil.copytree(RUNS / TINY_ID / "frames", run.path / "frames")
    assert on_screen(app.run()) == RECORDED
    assert address(app) == str({"run": RECORDED, "color": "prediction"})


def test_resumed_run_keeps_the_place_in_it(app: AppTest, home: Home) -> None:
    queue.write(home, Job("7", TINY.to_dict(), state="running", run_id=TINY_ID))
    app.query_params = {"run": TINY_ID, "step": "3", "job": "7"}
    assert address(app.run()) == str({"run": TINY_ID, "step": "3"})


def test_who_comes_without_a_wish_stays_with_the_job_that_goes_on(app: AppTest, home: Home) -> None:
    queue.write(home, Job("5", TINY.to_dict()))
    del app.session_state["place"]
    app.query_params = {}
    assert on_screen(app.run()) == BUNDLED
    assert address(app) == "{'job': '5'}"
    # Who has been somewhere is not taken away from there.
    app.query_params = {}
    assert (address(app.run()), on_screen(app)) == ("{}", BUNDLED)


def test_wish_to_end_a_recording_is_shown_until_it_is_over(app: AppTest, home: Home) -> None:
    job = Job("7", TINY.to_dict())
    run = recording(home, job)
    app.query_params = {"run": TINY_ID, "job": "7"}
    for wish in ("pause", "stop"):
        run.ask(wish)
        assert on_screen(app.run()) == f"{TINY_ID} {wish}"
    run.set_status("stopped", 3)
    assert on_screen(app.run()) == f"{TINY_ID} over"


def at_watch_after(app: AppTest, **query: str) -> dict[str, str]:
    """The address after a visit to another page, and a return without one."""
    app.session_state["going to"] = "images"
    app.query_params = query
    app.run()
    app.session_state["going to"] = "watch"
    app.query_params = {}
    return ast.literal_eval(address(app.run()))


def test_watch_returns_to_the_place_it_was_left_at(app: AppTest, home: Home) -> None:
    place = {"run": TINY_ID, "step": "3", "color": "prediction", "zoom": "2,0,0"}
    app.query_params = place
    app.run()
    assert at_watch_after(app) == place
    # Back within the page is no return.
    app.query_params = {}
    assert (address(app.run()), on_screen(app)) == ("{}", BUNDLED)
    assert at_watch_after(app) == {"run": BUNDLED}


def test_another_page_finds_run_step_and_selection_and_hands_on_what_changed_there(app: AppTest, home: Home) -> None:
    app.query_params = {"run": TINY_ID, "step": "3", "color": "prediction", "selected": "1,2", "zoom": "2,0,0"}
    app.run()
    app.session_state["going to"] = "images"
    app.query_params = {}
    app.run()
    assert app.session_state["seen"] == TINY_ID
    there = {"run": TINY_ID, "step": "3", "color": "prediction", "selected": "1,2"}
    assert app.query_params == there
    assert at_watch_after(app, **there | {"step": "8"}) == there | {"step": "8", "zoom": "2,0,0"}


def test_watch_goes_to_the_run_that_another_page_was_about_or_the_bundled_one_if_it_is_gone(
    app: AppTest, home: Home
) -> None:
    app.query_params = {}
    app.run()
    assert at_watch_after(app, run=TINY_ID, step="8") == {"run": TINY_ID, "step": "8"}
    shutil.rmtree(home.runs / TINY_ID)
    assert at_watch_after(app) == {"run": BUNDLED}


def test_an_address_that_names_no_run_there_is_leaves_the_place_as_it_was(app: AppTest, home: Home) -> None:
    app.query_params = {"run": TINY_ID, "step": "3"}
    app.run()
    app.session_state["going to"] = "images"
    app.query_params = {"run": "doesnotexist"}
    app.run()
    assert app.query_params == {"run": "doesnotexist"}
    app.session_state["going to"] = "watch"
    app.query_params = {}
    assert ast.literal_eval(address(app.run())) == {"run": TINY_ID, "step": "3"}
