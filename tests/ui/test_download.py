"""The download button: what it keeps for the browser, and what it says when there is no file."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from enigma.ui.widgets.markdown import escape_markdown


def page() -> None:
    import streamlit as st

    from enigma.spec.errors import InputError
    from enigma.ui.widgets.download import download

    def made() -> bytes:
        if st.session_state.get("broken"):
            raise InputError("Expected frames but the run has none: let it go on.")
        if st.session_state.pop("faulty", False):
            raise RuntimeError("a fault of the program")
        if st.session_state.pop("overtaken", False):
            # What Streamlit does to a drawing that the next one overtakes.
            st.stop()
        return b"a,b\n1,2\n" * st.session_state.get("times", 1)

    download("CSV", made, "table.csv", "text/csv", key="table")


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(page, default_timeout=60).run()


def test_nothing_is_made_before_the_click(app: AppTest) -> None:
    assert "file" not in app.session_state["table.kept"]


def test_click_makes_the_file_which_waits_through_the_next_drawings(app: AppTest) -> None:
    app.button(key="table").click().run()
    app.run()
    header, content = app.session_state["table.kept"]["file"].split(b"\n", 1)
    told = json.loads(header)
    assert (told["name"], told["mime"], content) == ("table.csv", "text/csv", b"a,b\n1,2\n")


def test_click_whose_drawing_is_overtaken_by_the_next_is_not_lost(app: AppTest) -> None:
    app.session_state["overtaken"] = True
    app.button(key="table").click().run()
    assert "file" not in app.session_state["table.kept"]
    app.run()
    assert app.session_state["table.kept"]["file"].endswith(b"a,b\n1,2\n")
    # The wish is fulfilled once.
    app.session_state["table.kept"].pop("file")
    app.run()
    assert "file" not in app.session_state["table.kept"]


def test_each_click_makes_a_file_of_its_own(app: AppTest) -> None:
    tokens = set()
    for _ in range(2):
        app.button(key="table").click().run()
        tokens.add(json.loads(app.session_state["table.kept"]["file"].split(b"\n", 1)[0])["token"])
    assert len(tokens) == 2


def test_what_cannot_be_made_is_said(app: AppTest) -> None:
    app.session_state["broken"] = True
    app.button(key="table").click().run()
    assert [error.value for error in app.error] == [
        escape_markdown("Expected frames but the run has none: let it go on.")
    ]
    assert "file" not in app.session_state["table.kept"]


def test_fault_of_the_program_is_not_met_again_at_each_drawing(app: AppTest) -> None:
    app.session_state["faulty"] = True
    app.button(key="table").click().run()
    assert len(app.exception) == 1
    app.run()
    assert not app.exception
    assert "file" not in app.session_state["table.kept"]


def test_what_a_page_cannot_hand_over_is_said(app: AppTest) -> None:
    app.session_state["times"] = 24_000_000
    app.button(key="table").click().run()
    assert "192 MB" in app.error[0].value
    assert "enigma export" in app.error[0].value
