"""What a first visit sees without scrolling and reaches without a mouse, and that an address holds all of a view."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import button, fill, form, opened, slider
from tests.browser.serving import Server
from tests.browser.waiting import settled

pytestmark = pytest.mark.browser

FOCUSED = """() => {
  let inside = document.activeElement;
  while (inside?.shadowRoot?.activeElement) inside = inside.shadowRoot.activeElement;
  return inside?.textContent?.trim() || inside?.getAttribute("aria-label") || "";
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1440, 900)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sentence_picture_accuracy_and_timeline_are_there_without_scrolling(
    page: Page, server: Server, width: int, height: int, scheme: str, screenshot: Callable
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": height})
    opened(page, server)
    expect(page.get_by_text("Entropy minimisation makes a classifier better")).to_be_in_viewport(ratio=1)
    expect(button(page, "Play")).to_be_in_viewport(ratio=1)
    bar = page.locator(".timeline").bounding_box()
    assert bar is not None
    for part in (page.locator(".stage > canvas").first, page.locator(".curve.large")):
        expect(part).to_be_in_viewport(ratio=1)
        box = part.bounding_box()
        # The timeline lies over what scrolls below it, and not over these.
        assert box is not None
        assert box["y"] + box["height"] <= bar["y"]
    # Nothing but the page's own words is larger than the picture.
    box = page.locator(".stages").bounding_box()
    assert box is not None
    assert box["width"] >= width / 2
    assert box["height"] >= height / 3
    screenshot(f"first-{width}-{scheme}")


def test_form_is_closed_until_a_new_run_is_wanted(page: Page, server: Server) -> None:
    opened(page, server)
    expect(page.get_by_test_id("stSidebar").get_by_label("Model", exact=True)).to_be_hidden()
    button(page, "New run").click()
    expect(form(page).get_by_label("Model", exact=True)).to_be_focused()


def test_header_lets_nothing_shine_through(page: Page, server: Server) -> None:
    opened(page, server)
    page.mouse.move(600, 400)
    page.mouse.wheel(0, 500)
    ground = page.get_by_test_id("stHeader").evaluate("header => getComputedStyle(header).backgroundColor")
    assert ground.startswith("rgb(")


def test_keys_work_wherever_no_field_has_the_focus(page: Page, server: Server) -> None:
    opened(page, server)
    steps = server.home.example().frame_steps
    now = page.locator(".readout .now")
    page.keyboard.press("ArrowRight")
    expect(now).to_have_text(str(steps[1]))
    page.keyboard.press("End")
    expect(now).to_have_text(str(steps[-1]))
    page.keyboard.press("Space")
    expect(button(page, "Pause")).to_be_visible()
    page.keyboard.press("Space")
    page.keyboard.press("Home")
    expect(now).to_have_text("0")
    # In a field the same keys are for the field.
    field = form(page).get_by_label("Steps", exact=True)
    field.click()
    for key in ("ArrowRight", "End", "Space"):
        field.press(key)
    expect(now).to_have_text("0")
    expect(button(page, "Play")).to_be_visible()


def test_a_skip_link_leads_to_the_timeline(page: Page, server: Server) -> None:
    opened(page, server)
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Skip to the timeline"
    page.keyboard.press("Enter")
    expect(slider(page)).to_be_focused()


def test_address_holds_layers_axis_hidden_classes_and_the_one_alone(page: Page, server: Server) -> None:
    opened(page, server)
    for name in ("training density", "Coat", "log scale"):
        page.get_by_role("button", name=name, exact=True).click()
    # In whichever order they were reported.
    for part in ("axis=linear", "hidden=label.4", "without=density"):
        page.wait_for_url(re.compile(rf"[?&]{re.escape(part)}(&|$)"))
    page.reload()
    settled(page)
    for name in ("training density", "Coat"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "false")
    expect(button(page, "linear scale")).to_be_visible()
    page.get_by_label("Class alone").select_option(label="Bag")
    page.wait_for_url(re.compile(r"alone=8"))
    page.reload()
    settled(page)
    expect(page.get_by_label("Class alone").locator("option:checked")).to_have_text("Bag")


def test_layers_are_switched_on_a_phone_too(page: Page, server: Server, screenshot: Callable) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, server)
    entry = page.get_by_role("button", name="mean to test centroid", exact=True)
    entry.click()
    expect(entry).to_have_attribute("aria-pressed", "false")
    screenshot("first-phone")


def test_a_run_is_asked_for_in_the_form(page: Page, server: Server) -> None:
    """The form keeps what is typed while it is closed and opened again."""
    opened(page, server)
    fill(page, "Steps", 7)
    page.get_by_role("button", name="Collapse sidebar").click()
    button(page, "New run").click()
    expect(form(page).get_by_label("Steps", exact=True)).to_have_value("7")
