"""The Watch page in a real browser: what a person sees on it, and where its addresses lead."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from enigma.jobs import worker
from tests.browser.pages import address, at, button, fill, form, opened, slider
from tests.browser.serving import Server
from tests.browser.waiting import painted, rested, settled

pytestmark = pytest.mark.browser


def test_first_visit_shows_a_recorded_run(page: Page, server: Server, screenshot: Callable) -> None:
    opened(page, server)
    expect(page.get_by_role("heading", name=re.compile("Tent"))).to_be_visible()
    expect(page.get_by_text("What to look for.")).to_be_visible()
    for tile in ("source", "first", "best", "now"):
        # Two of a kind would mean that an old view was left behind.
        expect(page.locator(f"[data-tile={tile}] .value")).to_have_text(re.compile(r"\d+\.\d %"))
    screenshot("watch-light")


def test_keyboard_scrubs_and_the_address_follows(page: Page, server: Server) -> None:
    opened(page, server)
    slider(page).focus()
    page.keyboard.press("End")
    expect(slider(page)).to_have_attribute("aria-valuenow", "17")
    last = page.locator(".readout .now").inner_text()
    expect(page.locator("[data-tile=phase] .value")).to_contain_text("2")
    page.wait_for_url(re.compile(f"step={last}(&|$)"))
    page.keyboard.press("Home")
    page.wait_for_url(re.compile(r"step=0(&|$)"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(slider(page)).to_have_attribute("aria-valuenow", "2")


def test_scrubbing_changes_tiles_and_picture_together(page: Page, server: Server) -> None:
    opened(page, server)
    canvas = page.locator(".stage canvas").first
    before, accuracy = canvas.screenshot(), page.locator("[data-tile=now] .value").inner_text()
    box = slider(page).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.97, box["y"] + box["height"] / 2)
    expect(page.locator("[data-tile=now] .value")).not_to_have_text(accuracy)
    painted(page)
    assert canvas.screenshot() != before


def test_link_opens_the_same_view(page: Page, server: Server) -> None:
    opened(page, server)
    page.get_by_label("Colour by").select_option("entropy")
    slider(page).focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(slider(page)).to_have_attribute("aria-valuenow", "5")
    step = page.locator(".readout .now").inner_text()
    page.wait_for_url(re.compile(f"step={step}(&|$)"))
    page.wait_for_url(re.compile("color=entropy"))
    other = at(page.context.new_page(), page.url)
    expect(other.locator(".readout .now")).to_have_text(step)
    expect(other.get_by_label("Colour by")).to_have_value("entropy")


def test_unknown_run_is_explained_and_leads_back(page: Page, server: Server) -> None:
    page.goto(address(server, run="000000000000"))
    expect(page.get_by_text("Expected the id of a stored run")).to_be_visible()
    expect(page.get_by_text("Show the bundled run")).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_choices_show_what_they_do_to_images_before_running(page: Page, server: Server) -> None:
    form(opened(page, server))
    # The form slides in, and the images in it come after.
    settled(page)
    rested(page)
    preview = page.get_by_test_id("stImage").locator("img")
    before = preview.get_attribute("src")
    page.get_by_role("combobox", name=re.compile("Shift")).click()
    page.get_by_role("option", name="Contrast").click()
    expect(preview).not_to_have_attribute("src", before or "")


def test_bad_field_is_explained_and_run_is_disabled(page: Page, server: Server) -> None:
    form(opened(page, server))
    page.get_by_text("More", exact=True).click()
    fill(page, "Frames", "many")
    expect(page.get_by_text("Frames must be a count such as 18")).to_be_visible()
    expect(button(page, "Run")).to_be_disabled()


def test_training_only_projection_warns_of_what_it_hides(page: Page, server: Server) -> None:
    opened(page, server, run=server.home.example().id, step=500, projection="umap-training")
    expect(page.get_by_text("The collapse is hidden.")).to_be_visible()


def test_failed_continuation_says_why(page: Page, workshop: Server) -> None:
    example = workshop.home.example()
    job = worker.Job(
        "0" * 20, {**example.spec.to_dict(), "batch_size": 1}, example.id, "failed", "", "Expected another batch."
    )
    worker.write(workshop.home, job)
    opened(page, workshop, job=job.id)
    expect(page.get_by_text("Expected another batch.")).to_be_visible()
    expect(slider(page)).to_be_visible()
