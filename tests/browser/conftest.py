"""Debian's Chromium, a real server to look at, and another to work in."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from enigma.jobs import queue
from enigma.store.home import Home
from tests.browser.serving import Server
from tests.browser.soundness import Witness
from tests.browser.stored import TINY, TINY_WITH_UNKNOWN, placed
from tests.browser.waiting import PATIENCE_SECONDS

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"

expect.set_options(timeout=1000 * PATIENCE_SECONDS)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    executable = shutil.which("chromium") or shutil.which("google-chrome") or "/usr/bin/chromium"
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    return {"executable_path": executable, "args": ["--no-sandbox", "--disable-gpu", "--disable-quic", *quiet]}


@pytest.fixture(scope="session")
def browser_context_args() -> dict:
    return {"viewport": {"width": 1440, "height": 900}, "accept_downloads": True}


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    """A browser that has never been here, as patient as the expectations are."""
    context.set_default_timeout(1000 * PATIENCE_SECONDS)
    return context


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """An empty page, in which nothing may have gone wrong by the end of the test."""
    witness = Witness(page)
    yield page
    assert witness.errors == []


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server to look at: tests add runs to its home, and change nothing else in it."""
    home = Home(tmp_path_factory.mktemp("looked-at"))
    home.runs.mkdir()
    for run_id in (TINY, TINY_WITH_UNKNOWN):
        placed(home, run_id)
    server = Server.start(home)
    yield server
    server.end()
    assert queue.jobs(home) == [], "a test that records must use the workshop"


@pytest.fixture(scope="session")
def _workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server.start(Home(tmp_path_factory.mktemp("worked-in")))
    yield server
    server.end()
    server.end_workers()


@pytest.fixture
def workshop(_workshop: Server) -> Iterator[Server]:
    """A server to work in: its home holds nothing but what the test puts there, and jobs end with the test."""
    _workshop.clear()
    yield _workshop
    _workshop.clear()


@pytest.fixture
def screenshot(page: Page) -> Callable[[str], None]:
    """Saves the page for a person to look at; the folder is not kept by git."""

    def save(name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return save
