"""The server goes away while a person looks at a run, and comes back."""

import signal
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from enigma.store.home import Home
from tests.browser.pages import opened, slider
from tests.browser.serving import Server
from tests.browser.stored import placed
from tests.browser.waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Nobody looks at its console, which says that it has lost its server."""
    return context.new_page()


def test_scrubbing_goes_on_without_a_server_and_a_bar_says_so_until_it_is_back(
    page: Page, tmp_path_factory: pytest.TempPathFactory, screenshot: Callable[[str], None]
) -> None:
    home = Home(tmp_path_factory.mktemp("left"))
    home.runs.mkdir()
    run = placed(home)
    first = Server.start(home)
    opened(page, first, run=run.id)
    asked: list[str] = []
    page.on("requestfailed", lambda request: asked.append(request.url))
    bar, now = page.get_by_role("status").filter(has_text="enigma app"), page.locator(".readout .now")
    slider(page).focus()
    first.end(signal.SIGKILL)
    expect(bar).to_have_text("The server is gone; start it again with enigma app. Scrubbing goes on.")
    page.keyboard.press("ArrowRight")
    expect(now).to_have_text("1")
    # Streamlit gives up after the sixth time that nobody answers, and would open a dialog.
    until(lambda: page.evaluate("1") and len([url for url in asked if "health" in url]) > 7, "it has asked often")
    expect(page.get_by_test_id("stDialog")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(now).to_have_text("3")
    screenshot("server-gone")
    second = Server.start(home, port=urlsplit(first.url).port or 0)
    try:
        expect(bar).to_have_count(0)
        expect(now).to_have_text("3")
    finally:
        second.end(signal.SIGKILL)
