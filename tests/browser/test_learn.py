"""The Learn page in a real browser on a real server."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import address, at, button, opened, slider
from tests.browser.serving import Server
from tests.browser.waiting import next_frame, settled

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
    expect(page.locator(".picture svg")).to_have_count(4)
    expect(page.locator(".moving canvas.embeddings")).to_have_count(3)
    expect(page.get_by_role("heading", level=2)).to_have_count(8)
    for number in ("22.8 %", "62.9 %", "69.0 %", "50.5 %", "199.6", "17.5 points"):
        expect(page.locator(".st-key-lesson strong", has_text=number).first).to_be_attached()
    assert page.get_by_role("img", name="Dots: test images, coloured by true class").count() == 1


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


# What of a part lies outside the window, or under the bar at its foot.
OUTSIDE = """(part) => [...part.querySelectorAll("h2, p, .katex, img, [data-testid=stBidiComponentIsolated]")]
  .map((one) => [one.getBoundingClientRect(), one])
  .filter(([box]) => box.width
    && (box.bottom > innerHeight - 36 || box.top < 0 || box.right > innerWidth + 1 || box.left < 0))
  .map(([box, one]) => `${one.tagName} ${one.textContent.slice(0, 40)} ${Math.round(box.top)} to ${box.bottom}`)"""


def in_sight(page: Page) -> list[int]:
    """The parts that are shown."""
    return [part for part in PARTS if page.locator(f".st-key-part-{part}").is_visible()]


def step_of(page: Page, part: int) -> str:
    return page.locator(f".st-key-part-{part} .moving .now").inner_text()


@pytest.mark.parametrize("size", ["1280x720", "1920x1080"])
def test_each_step_fits_the_whole_screen_without_scrolling_in_letters_for_a_hall(
    page: Page, server: Server, size: str, screenshot: Callable
) -> None:
    width, height = map(int, size.split("x"))
    page.set_viewport_size({"width": width, "height": height})
    opened(page, server, "learn", part=1, lecture=1)
    for part in PARTS:
        assert in_sight(page) == [part]
        shown = page.locator(f".st-key-part-{part}")
        expect(current(page)).to_have_text(re.compile(f"^{part}"))
        settled(page)
        assert shown.evaluate(OUTSIDE) == [], part
        assert shown.evaluate("part => part.scrollHeight - part.clientHeight") <= 0, part
        letters = shown.locator("h2 ~ p, [data-testid=stMarkdownContainer] > p").first.evaluate(
            "text => parseFloat(getComputedStyle(text).fontSize)"
        )
        # Of a picture two metres high the letters are 6 cm, which are read from twelve metres away.
        assert letters >= height / 33, part
        screenshot(f"lecture-{part}-{width}")
        page.keyboard.press("PageDown")


def test_clicker_and_arrow_keys_go_from_step_to_step_in_and_out_of_full_screen(page: Page, server: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, server, "learn")
    for key, part in (("PageDown", 2), ("ArrowRight", 3), ("PageUp", 2), ("ArrowLeft", 1), ("PageDown", 2)):
        page.keyboard.press(key)
        page.wait_for_url(re.compile(f"part={part}"))
    page.keyboard.press("f")
    expect(page.locator("html")).to_have_attribute("data-hall", "2")
    assert in_sight(page) == [2]
    for key, part in (("PageDown", 3), ("ArrowLeft", 2)):
        page.keyboard.press(key)
        page.wait_for_url(re.compile(f"part={part}.*lecture=1|lecture=1.*part={part}"))
        assert in_sight(page) == [part]
    notes = page.locator(".st-key-part-2 .ee-notes")
    expect(notes).to_be_hidden()
    page.keyboard.press("n")
    expect(notes).to_be_visible()
    expect(notes).to_contain_text("Drag the picture")
    page.keyboard.press("Escape")
    expect(page.locator("html")).not_to_have_attribute("data-hall", re.compile("."))
    assert in_sight(page) == list(PARTS)
    assert "lecture" not in page.url


def test_pictures_of_three_steps_move_by_slider_by_play_and_where_a_phase_is_pointed_at(
    page: Page, server: Server
) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, server, "learn", part=4)
    part = page.locator(".st-key-part-4")
    assert step_of(page, 4) == "Step 0, before any update · accuracy 62.9 %"
    part.get_by_role("button", name="Play from step 0 to step 13").click()
    expect(part.locator(".now")).to_have_text("Step 13 · accuracy 69.0 % · phase 1, success")
    part.locator(".phase[data-phase='2']").hover()
    expect(part.locator(".now")).to_have_text(re.compile("^Step 500 · accuracy 50.5 %"))
    handle = part.get_by_role("slider", name="Step")
    handle.focus()
    page.keyboard.press("ArrowLeft")
    expect(part.locator(".now")).not_to_have_text(re.compile("^Step 500"))
    # The arrow moved the slider, and the story stayed; a clicker goes on from here all the same.
    assert "part=4" in page.url
    page.keyboard.press("PageDown")
    page.wait_for_url(re.compile("part=5"))
    assert step_of(page, 6) == "Step 13 · accuracy 69.0 % · phase 1, success"
