"""The Learn page in a real browser on a real server."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SCREENSHOTS, Server, overflow, violations

pytestmark = pytest.mark.browser

SLOW = 60_000


def opened(page: Page, server: Server, query: str = "") -> Page:
    """The page with all its pictures."""
    page.goto(f"{server.url}/learn{query}")
    expect(page.get_by_role("heading", name="Sources")).to_be_attached(timeout=SLOW)
    expect(page.locator(".picture svg")).to_have_count(7, timeout=SLOW)
    return page


def current(page: Page):
    return page.locator(".stepper a[aria-current=step]")


def top(page: Page, part: int) -> float:
    """How far below the top of the window a part begins."""
    return page.locator(f".st-key-part-{part}").evaluate("part => part.getBoundingClientRect().top")


def test_story_is_on_one_page_with_the_numbers_of_the_bundled_run(page: Page, server: Server) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    opened(page, server)
    expect(page.get_by_role("heading", level=2)).to_have_count(8)
    for number in ("22.8 %", "62.9 %", "69.0 %", "50.5 %", "198.7"):
        expect(page.locator(".st-key-lesson strong", has_text=number).first).to_be_attached()
    assert page.get_by_role("img", name="Frame 0. Dots").count() == 1
    assert errors == []


@pytest.mark.parametrize(
    ("part", "step", "color"), [(3, "13", "entropy"), (6, "500", "correctness"), (7, "500", "flipped")]
)
def test_link_of_a_part_lands_on_its_step_and_colouring(
    page: Page, server: Server, part: int, step: str, color: str
) -> None:
    opened(page, server)
    page.locator(f".st-key-part-{part}").get_by_role("link", name=re.compile("^Watch step")).click()
    expect(page.locator(".readout .now")).to_have_text(step, timeout=SLOW)
    expect(page.get_by_label("Colour by")).to_have_value(color)
    assert f"run={server.home.example().id}" in page.url


def test_address_opens_the_page_at_a_part(page: Page, server: Server, screenshot: Callable) -> None:
    opened(page, server, "?part=6")
    expect(current(page)).to_have_text("6 Phase 2")
    page.wait_for_timeout(3000)
    assert 0 < top(page, 6) < 250
    assert "part=6" in page.url
    screenshot("learn-part-6")


def test_next_and_previous_by_keyboard_move_the_page_and_the_address(page: Page, server: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, server)
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
    opened(page, server)
    page.mouse.move(700, 500)
    for _ in range(40):
        page.mouse.wheel(0, 150)
        page.wait_for_timeout(60)
        if "part=4" in page.url:
            break
    expect(current(page)).to_have_text("4 Phase 1")


def test_experiment_opens_the_form_filled_in(page: Page, server: Server) -> None:
    opened(page, server, "?part=8")
    page.get_by_role("link", name="Reset before the turn").click()
    expect(page.get_by_role("slider", name="Frame")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("combobox", name="Method")).to_have_value("RDumb", timeout=SLOW)
    page.get_by_text("More", exact=True).click()
    expect(page.get_by_role("textbox", name="Reset every")).to_have_value("15", timeout=SLOW)
    page.goto(f"{server.url}/?corruption=contrast&severity=9&lr=-1&method=nonsense")
    expect(page.get_by_role("combobox", name="Shift")).to_have_value("Contrast", timeout=SLOW)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()


def test_pictures_take_the_colour_of_the_theme(browser: Browser, server: Server) -> None:
    for scheme, dark in (("light", True), ("dark", False)):
        page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
        opened(page, server)
        color = page.locator(".picture svg text").first.evaluate("text => getComputedStyle(text).fill")
        brightness = sum(int(part) for part in re.findall(r"\d+", color)[:3]) / 3
        assert (brightness < 100) == dark, (scheme, color)
        page.close()


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1440, 900), (400, 800)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_has_no_horizontal_overflow(
    browser: Browser, server: Server, width: int, height: int, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, server)
    page.wait_for_timeout(1000)
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"learn-{width}-{scheme}.png")
    scrolls = "element => element.scrollWidth - element.clientWidth"
    assert page.locator("[data-testid=stMain]").evaluate(scrolls) <= 0
    assert overflow(page) <= 0
    for part in range(1, 9):
        assert page.locator(f".st-key-part-{part}").evaluate(scrolls) <= 0
    height = page.locator("[data-testid=stMain]").evaluate("main => main.scrollHeight")
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(1000)
    page.screenshot(path=SCREENSHOTS / f"learn-{width}-{scheme}-whole.png")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_accessibility_violation(page: Page, server: Server, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, server)
    page.wait_for_timeout(1500)
    assert violations(page) == []
