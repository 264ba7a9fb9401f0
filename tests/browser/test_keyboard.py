"""A whole visit without a mouse: look, record, scrub, select, export."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from enigma.store.run_folder import Run
from tests.browser.pages import led_to_run, opened, run_of, slider
from tests.browser.serving import Server
from tests.browser.waiting import settled

pytestmark = pytest.mark.browser

# A person presses Tab no oftener; the form and its pictures are among what is passed.
MOST_TABS = 200

# The element that has the focus, wherever it lies; its name as a screen reader would say it, nearly.
_FOCUSED = """() => {
  let element = document.activeElement;
  while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  const label = element.labels?.[0]?.innerText ?? "";
  // An icon is a line of its own. What scrolls can have the focus too, and says all that is in it.
  const lines = (element.ariaLabel || label || element.innerText || element.title || "").trim().split(/\\n+/);
  return lines.length > 3 ? "" : lines.filter((line) => !/^[a-z]+(_[a-z]+)+$/.test(line)).join(" ");
}"""


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until what has the focus is called so."""
    passed = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(_FOCUSED))
        if re.fullmatch(name, passed[-1]):
            return
    raise AssertionError(f"Expected to come to {name} by Tab, but passed {passed}.")


def typed(page: Page, field: str, value: int) -> None:
    tab_to(page, field)
    page.keyboard.press("Control+A")
    page.keyboard.type(str(value))
    page.keyboard.press("Enter")
    settled(page)


def to_timeline(page: Page) -> None:
    tab_to(page, "Skip to the timeline")
    page.keyboard.press("Enter")
    expect(slider(page)).to_be_focused()


def record(page: Page, server: Server) -> Run:
    """Opens the form, asks for a run that is soon recorded, and waits for it."""
    tab_to(page, "New run")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
    settled(page)
    typed(page, "Batch", 16)
    typed(page, "Steps", 6)
    tab_to(page, "More")
    page.keyboard.press("Enter")
    for field, value in (("Probe images", 60), ("Reference images", 60), ("Frames", 4)):
        typed(page, field, value)
    before = run_of(page.url)
    tab_to(page, "Run")
    page.keyboard.press("Enter")
    run = server.home.find(led_to_run(page, server, {before}))
    expect(page.get_by_text("· finished")).to_be_visible()
    expect(page.get_by_role("button", name="Step +1")).to_be_visible()
    settled(page)
    return run


def test_whole_visit_by_keyboard_alone(page: Page, workshop: Server) -> None:
    opened(page, workshop)
    to_timeline(page)
    page.keyboard.press("End")
    expect(page.locator(".readout")).to_contain_text("step 500")
    run = record(page, workshop)
    to_timeline(page)
    page.keyboard.press("End")
    expect(page.locator(".readout")).to_contain_text("step 6")
    page.keyboard.press("ArrowLeft")
    expect(slider(page)).to_have_attribute("aria-valuenow", "2")
    tab_to(page, "Test embeddings, .*")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".stage:not(.second) .tooltip")).to_be_visible()
    # In the picture the arrows go from image to image, so the run stays where it stands.
    expect(slider(page)).to_have_attribute("aria-valuenow", "2")
    page.keyboard.press("Enter")
    expect(page.locator(".selection li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".selection li")).to_have_count(2)
    page.wait_for_url(re.compile(r"selected="))
    page.keyboard.press("Escape")
    expect(page.locator(".selection li")).to_have_count(0)
    tab_to(page, "Export")
    page.keyboard.press("Enter")
    settled(page)
    tab_to(page, "PNG")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    assert run.id in download.value.suggested_filename
