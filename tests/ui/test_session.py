"""The address of a page, as the server changes it and as requests of the browser bring it."""

import pytest
from streamlit.testing.v1 import AppTest

from enigma.ui import session


def page() -> None:
    import streamlit as st

    from enigma.store.home import Home
    from enigma.ui.session import show, shown

    if wanted := st.session_state.pop("wanted", None):
        show(**wanted)
    shown(Home.default())
    st.text(str(st.query_params.to_dict()))


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
