"""What a person sees of what goes on: the picture that stays, and words for what is being done."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, expect

from enigma.jobs import queue, worker
from enigma.store.run_folder import Run
from tests.browser.pages import button, fill_small, form, opened, run_of, slider, to
from tests.browser.serving import Server
from tests.browser.stored import LONG, placed
from tests.browser.waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture
def going(workshop: Server) -> Run:
    """A run that goes on until it is stopped, which Ann asked for; jobs for any device wait behind it."""
    workshop.home.queue.mkdir(exist_ok=True)
    queue.auto_file(workshop.home).write_text("cpu")
    job = worker.submit(workshop.home, LONG, by="Ann")

    def begun() -> queue.Job | None:
        found = queue.find(workshop.home, job.id)
        return found if found and found.run_id else None

    until(begun, "the run begins")
    run = workshop.home.find(begun().run_id)
    until(lambda: run.frame_steps, "it has a frame")
    return run


@contextmanager
def held(run: Run) -> Iterator[None]:
    """The process that records a run does nothing meanwhile, as if a step took long."""
    process = run.status["process"]
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def until_with_picture(page: Page, condition: Callable[[], object], what: str) -> None:
    """Waits, and sees all the time that there is a picture."""

    def is_so() -> object:
        assert page.locator(".scrubber").count(), "the picture left the page"
        return condition()

    until(is_so, what)


def test_picture_stays_while_a_run_waits_and_begins(page: Page, workshop: Server, going: Run) -> None:
    before = placed(workshop.home)
    opened(page, workshop, run=before.id, step=3, color="prediction")
    fill_small(page, 200)
    button(page, "Run").click()
    expect(page.get_by_text(re.compile("Waiting in place 2 for cpu, after Ann"))).to_be_visible()
    expect(button(page, "Cancel")).to_be_visible()
    assert (run_of(page.url), "step=3" in page.url) == (before.id, True)
    expect(page.locator(".readout")).to_contain_text("3 of 8")
    going.ask("stop")
    until_with_picture(page, lambda: run_of(page.url) != before.id, "the run has begun")
    # The colouring is the person's, the step was another run's.
    assert "color=prediction" in page.url


def test_pause_and_stop_answer_before_the_worker_does(page: Page, workshop: Server, going: Run) -> None:
    form(opened(page, workshop, run=going.id))
    with held(going):
        button(page, "Pause").click()
        expect(button(page, "Pausing …")).to_be_disabled()
        expect(page.get_by_text("· pausing")).to_be_visible()
    expect(button(page, "Resume")).to_be_visible()
    button(page, "Resume").click()
    until_with_picture(page, button(page, "Pause").is_visible, "the run goes on")
    with held(going):
        button(page, "Stop").click()
        expect(button(page, "Stopping …")).to_be_disabled()
        expect(button(page, "Pause")).to_be_disabled()
    until_with_picture(page, button(page, "Step +1").is_visible, "the run is stopped")


def test_watch_returns_to_the_run_and_the_place_in_it(page: Page, workshop: Server, going: Run) -> None:
    run = placed(workshop.home)
    opened(page, workshop, run=run.id, step=3, color="prediction")
    at_rest = page.url
    to(page, "Runs")
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    to(page, "Watch")
    page.wait_for_url(at_rest)
    expect(page.locator(".readout .now")).to_have_text("3")
    expect(page.get_by_label("Colour")).to_have_value("prediction")


def test_chip_on_another_page_tells_how_far_a_run_is_and_leads_to_it(
    page: Page, workshop: Server, going: Run, screenshot: Callable[[str], None]
) -> None:
    run = placed(workshop.home)
    opened(page, workshop, run=run.id)
    chip = page.get_by_role("button", name=re.compile(r"^1 running: step \d[\d,]* of 100,000$"))
    to(page, "Compare")
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    before = chip.inner_text()
    expect(chip).not_to_have_text(before)
    screenshot("chip")
    chip.click()
    page.wait_for_url(lambda url: run_of(url) == going.id)
    expect(button(page, "Pause")).to_be_visible()
    to(page, "Runs")
    to(page, "Watch")
    page.wait_for_url(lambda url: run_of(url) == going.id)
    # On the page itself it leads there too.
    opened(page, workshop, run=run.id)
    screenshot("chip-watch")
    chip.click()
    page.wait_for_url(lambda url: run_of(url) == going.id)
    going.ask("stop")
    expect(chip).to_have_count(0)


def test_projection_is_called_what_it_is_while_another_stands_in(page: Page, workshop: Server, going: Run) -> None:
    opened(page, workshop, run=going.id)
    choice = page.get_by_label("Projection")
    expect(choice.locator("option:checked")).to_have_text("True distances, directions of PCA")
    choice.select_option("umap")
    expect(choice.locator("option:checked")).to_have_text("PCA, in place of UMAP")
    choice.select_option("pca")
    expect(choice.locator("option:checked")).to_have_text("PCA")
    assert choice.locator("option").all_inner_texts().count("PCA") == 1
    going.ask("stop")


def test_picture_can_be_moved_in_while_another_projection_is_computed(page: Page, workshop: Server) -> None:
    run = placed(workshop.home)
    opened(page, workshop, run=run.id)
    os.kill(workshop.process.pid, signal.SIGSTOP)
    try:
        page.get_by_label("Projection").select_option("pca")
        expect(page.locator(".trust")).to_have_text("computing …")
        assert opacity(page.locator(".stages")) == 1
        slider(page).press("End")
        expect(page.locator(".readout .now")).to_have_text("8")
    finally:
        os.kill(workshop.process.pid, signal.SIGCONT)
    expect(page.locator(".trust")).to_contain_text("phase 1")
    expect(page.locator(".readout .now")).to_have_text("8")


def opacity(element: Locator) -> float:
    """How opaque it is, with all that it lies in, also outside its shadow."""
    return element.evaluate(
        """(element) => {
          let opacity = 1;
          for (let at = element; at; at = at.parentElement ?? at.getRootNode().host)
            opacity *= Number(getComputedStyle(at).opacity);
          return opacity;
        }"""
    )
