"""Pages beside a damaged run, a damaged job and an address of nonsense: a sentence, and everything else goes on."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from enigma.jobs import projecting, queue, worker
from enigma.store import collection
from enigma.store.home import VARIABLE, Home
from enigma.store.run_folder import Run
from enigma.ui.pages.watch import page as watch
from tests.conftest import TINY
from tests.stored import RUNS, TINY_ID, UNKNOWN_ID

DEEP = b"[" * 100_000
WHOLE = (RUNS / UNKNOWN_ID / "run.json").read_bytes()
DAMAGES = {
    "deep run.json": ("run.json", DEEP), "deep status.json": ("status.json", DEEP),
    "deep label.json": ("label.json", DEEP), "cut run.json": ("run.json", WHOLE[:300]),
    "field of later": ("run.json", WHOLE.replace(b'"seed"', b'"sown"')),
}  # fmt: skip
PAGES = ("runs", "compare", "watch")


def drawn() -> None:
    from importlib import import_module

    import streamlit as st

    from enigma.ui.navigation import names, page

    st.navigation([page(name) for name in names()], position="hidden")
    import_module(f"enigma.ui.pages.{st.session_state['page']}.page").page()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """With a good run, and nobody who works on the queue."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(worker, "ensure_worker", lambda *given: None)
    home = Home(tmp_path)
    shutil.copytree(RUNS / TINY_ID, home.runs / TINY_ID)
    home.queue.mkdir()
    return home


def shown(name: str, **address: str) -> AppTest:
    app = AppTest.from_function(drawn, default_timeout=120)
    app.session_state["page"] = name
    app.query_params = dict(address)
    app.run()
    assert [error.value for error in app.exception] == []
    return app


def test_run_that_makes_way_while_it_is_read_leads_to_the_longer_one(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, fitted = home.find(TINY_ID), projecting.ensure_fitted

    def overtaken(home: Home, read: Run) -> bool:
        if read.path.exists() and read.id == run.id:
            collection.extend(run, home.runs, run.spec.extended(2, 8), "f" * 12)
            read.verify()
        return fitted(home, read)

    monkeypatch.setattr(projecting, "ensure_fitted", overtaken)
    app = shown("watch", run=TINY_ID)
    assert any("f" * 12 in caption.value for caption in app.caption)
    assert not app.error


def test_run_that_cannot_be_read_while_a_job_goes_on_is_looked_at_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.write(home, queue.Job("7", TINY.to_dict()))
    status = home.runs / TINY_ID / "status.json"
    whole, looks = status.read_bytes(), []
    status.write_bytes(DEEP)
    app = shown("watch", run=TINY_ID)
    assert app.error
    # A moment later, which is a drawing of the part that waits for it.
    status.write_bytes(whole)
    monkeypatch.setattr(watch.st, "rerun", lambda: looks.append(1))
    calls: list[None] = []
    watch._again(calls)
    assert not looks
    watch._again(calls)
    assert looks == [1]
    assert not app.run().error


@pytest.mark.parametrize("page", PAGES)
def test_no_damaged_run_or_job_takes_a_page_away(page: str, home: Home) -> None:
    for number, (name, content) in enumerate(DAMAGES.values()):
        shutil.copytree(RUNS / UNKNOWN_ID, home.runs / f"{number:012x}")
        (home.runs / f"{number:012x}" / name).write_bytes(content)
    for number, content in enumerate((b"", DEEP, b'{"id": "1"}')):
        (home.queue / f"{number:020d}.json").write_bytes(content)
    app = shown(page)
    if page == "runs":
        assert sum("queue dismiss" in error.value for error in app.error) == 3
        assert any("5 damaged" in caption.value for caption in app.caption)


@pytest.mark.parametrize("name", ["x" * 300, "../" * 50, "9" * 5000, "a\0b"])
@pytest.mark.parametrize("page", ["compare", "watch", "images"])
def test_an_address_of_nonsense_is_a_sentence(page: str, name: str, home: Home) -> None:
    asked = {"runs": name} if page == "compare" else {"run": name, "step": "9" * 5000, "selected": "9" * 5000}
    app = shown(page, **asked)
    told = [element.value for element in (*app.error, *app.warning)]
    assert any("Expected" in text for text in told)
    assert all(len(text) <= 500 for text in told)
