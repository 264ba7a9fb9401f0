"""The strip of true distances below the picture, in a real browser, beside the numbers of the run."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from enigma.analysis.reading import trajectory
from enigma.analysis.trajectory import Trajectory
from tests.browser.pages import opened, slider
from tests.browser.serving import Server
from tests.browser.waiting import painted

pytestmark = pytest.mark.browser

# Stored distances are exact to 1 % in this run, and three digits are written.
EXACT = 0.01


def strip(page: Page) -> Locator:
    return page.locator(".distances canvas")


def medians(page: Page) -> tuple[float, float]:
    """Of the test and of the training images, as the strip says them."""
    painted(page)
    said = strip(page).get_attribute("aria-label") or ""
    test, training = re.findall(r"median (\d[\d.]*\d)", said)
    return float(test), float(training)


@pytest.fixture(scope="module")
def run(server: Server) -> Trajectory:
    return trajectory(server.home.example())


def test_its_medians_are_those_of_the_run_at_every_step(page: Page, server: Server, run: Trajectory) -> None:
    opened(page, server, run=server.home.example().id)
    for key, step in (("Home", 0), ("ArrowRight", 1), ("End", 500)):
        slider(page).focus()
        page.keyboard.press(key)
        expect(strip(page)).to_have_attribute("aria-label", re.compile(f"at step {step}\\."))
        truth = np.median(run.distances[run.frame_at(step)]), np.median(run.reference_distances)
        np.testing.assert_allclose(medians(page), truth, rtol=EXACT)
    expect(page.locator(".distances .title")).to_have_text("Distance to the own class mean, embedding units")


def test_it_shows_what_is_selected_and_what_is_not_hidden(page: Page, server: Server, run: Trajectory) -> None:
    trousers = np.flatnonzero(run.labels == 1)[:40]
    opened(page, server, run=server.home.example().id, step=500, selected=",".join(map(str, trousers)))
    expect(page.locator(".distances .tests")).to_have_text("40 selected")
    own = run.reference_distances[run.reference_labels == 1]
    np.testing.assert_allclose(medians(page), (np.median(run.distances[-1, trousers]), np.median(own)), rtol=EXACT)
    before = strip(page).screenshot()
    page.locator(".selection .clear").click()
    expect(page.locator(".distances .tests")).to_have_text("test images")
    page.get_by_role("button", name="Trouser", exact=True).click()
    rest = run.labels != 1
    expect(page.locator(".distances .tests")).to_have_text(f"{rest.sum()} shown")
    np.testing.assert_allclose(medians(page)[0], np.median(run.distances[-1, rest]), rtol=EXACT)
    assert strip(page).screenshot() != before
