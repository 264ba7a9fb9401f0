"""The Images page in a real browser on a real server."""

import re
from collections.abc import Callable

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from enigma.analysis.metrics import prediction_flips
from enigma.analysis.reading import trajectory
from tests.browser.pages import address, at, opened
from tests.browser.serving import Server
from tests.browser.waiting import answered

pytestmark = pytest.mark.browser


def shown(page: Page) -> list[int]:
    """The places in the probe of the images on screen, in their order."""
    alts = page.locator(".ee-card img").evaluate_all("images => images.map(image => image.alt)")
    return [int(re.findall(r"\d+", alt)[0]) for alt in alts]


def test_selection_in_the_address_is_what_is_shown(page: Page, server: Server, screenshot: Callable) -> None:
    opened(page, server, "images", selected="3,29,17", step=13)
    expect(page.locator(".ee-card")).to_have_count(3)
    assert shown(page) == [3, 17, 29]
    expect(page.get_by_text("3 of 3 images")).to_be_visible()
    page.wait_for_url(re.compile("group=selected"))
    # The images themselves are there, not only their frames.
    widths = page.locator(".ee-card img").evaluate_all("images => images.map(image => image.naturalWidth)")
    assert widths == [32, 32, 32]
    screenshot("images-selected")


def test_card_leads_to_the_watch_page_at_the_step_of_its_flip(page: Page, server: Server) -> None:
    run = trajectory(server.home.example(), "pca")
    image = int(prediction_flips.members(run, "last-to-flip", 17)[0])
    step = int(run.steps[prediction_flips.first_flips(run)[image]])
    assert step > 0
    opened(page, server, "images", selected=image)
    page.get_by_role("link", name=f"Watch image {image} at step {step}").click()
    expect(page.locator(".readout .now")).to_have_text(str(step))
    expect(page.get_by_label("Colour by")).to_have_value("prediction")
    assert f"selected={image}" in page.url


def test_pair_of_classes_filters_the_grid_and_lives_in_the_address(page: Page, server: Server) -> None:
    run = trajectory(server.home.example(), "pca")
    pair = prediction_flips.pairs(run, 17)[0]
    name = f"{run.classes[pair.before]} → {run.classes[pair.after]} · {pair.count}"
    opened(page, server, "images")
    # The number of images comes before their cards.
    with answered(page):
        page.get_by_text(name, exact=True).click()
    expect(page.get_by_text(f"24 of {pair.count} images")).to_be_visible()
    page.wait_for_url(re.compile(f"pair={pair.before}-{pair.after}"))
    for image in shown(page):
        assert (run.predictions[0, image], run.predictions[17, image]) == (pair.before, pair.after)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    table = pd.read_csv(download.value.path())
    assert table["probe"].tolist() == shown(page)
    assert set(table["predicted"]) == {run.classes[pair.after]}
    other = at(page.context.new_page(), page.url)
    expect(other.get_by_text(f"24 of {pair.count} images")).to_be_visible()
    expect(other.locator(".ee-card")).to_have_count(24)
    assert shown(other) == shown(page)


def test_step_is_chosen_by_keyboard_and_the_address_follows(page: Page, server: Server) -> None:
    run = trajectory(server.home.example(), "pca")
    opened(page, server, "images", group="highest-entropy")
    before = shown(page)
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile(r"step=347(&|$)"))
    expect(page.locator(".ee-card dt", has_text="step 347").first).to_be_visible()
    assert shown(page) == prediction_flips.members(run, "highest-entropy", 16)[:24].tolist() != before


def test_change_of_step_changes_all_cards_together(page: Page, server: Server) -> None:
    opened(page, server, "images", count=96, group="most-changed")
    for step in (347, 241, 167):
        page.get_by_role("slider").focus()
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".ee-card")).to_have_count(96)
        expect(page.locator(".ee-card dt", has_text=re.compile(f"^step {step}$"))).to_have_count(96)


def test_frame_0_says_that_nothing_has_flipped_yet(page: Page, server: Server) -> None:
    opened(page, server, "images", group="flipped-to-wrong", step=0)
    expect(page.get_by_text("No prediction differs from step 0 at step 0.")).to_be_visible()
    expect(page.get_by_text("No image belongs here at step 0.")).to_be_visible()


def test_unknown_run_is_explained(page: Page, server: Server) -> None:
    page.goto(address(server, "images", run="000000000000"))
    expect(page.get_by_text("Expected the id of a stored run")).to_be_visible()
    expect(page.get_by_text("Show the bundled run")).to_be_visible()


def test_nonsense_in_the_address_is_passed_over(page: Page, server: Server) -> None:
    nonsense = {
        "group": "<b>",
        "step": -5,
        "class": 99,
        "sort": "up",
        "count": "1e9",
        "pair": "a-b",
        "selected": "x,5000",
    }
    opened(page, server, "images", **nonsense)
    expect(page.locator(".ee-card").first).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
