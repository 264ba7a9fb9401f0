"""Run, step, colouring and selection go from page to page and back, in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from enigma.jobs import queue, worker
from tests.browser.pages import address, button, opened, to
from tests.browser.serving import Server
from tests.browser.stored import LONG, TINY, TINY_WITH_UNKNOWN, placed
from tests.browser.waiting import rested, settled, until

pytestmark = pytest.mark.browser


def at(run: str, step: int) -> Callable[[str], bool]:
    """Whether an address names this run and step."""
    return lambda url: f"run={run}" in url and re.search(rf"step={step}(&|$)", url) is not None


def test_place_goes_through_all_pages_and_back(page: Page, server: Server) -> None:
    opened(page, server, run=TINY_WITH_UNKNOWN, step=3, color="prediction", selected="1,2", zoom="2,0,0")
    here = at(TINY_WITH_UNKNOWN, 3)
    for title in ("Images", "Compare", "Unknowns", "Estimate"):
        to(page, title)
        page.wait_for_url(here)
        settled(page)
        assert "color=prediction" in page.url
        assert re.search(r"selected=1(,|%2C)2", page.url)
    for title in ("Learn", "Functional", "Paper", "Runs"):
        to(page, title)
        page.wait_for_url(re.compile(f"/{title.lower()}"))
        settled(page)
    to(page, "Watch")
    page.wait_for_url(here)
    settled(page)
    expect(page.locator(".readout .now")).to_have_text("3")
    expect(page.get_by_label("Colour by")).to_have_value("prediction")
    assert re.search(r"zoom=2(,|%2C)0(,|%2C)0", page.url)


def test_what_changes_on_another_page_has_changed_on_watch(page: Page, server: Server) -> None:
    opened(page, server, run=TINY, step=3, color="entropy")
    to(page, "Images")
    page.wait_for_url(at(TINY, 3))
    settled(page)
    page.get_by_role("slider").press("ArrowRight")
    page.wait_for_url(at(TINY, 8))
    rested(page)
    to(page, "Watch")
    page.wait_for_url(at(TINY, 8))
    expect(page.locator(".readout .now")).to_have_text("8")
    expect(page.get_by_label("Colour by")).to_have_value("entropy")


@pytest.mark.parametrize("name", ["watch", "images", "estimate", "unknowns"])
def test_run_that_is_not_there_is_said_and_the_address_stays(page: Page, server: Server, name: str) -> None:
    page.goto(address(server, name, run="doesnotexist"))
    expect(page.get_by_text("Expected the id of a stored run, but got")).to_be_visible()
    settled(page)
    assert "run=doesnotexist" in page.url
    expect(page.locator("canvas")).to_have_count(0)


def test_run_without_unknown_images_is_told_of_where_it_was_asked_for(page: Page, server: Server) -> None:
    page.goto(address(server, "unknowns", run=TINY))
    expect(page.get_by_text("has no unknown images, so there is nothing to tell apart")).to_be_visible()
    settled(page)
    assert f"run={TINY}" in page.url
    page.get_by_role("link", name="Watch it").click()
    page.wait_for_url(lambda url: "/unknowns" not in url and f"run={TINY}" in url)


def test_run_that_stands_in_on_unknowns_leaves_the_place_as_it_was(page: Page, server: Server) -> None:
    opened(page, server, run=TINY, step=3)
    to(page, "Unknowns")
    expect(page.get_by_text("The run last looked at has no unknown images")).to_be_visible()
    settled(page)
    assert f"run={TINY}" not in page.url
    to(page, "Watch")
    page.wait_for_url(at(TINY, 3))


def test_chip_cancels_what_goes_on_from_any_page(page: Page, workshop: Server, screenshot: Callable) -> None:
    placed(workshop.home)
    job = worker.submit(workshop.home, LONG)
    until(lambda: (queue.find(workshop.home, job.id) or job).run_id, "the run has begun")
    opened(page, workshop, "functional")
    expect(page.get_by_role("button", name=re.compile("^1 running"))).to_be_visible()
    screenshot("chip-cancel")
    button(page, "Cancel job").click()
    until(lambda: not queue.active(workshop.home), "the job is cancelled")
    expect(button(page, "Cancel job")).to_have_count(0)
