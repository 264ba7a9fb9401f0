"""What the selected images have in common, and how far the picture can be trusted for them, in a real browser."""

import re
from collections import Counter

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from enigma.analysis.reading import trajectory
from enigma.analysis.training_neighbors import training_neighbors
from enigma.store import thumbnails
from tests.browser.pages import opened, slider
from tests.browser.serving import Server
from tests.browser.waiting import painted

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


def test_a_selection_is_summed_up_at_the_present_step_until_the_card_is_closed(page: Page, server: Server) -> None:
    run = trajectory(server.home.example())
    chosen = np.concatenate([np.flatnonzero(run.labels == label)[:count] for label, count in ((1, 30), (7, 20))])
    opened(page, server, run=server.home.example().id, selected=",".join(map(str, chosen)))
    card = page.locator(".card:not(.nearby)")
    for key, frame in (("Home", 0), ("End", -1)):
        slider(page).focus()
        page.keyboard.press(key)
        painted(page)
        right = (run.predictions[frame, chosen] == run.labels[chosen]).mean()
        expect(card.locator("[data-line=accuracy] .value")).to_have_text(f"{100 * right:.1f} %")
        distance = float(card.locator("[data-line=distance] .value").inner_text())
        assert distance == pytest.approx(run.distances[frame, chosen].mean(), rel=0.01)
        expect(card.locator("li strong")).to_have_text(["Trouser 30", "Sneaker 20"])
        named, counts = np.unique(run.predictions[frame, chosen[30:]], return_counts=True)
        commonest = named[np.argmax(counts)]
        expect(card.locator("li span").nth(1)).to_contain_text(f"as {run.classes[commonest]} {counts.max()}")
    card.get_by_role("button", name="Close the summary").focus()
    page.keyboard.press("Enter")
    expect(card).to_be_hidden()
    expect(page.locator(".selection .count")).to_have_text("50 selected")
    # Another selection is another summary.
    page.locator(".selection li button").first.click()
    expect(card.get_by_role("heading")).to_have_text("49 images")
    page.locator(".selection .clear").click()
    expect(card).to_be_hidden()


def test_on_a_phone_the_card_is_below_the_picture(page: Page, server: Server) -> None:
    page.set_viewport_size(PHONE)
    opened(page, server, run=server.home.example().id, selected="3,17,29")
    picture, card = (
        page.locator(name).bounding_box() for name in (".stage:not(.second) > canvas", ".card:not(.nearby)")
    )
    assert picture is not None
    assert card is not None
    assert card["y"] >= picture["y"] + picture["height"]
    assert card["x"] + card["width"] <= PHONE["width"]


def test_doubt_is_grey_with_true_distances_and_told_in_numbers_elsewhere(page: Page, server: Server) -> None:
    opened(page, server, run=server.home.example().id, color="doubt", step=500)
    expect(page.locator(".legend .groups")).to_contain_text("all grey: every image is drawn at its true distance")
    page.get_by_label("Projection").select_option("pca")
    expect(page.locator(".legend .groups")).to_contain_text("grey: as for training images")
    painted(page)
    box = page.locator(".stage:not(.second) > canvas").bounding_box()
    assert box is not None
    # Wherever there is a point to be found, the tooltip says its factor.
    tooltip = page.locator(".stage:not(.second) .tooltip")
    for place in range(400):
        page.mouse.move(box["x"] + box["width"] * (0.1 + 0.002 * place), box["y"] + box["height"] * 0.5)
        if tooltip.is_visible():
            break
    expect(tooltip).to_contain_text(re.compile(r"drawn (\d\.\d × too (near|far)|as far as it is)"))


def test_one_selected_image_is_shown_with_its_nearest_training_images_at_every_step(page: Page, server: Server) -> None:
    run = server.home.example()
    found = training_neighbors(run, (17,))
    assert found is not None
    reference, classes = run.read_arrays("reference.safetensors")["labels"], run.facts["classes"]
    opened(page, server, run=run.id, selected="3,17")
    card = page.locator(".card.nearby")
    expect(card).to_be_hidden()
    without = picture(page)
    # Python looks for the neighbours once the browser has told it of the selection.
    page.locator(".selection li button").first.click()
    for key, frame in (("Home", 0), ("End", -1)):
        slider(page).focus()
        page.keyboard.press(key)
        painted(page)
        counts = Counter(classes[label] for label in reference[found.references[frame, 0]])
        title = card.locator(".title")
        for name, count in counts.items():
            expect(title).to_contain_text(f"{name} {count}")
    pictures = 5 if run.has(thumbnails.REFERENCE) else 0
    expect(card.locator("li canvas")).to_have_count(pictures)
    expect(card.locator(".without")).to_have_text("" if pictures else re.compile("without pictures of its training"))
    assert picture(page) != without
    card.get_by_role("button", name="Close the image").click()
    expect(card).to_be_hidden()
    expect(page.locator(".selection .count")).to_have_text("1 selected")


def picture(page: Page) -> str:
    painted(page)
    return page.locator(".stage:not(.second) > canvas").evaluate("canvas => canvas.toDataURL()")
