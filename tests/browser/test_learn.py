"""The Learn page in a real browser on a real server."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import address, at, button, opened, slider
from tests.browser.serving import Server
from tests.browser.waiting import next_frame

pytestmark = pytest.mark.browser

PARTS = range(1, 9)


def current(page: Page) -> Locator:
    return page.locator(".stepper a[aria-current=step]")


def top(page: Page, part: int) -> float:
    """How far below the top of the window a part begins."""
    return page.locator(f".st-key-part-{part}").evaluate("part => part.getBoundingClientRect().top")


def test_story_is_on_one_page_with_the_numbers_of_the_bundled_run(page: Page, server: Server) -> None:
    opened(page, server, "learn")
    expect(page.get_by_role("heading", name="Sources")).to_be_attached()
    expect(page.locator(".picture svg")).to_have_count(7)
    expect(page.get_by_role("heading", level=2)).to_have_count(8)
    for number in ("22.8 %", "62.9 %", "69.0 %", "50.5 %", "198.7"):
        expect(page.locator(".st-key-lesson strong", has_text=number).first).to_be_attached()
    assert page.get_by_role("img", name="Frame 0. Dots").count() == 1


@pytest.mark.parametrize(
    ("part", "step", "color"), [(3, "13", "entropy"), (6, "500", "correctness"), (7, "500", "flipped")]
)
def test_link_of_a_part_lands_on_its_step_and_colouring(
    page: Page, server: Server, part: int, step: str, color: str
) -> None:
    opened(page, server, "learn")
    page.locator(f".st-key-part-{part}").get_by_role("link", name=re.compile("^Watch step")).click()
    expect(page.locator(".readout .now")).to_have_text(step)
    expect(page.get_by_label("Colour by")).to_have_value(color)
    assert f"run={server.home.example().id}" in page.url


def test_address_opens_the_page_at_a_part(page: Page, server: Server, screenshot: Callable) -> None:
    opened(page, server, "learn", part=6)
    expect(current(page)).to_have_text("6 Phase 2")
    assert 0 < top(page, 6) < 250
    assert "part=6" in page.url
    screenshot("learn-part-6")


def test_next_and_previous_by_keyboard_move_the_page_and_the_address(page: Page, server: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, server, "learn")
    expect(page.get_by_role("button", name="Previous step")).to_be_disabled()
    for part in (2, 3):
        page.get_by_role("button", name="Next step").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(f"part={part}"))
        assert 0 < top(page, part) < 250
        # Who reads with the keyboard or a screen reader goes on from there.
        assert page.evaluate("document.activeElement.tagName") == "H2"
    page.get_by_role("button", name="Previous step").press("Enter")
    page.wait_for_url(re.compile("part=2"))
    page.go_back()
    page.wait_for_url(re.compile("part=3"))
    expect(page.get_by_role("link", name="8 What now")).to_be_visible()
    page.get_by_role("link", name="8 What now").press("Enter")
    expect(current(page)).to_have_text("8 What now")
    expect(page.get_by_role("button", name="Next step")).to_be_disabled()


def test_scrolling_marks_the_part_in_sight(page: Page, server: Server) -> None:
    opened(page, server, "learn")
    page.mouse.move(700, 500)
    for _ in range(40):
        if "part=4" in page.url:
            break
        page.mouse.wheel(0, 150)
        next_frame(page)
    expect(current(page)).to_have_text("4 Phase 1")


def test_experiment_opens_the_form_filled_in(page: Page, server: Server) -> None:
    opened(page, server, "learn", part=8)
    page.get_by_role("link", name="Reset before the turn").click()
    expect(slider(page)).to_be_visible()
    expect(page.get_by_role("combobox", name="Method")).to_have_value("RDumb")
    page.get_by_text("More", exact=True).click()
    expect(page.get_by_role("textbox", name="Reset every")).to_have_value("15")
    at(page, address(server, corruption="contrast", severity=9, lr=-1, method="nonsense"))
    expect(page.get_by_role("combobox", name="Shift")).to_have_value("Contrast")
    expect(button(page, "Run")).to_be_enabled()


def test_pictures_take_the_colour_of_the_theme(page: Page, server: Server) -> None:
    for scheme, dark in (("light", True), ("dark", False)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        opened(page, server, "learn")
        color = page.locator(".picture svg text").first.evaluate("text => getComputedStyle(text).fill")
        brightness = sum(int(part) for part in re.findall(r"\d+", color)[:3]) / 3
        assert (brightness < 100) == dark, (scheme, color)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (400, 800)])
def test_no_part_of_the_story_overflows(page: Page, server: Server, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    opened(page, server, "learn")
    for part in PARTS:
        scrolls = page.locator(f".st-key-part-{part}").evaluate("part => part.scrollWidth - part.clientWidth")
        assert scrolls <= 0, part
