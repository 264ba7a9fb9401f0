"""One way to open a page, and to find on it what several tests need."""

import re
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, TimeoutError, expect

from enigma.jobs import queue
from enigma.ui import navigation
from tests.browser.serving import Server
from tests.browser.waiting import settled


def address(server: Server, name: str = "watch", **query: object) -> str:
    """Where a page is; one is at the root."""
    path = "/" if name == navigation.ROOT else f"/{name}"
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


def to(page: Page, title: str) -> None:
    """To another page, by the row of pages at the top: what is on a page may link there too."""
    row = page.get_by_test_id("stTopNav")
    group = next(navigation.group(name) for name in navigation.names() if navigation.title(name) == title)
    if not group:
        row.get_by_role("link", name=title, exact=True).click()
        return
    row.get_by_role("button", name=group, exact=True).click()
    page.get_by_test_id("stTopNavPopover").get_by_role("menuitem", name=title, exact=True).click()


def slider(page: Page) -> Locator:
    """The one that moves through the frames of a run."""
    return page.get_by_role("slider", name="Frame")


def run_of(url: str) -> str:
    """The id of the run that an address names, or nothing."""
    found = re.search("run=([0-9a-f]{12})", url)
    return found[1] if found else ""


def led_to_run(page: Page, server: Server, known: set[str]) -> str:
    """Waits until the address names a run that was not known before, and gives its id.

    If it never does, the test says what became of the job.
    """
    try:
        page.wait_for_url(lambda url: run_of(url) not in known | {""})
    except TimeoutError as error:
        jobs = [(job.id, job.state, job.run_id, job.message) for job in queue.jobs(server.home)]
        said = page.get_by_test_id("stMain").inner_text()[:600]
        raise AssertionError(f"Expected to be led to a new run, but {page.url} says {said}; jobs: {jobs}") from error
    return run_of(page.url)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def form(page: Page) -> Locator:
    """The form of a new run, opened where it was closed."""
    sidebar = page.get_by_test_id("stSidebar")
    if sidebar.get_attribute("data-collapsed") == "true":
        button(page, "New run").click()
    expect(button(page, "Run")).to_be_visible()
    # A list that is opened while the form glides in is closed again when it has moved.
    settled(page)
    return sidebar


def fill(page: Page, label: str, value: object) -> None:
    """Types into a field of the form and leaves it by Enter."""
    form(page)
    field = page.get_by_label(label, exact=True)
    field.fill(str(value))
    field.press("Enter")


def fill_small(page: Page, steps: int) -> None:
    """Asks for a run that is soon recorded."""
    form(page)
    page.get_by_text("More", exact=True).click()
    small = {"Probe images": 60, "Reference images": 60, "Frames": 4, "Batch": 16, "Steps": steps}
    for label, value in small.items():
        fill(page, label, value)
