"""The panel 'What happened' below the scrubber, in a real browser on a real server."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SCREENSHOTS, Server, overflow, violations

pytestmark = pytest.mark.browser

SLOW = 60_000


def opened(page: Page, server: Server, query: str = "") -> Page:
    """The Watch page with the panel open."""
    page.goto(f"{server.url}/{query}")
    expect(page.get_by_role("slider", name="Frame")).to_be_visible(timeout=SLOW)
    expect(page.locator(".told")).to_have_count(0)
    page.get_by_text("What happened", exact=True).click()
    expect(page.locator(".told dl")).to_be_visible(timeout=SLOW)
    return page


def test_panel_is_closed_at_first_and_tells_the_run_when_opened(
    page: Page, server: Server, screenshot: Callable
) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    opened(page, server)
    expect(page.locator(".told dd").first).to_have_text(
        "Until step 13 accuracy rises from 62.9 % to 69.0 %, by 6.1 points."
    )
    expect(page.get_by_text("Sneaker into Sandal")).to_be_visible()
    expect(page.locator(".told svg")).to_have_count(6)
    expect(page.get_by_role("region", name="Measures of each phase")).to_contain_text("NC1, predicted classes")
    screenshot("happened")
    assert errors == []


def test_step_in_a_sentence_moves_the_page_to_it_by_mouse_and_by_keyboard(page: Page, server: Server) -> None:
    opened(page, server)
    page.evaluate("window.kept = true")
    page.locator(".told a", has_text="step 39").first.click()
    expect(page.locator(".readout .now")).to_have_text("39", timeout=SLOW)
    page.wait_for_url(re.compile(r"step=39(&|$)"))
    # The panel stays open for the next step, and the scrubber is in view.
    expect(page.locator(".told dl")).to_be_visible()
    expect(page.get_by_role("slider", name="Frame")).to_be_in_viewport()
    page.get_by_role("slider", name="Frame").focus()
    page.keyboard.press("End")
    page.wait_for_url(re.compile("step=500"))
    link = page.locator(".told a", has_text="step 13").first
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".readout .now")).to_have_text("13", timeout=SLOW)
    # It was moved, not opened anew.
    assert page.evaluate("window.kept") is True


def test_link_of_a_step_opens_it_in_another_tab_too(page: Page, server: Server, browser: Browser) -> None:
    opened(page, server)
    address = page.locator(".told a", has_text="step 56").first.evaluate("link => link.href")
    other = browser.new_page()
    other.goto(address)
    expect(other.locator(".readout .now")).to_have_text("56", timeout=SLOW)
    other.close()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_open_panel_fits_and_has_no_serious_accessibility_violation(
    browser: Browser, server: Server, width: int, height: int, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, server)
    page.wait_for_timeout(1500)
    assert overflow(page) <= 0
    assert page.locator(".told").evaluate("told => told.scrollWidth - told.clientWidth") <= 0
    SCREENSHOTS.mkdir(exist_ok=True)
    page.get_by_test_id("stExpander").last.screenshot(path=SCREENSHOTS / f"happened-{width}-{scheme}.png")
    assert violations(page) == []
    page.close()
