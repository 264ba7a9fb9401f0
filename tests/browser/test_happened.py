"""The panel 'What happened' below the scrubber, in a real browser on a real server."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import at, opened, slider
from tests.browser.serving import Server
from tests.browser.soundness import expect_sound
from tests.browser.waiting import settled

pytestmark = pytest.mark.browser


def told(page: Page, server: Server) -> Page:
    """The Watch page with the panel open."""
    opened(page, server)
    expect(page.locator(".told")).to_have_count(0)
    page.get_by_text("What happened", exact=True).click()
    expect(page.locator(".told dl")).to_be_visible()
    return page


def test_panel_is_closed_at_first_and_tells_the_run_when_opened(
    page: Page, server: Server, screenshot: Callable
) -> None:
    told(page, server)
    expect(page.locator(".told dd").first).to_have_text(
        "Until step 13 accuracy rises from 62.9 % to 69.0 %, by 6.1 points (95 % interval +2.0 to +10.2)."
    )
    expect(page.get_by_text("Sneaker into Sandal")).to_be_visible()
    expect(page.locator(".told svg")).to_have_count(6)
    expect(page.get_by_role("region", name="Measures of each phase")).to_contain_text("NC1, predicted classes")
    screenshot("happened")


def test_step_in_a_sentence_moves_the_page_to_it_by_mouse_and_by_keyboard(page: Page, server: Server) -> None:
    told(page, server)
    page.evaluate("window.kept = true")
    page.locator(".told a", has_text="step 39").first.click()
    expect(page.locator(".readout .now")).to_have_text("39")
    page.wait_for_url(re.compile(r"step=39(&|$)"))
    # The panel stays open for the next step, and the scrubber is in view.
    expect(page.locator(".told dl")).to_be_visible()
    expect(slider(page)).to_be_in_viewport()
    slider(page).focus()
    page.keyboard.press("End")
    page.wait_for_url(re.compile("step=500"))
    link = page.locator(".told a", has_text="step 13").first
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".readout .now")).to_have_text("13")
    # It was moved, not opened anew.
    assert page.evaluate("window.kept") is True


def test_link_of_a_step_opens_it_in_another_tab_too(page: Page, server: Server) -> None:
    told(page, server)
    address = page.locator(".told a", has_text="step 56").first.evaluate("link => link.href")
    other = at(page.context.new_page(), address)
    expect(other.locator(".readout .now")).to_have_text("56")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_open_panel_fits_and_has_no_serious_accessibility_violation(
    page: Page, server: Server, scheme: str, screenshot: Callable
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    told(page, server)
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        settled(page)
        page.locator(".told").scroll_into_view_if_needed()
        screenshot(f"happened-{width}-{scheme}")
        assert page.locator(".told").evaluate("told => told.scrollWidth - told.clientWidth") <= 0
        expect_sound(page)
