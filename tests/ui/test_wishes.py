"""What was clicked on the Watch page, through drawings that end early and drawings that overlap."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from enigma.jobs import queue, worker
from enigma.store.home import VARIABLE, Home


def page() -> None:
    import streamlit as st

    from enigma.store.home import Home
    from enigma.ui.pages.watch.controls import _wishes, follow_wishes
    from tests.conftest import TINY

    if st.session_state.pop("clicked", False):
        _wishes().wish_to_submit(TINY)
        if st.session_state.pop("overtaken", False):
            # What Streamlit does to a drawing that the next one overtakes.
            st.stop()
    follow_wishes(Home.default())
    st.text(st.query_params.get("job", ""))


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    # No job is done here, only asked for.
    monkeypatch.setattr(worker, "ensure_worker", lambda *arguments: None)
    app = AppTest.from_function(page)
    app.session_state["clicked"] = True
    return app


@pytest.mark.parametrize("overtaken", [False, True])
def test_each_click_is_one_job_and_leads_the_page_to_it(app: AppTest, overtaken: bool) -> None:
    app.session_state["overtaken"] = overtaken
    for _ in range(3):
        app.run()
    (job,) = queue.jobs(Home.default())
    assert app.text[0].value == job.id


def test_drawing_that_comes_while_another_submits_waits_for_the_job(app: AppTest) -> None:
    from threading import Timer

    app.session_state["overtaken"] = True
    app.run()
    wishes = app.session_state["wishes"]

    def submitted() -> None:
        wishes.submit, wishes.follow = None, "7"
        wishes.submitting.release()

    wishes.submitting.acquire()
    Timer(0.2, submitted).start()
    app.run()
    assert app.text[0].value == "7"
    assert not queue.jobs(Home.default())
