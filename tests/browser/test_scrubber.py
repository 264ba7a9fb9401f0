"""The scrubber in a real browser: two pictures, layers, selection, and an address that holds the whole view."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import at, opened, slider
from tests.browser.serving import Server
from tests.browser.stored import TINY
from tests.browser.waiting import answered, painted, rested

pytestmark = pytest.mark.browser

POINTS = ".stage:not(.second) > canvas"


def picture(page: Page) -> str:
    """The first projection as it is painted, whatever lies over it."""
    painted(page)
    return page.locator(POINTS).evaluate("canvas => canvas.toDataURL()")


def lasso_everything(page: Page) -> None:
    box = page.locator(POINTS).bounding_box()
    assert box is not None
    left, top, right, bottom = box["x"] + 4, box["y"] + 4, box["x"] + box["width"] - 4, box["y"] + box["height"] - 4
    page.get_by_role("button", name="Lasso").click()
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top)):
        page.mouse.move(x, y, steps=4)
    page.mouse.up()


def test_a_pinned_step_stays_while_the_other_picture_moves(page: Page, server: Server) -> None:
    opened(page, server, run=server.home.example().id)
    page.get_by_label("Compare with").select_option("pin")
    captions = page.locator(".caption-line")
    expect(captions.nth(1)).to_contain_text("pinned · step 0 · 62.9 %")
    slider(page).focus()
    page.keyboard.press("End")
    expect(captions.nth(0)).to_contain_text("step 500")
    expect(captions.nth(1)).to_contain_text("step 0")
    page.wait_for_url(re.compile("beside=0(&|$)"))


def test_two_runs_stand_side_by_side_at_the_same_step(page: Page, server: Server) -> None:
    opened(page, server, run=server.home.example().id, step=4, beside=TINY)
    captions = page.locator(".caption-line")
    expect(captions.nth(0)).to_contain_text("Tent · Impulse noise")
    expect(captions.nth(1)).to_contain_text("Tent · Gaussian noise")
    # Of its steps 0, 1, 3 and 8 the nearest.
    expect(captions.nth(1)).to_contain_text("step 3")
    slider(page).focus()
    page.keyboard.press("End")
    # The shorter run stays at its end.
    expect(captions.nth(1)).to_contain_text("step 8")
    with answered(page):
        page.get_by_label("Compare with").select_option("")
    expect(captions.nth(1)).to_be_hidden()
    page.wait_for_url(lambda url: "beside" not in url)
    page.go_back()
    expect(captions.nth(1)).to_be_visible()


def test_layers_and_correctness_can_be_shown_and_hidden(page: Page, server: Server) -> None:
    opened(page, server, run=server.home.example().id, step=500)
    seen = {picture(page)}
    for name in ("training density", "mean to test centroid", "class means", "training images", "wrong", "Trouser"):
        page.get_by_role("button", name=name, exact=True).click()
        seen.add(picture(page))
    assert len(seen) == 7
    page.get_by_label("Colour by").select_option("distance")
    expect(page.get_by_text("at the mean")).to_be_visible()


def test_one_class_stands_alone_large_and_the_camera_can_hold_still(page: Page, server: Server) -> None:
    opened(page, server, run=server.home.example().id, step=13)
    every = picture(page)
    page.get_by_label("Class alone").select_option("Trouser")
    expect(page.get_by_role("button", name="Trouser", exact=True)).to_have_attribute("aria-pressed", "true")
    assert picture(page) != every
    page.get_by_label("Class alone").press("Escape")
    expect(page.get_by_label("Class alone")).to_have_value("-1")
    still = page.get_by_role("button", name="Whole run")
    still.click()
    expect(still).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Follow")).to_have_attribute("aria-pressed", "false")


def test_a_link_holds_selection_zoom_and_colouring(page: Page, server: Server) -> None:
    opened(page, server, run=server.home.example().id, selected="3,17,29")
    expect(page.locator(".selection .count")).to_have_text("3 selected")
    expect(page.locator(".selection li")).to_have_count(3)
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_label("Colour by").select_option("correctness")
    page.locator(".selection li button").first.click()
    page.wait_for_url(re.compile("selected=17%2C29.*zoom=1|zoom=1.*selected=17%2C29"))
    # Whatever lies under the pointer is ringed in the picture.
    page.mouse.move(0, 0)
    other = at(page.context.new_page(), page.url)
    expect(other.locator(".selection .count")).to_have_text("2 selected")
    expect(other.get_by_label("Colour by")).to_have_value("correctness")
    assert picture(other) == picture(page)


def test_the_lasso_selects_and_selected_points_stay_selected_through_all_frames(page: Page, server: Server) -> None:
    opened(page, server, run=server.home.example().id)
    lasso_everything(page)
    expect(page.locator(".selection .count")).to_have_text("1000 selected")
    slider(page).focus()
    page.keyboard.press("End")
    expect(page.locator(".selection .flipped")).to_have_text("flipped since frame 0: 483")
    page.keyboard.press("Escape")
    expect(page.locator(".selection .empty")).to_be_visible()


def test_selected_points_lead_to_their_images(page: Page, server: Server) -> None:
    opened(page, server, run=server.home.example().id, step=500)
    lasso_everything(page)
    page.get_by_role("link", name="See the first 400 of 1,000 selected images").click()
    page.wait_for_url(re.compile("/images"))
    expect(page.get_by_text("24 of 400 images")).to_be_visible()


def test_going_back_leads_to_the_projection_before_and_not_through_every_step(page: Page, server: Server) -> None:
    opened(page, server, run=server.home.example().id)
    visited = page.evaluate("history.length")
    slider(page).focus()
    for step in server.home.example().frame_steps[1:5]:
        page.keyboard.press("ArrowRight")
        page.wait_for_url(re.compile(f"step={step}(&|$)"))
    rested(page)
    # However far the server was behind.
    expect(page).to_have_url(re.compile("step=4(&|$)"))
    with answered(page):
        page.get_by_label("Projection").select_option("pca")
    expect(page.locator(".trust")).to_contain_text("phase 1 partly shown")
    step = page.locator(".readout .now").inner_text()
    page.wait_for_url(re.compile("projection=pca"))
    rested(page)
    assert page.evaluate("history.length") == visited + 1
    page.go_back()
    expect(page.get_by_label("Projection")).to_have_value("true-distances")
    expect(page.locator(".readout .now")).to_have_text(step)
    rested(page)
    page.go_forward()
    expect(page.get_by_label("Projection")).to_have_value("pca")


def test_the_copied_link_names_the_run_also_on_a_first_visit(page: Page, server: Server) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    run = server.home.example().id
    opened(page, server, run=run)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{server.url}/?run={run}"


def test_the_view_can_be_worked_by_keyboard_alone(page: Page, server: Server) -> None:
    opened(page, server, run=server.home.example().id)
    page.get_by_label("Colour by").focus()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("""() => {
              let inside = document.activeElement;
              while (inside?.shadowRoot?.activeElement) inside = inside.shadowRoot.activeElement;
              return inside?.getAttribute("aria-label") || inside?.textContent?.trim() || "";
            }""")
        )
    for name in ("Lasso", "Zoom in", "Whole run", "T-shirt", "training density", "log scale", "Play", "Frame", "Loop"):
        assert name in reached, name
    # In a loop it plays until it is paused, however slow the machine.
    page.get_by_role("button", name="Loop").press("Enter")
    slider(page).focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    expect(slider(page)).not_to_have_attribute("aria-valuenow", "0")


def test_focus_stays_in_the_legend_while_the_page_is_drawn_anew(page: Page, server: Server) -> None:
    opened(page, server, run=server.home.example().id)
    entry = page.get_by_role("button", name="training density", exact=True)
    entry.focus()
    with answered(page):
        # Unlike a person's click this leaves the focus where it is.
        page.get_by_role("button", name="Zoom in").evaluate("button => button.click()")
    expect(entry).to_be_focused()


def test_charts_say_their_current_values(page: Page, server: Server) -> None:
    opened(page, server, run=server.home.example().id, step=13)
    expect(page.get_by_role("img", name=re.compile("Accuracy, %.*Now 69.0 at step 13"))).to_be_visible()
    slider(page).focus()
    page.keyboard.press("End")
    expect(page.get_by_role("img", name=re.compile("Label flips.*Now 483 at step 500"))).to_be_visible()
