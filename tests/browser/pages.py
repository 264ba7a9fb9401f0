"""One way to open a page, and to find on it what several tests need."""

import re
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect

from enigma.ui import navigation
from tests.browser.serving import Server
from tests.browser.waiting import settled


def address(server: Server, name: str = "watch", **query: object) -> str:
    """Where a page is; the first one is at the root."""
    path = "/" if name == navigation.names()[0] else f"/{name}"
    return f"{server.url}{path}{'?' if query else ''}{urlencode(query, safe=',')}"


def opened(page: Page, server: Server, name: str = "watch", **query: object) -> Page:
    """The page with all that it shows."""
    return at(page, address(server, name, **query))


def at(page: Page, url: str) -> Page:
    """The page at an address with all that it shows."""
    page.goto(url)
    # The server sends the title of a page with all that is above it.
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    settled(page)
    return page


def slider(page: Page) -> Locator:
    """The one that moves through the frames of a run."""
    return page.get_by_role("slider", name="Frame")


def run_of(url: str) -> str:
    """The id of the run that an address names, or nothing."""
    found = re.search("run=([0-9a-f]{12})", url)
    return found[1] if found else ""


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def fill(page: Page, label: str, value: object) -> None:
    """Types into a field of the form and leaves it by Enter."""
    field = page.get_by_label(label, exact=True)
    field.fill(str(value))
    field.press("Enter")


def fill_small(page: Page, steps: int) -> None:
    """Asks for a run that is soon recorded."""
    page.get_by_text("More", exact=True).click()
    small = {"Probe images": 60, "Reference images": 60, "Frames": 4, "Batch": 16, "Steps": steps}
    for label, value in small.items():
        fill(page, label, value)
