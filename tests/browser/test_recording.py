"""Recording from the Watch page in a real browser: Run, Pause, Resume, Stop, Step, and what comes of it."""

import io
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from enigma.store import archive, collection
from enigma.store.run_folder import Run
from tests.browser.pages import button, fill, fill_small, form, led_to_run, opened, run_of, slider
from tests.browser.serving import Server
from tests.browser.stored import placed
from tests.browser.waiting import until

pytestmark = pytest.mark.browser


def start_run(page: Page, server: Server, *, steps: int, learning_rate: str = "") -> Run:
    """Fills the form for a small run, presses Run, and waits until the run has begun."""
    opened(page, server)
    before = run_of(page.url)
    if learning_rate:
        fill(page, "Learning rate", learning_rate)
    fill_small(page, steps)
    button(page, "Run").click()
    return server.home.find(led_to_run(page, server, {before}))


def test_complete_run_from_the_form_to_the_exports(page: Page, workshop: Server, tmp_path: Path) -> None:
    run = start_run(page, workshop, steps=6)
    expect(page.get_by_text("· finished")).to_be_visible()
    # The run is finished before its projection is; the controls come back when the whole job is done.
    expect(button(page, "Step +1")).to_be_visible()
    run.verify()
    assert run.spec.steps == 6
    button(page, "Export").click()
    for kind, begins in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("html", b"<")):
        content = downloaded(page, kind.upper())
        assert content.startswith(begins), kind
        assert run.id.encode() in content
    page.get_by_role("tab", name="Data").click()
    table = pd.read_csv(io.BytesIO(downloaded(page, "Frames CSV")))
    assert table["step"].tolist() == list(run.frame_steps)
    page.get_by_role("tab", name="Share").click()
    content = downloaded(page, "Zip")
    assert f"{run.id}/run.json" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    # It opens in another installation.
    (tmp_path / "runs").mkdir()
    archive.import_zip(content, tmp_path / "runs").verify()


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as download:
        button(page, name).first.click()
    return Path(download.value.path()).read_bytes()


def test_step_goes_on_from_where_the_run_stands(page: Page, workshop: Server) -> None:
    run = placed(workshop.home)
    steps = run.spec.steps
    form(opened(page, workshop, run=run.id))
    button(page, "Step +1").click()
    longer = workshop.home.find(led_to_run(page, workshop, {run.id}))
    assert longer.spec.steps == steps + 1
    # While the page is drawn anew, the shorter run is still there; then it is gone.
    expect(page.locator(".readout .last", has_text=f"of {steps + 1}")).to_be_visible()
    expect(page.locator(".scrubber")).to_have_count(1)
    until(lambda: longer.state == "finished", "the longer run is finished")


def test_run_goes_on_without_a_page_and_can_be_paused_resumed_and_stopped(page: Page, workshop: Server) -> None:
    run = start_run(page, workshop, steps=100_000)
    expect(button(page, "Pause")).to_be_visible()
    page.goto("about:blank")
    before = run.status["step"]
    until(lambda: run.status["step"] > before, "the run goes on without a page")
    # Without an address, a new tab finds what goes on.
    tab = opened(page.context.new_page(), workshop)
    button(tab, "Pause").click()
    expect(button(tab, "Resume")).to_be_visible()
    assert run.state == "paused"
    # Who followed it stays where it stands, however many frames came with the pause.
    expect(tab.get_by_role("slider", name="Frame")).to_have_attribute("aria-valuenow", str(len(run.frame_steps) - 1))
    button(tab, "Resume").click()
    button(tab, "Stop").click()
    # Its button may still be there from before.
    until(lambda: run.state == "stopped", "the run is stopped")
    expect(button(form(tab).page, "Step +1")).to_be_visible()


def test_failed_run_says_at_which_step_and_what_to_do(page: Page, workshop: Server) -> None:
    start_run(page, workshop, steps=30, learning_rate="100000000000000000000")
    expect(page.get_by_text(re.compile("Expected a finite loss.*at step")).first).to_be_visible()


def test_zip_of_another_installation_is_imported_and_shown(page: Page, workshop: Server, tmp_path: Path) -> None:
    run = placed(workshop.home)
    zipped = tmp_path / "run.zip"
    zipped.write_bytes(archive.export_zip(run))
    collection.delete(run)
    opened(page, workshop)
    button(page, "Open run").click()
    page.locator("input[type=file]").first.set_input_files(zipped)
    page.wait_for_url(re.compile(f"run={run.id}"))
    expect(slider(page)).to_have_attribute("aria-valuemax", "3")
    assert workshop.home.find(run.id).state == "finished"
