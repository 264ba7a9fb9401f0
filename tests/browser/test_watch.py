"""The Watch page in a real browser on a real server: what a person does, in the order they do it."""

import io
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from enigma.jobs import worker
from enigma.store import archive, run_folder
from tests.browser.conftest import Server, overflow, violations

pytestmark = pytest.mark.browser

SLOW = 60_000


def opened(page: Page, address: str) -> Page:
    """The page at an address, with its run on screen."""
    page.goto(address)
    expect(page.get_by_role("slider", name="Frame")).to_be_visible(timeout=SLOW)
    # A second view in the page would mean that an old one was left behind.
    expect(page.locator("[data-tile=now] .value")).to_contain_text("%")
    return page


def slider(page: Page):
    return page.get_by_role("slider", name="Frame")


def fill(page: Page, label: str, value: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")


def start_run(page: Page, *, steps: int, batch: int = 16) -> None:
    """Fills the form for a small run and presses Run."""
    page.get_by_text("More", exact=True).click()
    fill(page, "Probe images", "60")
    fill(page, "Reference images", "60")
    fill(page, "Frames", "6")
    fill(page, "Batch", str(batch))
    fill(page, "Steps", str(steps))
    before = page.url
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url(lambda url: run_of(url) != run_of(before), timeout=SLOW)


def run_of(url: str) -> str:
    found = re.search("run=([0-9a-f]{12})", url)
    return found.group(1) if found else ""


def run_id(page: Page) -> str:
    """The id of the run on screen, once its job has begun."""
    page.wait_for_url(re.compile("run=[0-9a-f]{12}"), timeout=SLOW)
    return run_of(page.url)


def test_first_visit_shows_a_recorded_run(page: Page, server: Server, screenshot: Callable) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    opened(page, server.url)
    expect(page.get_by_role("heading", name=re.compile("Tent"))).to_be_visible()
    expect(page.get_by_text("What to look for.")).to_be_visible()
    for tile in ("source", "first", "best", "now"):
        expect(page.locator(f"[data-tile={tile}] .value")).to_have_text(re.compile(r"\d+\.\d %"))
    page.wait_for_timeout(1500)
    screenshot("watch-light")
    assert errors == []


def test_keyboard_scrubs_and_the_address_follows(page: Page, server: Server, screenshot: Callable) -> None:
    opened(page, server.url)
    slider(page).focus()
    page.keyboard.press("End")
    expect(slider(page)).to_have_attribute("aria-valuenow", "17")
    last = page.locator(".readout .now").inner_text()
    expect(page.locator("[data-tile=phase] .value")).to_contain_text("2")
    page.wait_for_url(re.compile(f"step={last}(&|$)"))
    screenshot("watch-last-step")
    page.keyboard.press("Home")
    # The first step goes without saying.
    page.wait_for_url(lambda url: "step=" not in url)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(slider(page)).to_have_attribute("aria-valuenow", "2")


def test_scrubbing_changes_tiles_and_picture_together(page: Page, server: Server) -> None:
    opened(page, server.url)
    canvas = page.locator(".stage canvas").first
    before, accuracy = canvas.screenshot(), page.locator("[data-tile=now] .value").inner_text()
    box = slider(page).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.97, box["y"] + box["height"] / 2)
    expect(page.locator("[data-tile=now] .value")).not_to_have_text(accuracy)
    page.wait_for_timeout(600)
    assert canvas.screenshot() != before


def test_link_opens_the_same_view(page: Page, server: Server, browser: Browser) -> None:
    opened(page, server.url)
    page.get_by_label("Colour by").select_option("entropy")
    slider(page).focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(slider(page)).to_have_attribute("aria-valuenow", "5")
    step = page.locator(".readout .now").inner_text()
    page.wait_for_url(re.compile(f"step={step}(&|$)"))
    page.wait_for_url(re.compile("color=entropy"))
    other = opened(browser.new_page(), page.url)
    expect(other.locator(".readout .now")).to_have_text(step)
    expect(other.get_by_label("Colour by")).to_have_value("entropy")
    other.close()


def test_unknown_run_is_explained_and_leads_back(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?run=000000000000")
    expect(page.get_by_text("Expected the id of a stored run")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Show the bundled run")).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_choices_show_what_they_do_to_images_before_running(page: Page, server: Server) -> None:
    opened(page, server.url)
    preview = page.get_by_test_id("stImage").locator("img")
    before = preview.get_attribute("src")
    page.get_by_role("combobox", name=re.compile("Shift")).click()
    page.get_by_role("option", name="Contrast").click()
    expect(preview).not_to_have_attribute("src", before or "", timeout=SLOW)


def test_bad_field_is_explained_and_run_is_disabled(page: Page, server: Server) -> None:
    opened(page, server.url)
    page.get_by_text("More", exact=True).click()
    fill(page, "Frames", "many")
    expect(page.get_by_text("Expected frames to be a count")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()


def test_complete_run_from_the_form_to_the_exports(page: Page, server: Server, tmp_path: Path) -> None:
    opened(page, server.url)
    start_run(page, steps=12)
    run = server.home.find(run_id(page))
    expect(page.get_by_text("finished", exact=False).first).to_be_visible(timeout=3 * SLOW)
    # The run is finished before its projection is; the controls come back when the whole job is done.
    expect(page.get_by_role("button", name="Step +1")).to_be_visible(timeout=2 * SLOW)
    page.wait_for_timeout(1000)
    run.verify()
    assert run.spec.steps == 12
    page.get_by_role("button", name="Export").click()
    for kind, suffix, begins in (("png", "png", b"\x89PNG"), ("svg", "svg", b"<?xml"), ("html", "html", b"<")):
        with page.expect_download(timeout=SLOW) as download:
            page.get_by_role("button", name=kind.upper(), exact=True).first.click()
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(begins), suffix
        assert run.id.encode() in content
    page.get_by_role("tab", name="Data").click()
    with page.expect_download(timeout=SLOW) as download:
        page.get_by_role("button", name="Frames CSV").click()
    table = pd.read_csv(download.value.path())
    assert table["step"].tolist() == list(run.frame_steps)
    page.get_by_role("tab", name="Share").click()
    with page.expect_download(timeout=SLOW) as download:
        page.get_by_role("button", name="Zip").click()
    content = Path(download.value.path()).read_bytes()
    assert f"{run.id}/run.json" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    # It opens in another installation.
    (tmp_path / "runs").mkdir()
    archive.import_zip(content, tmp_path / "runs").verify()


def test_step_and_continue_go_on_from_where_the_run_stands(page: Page, server: Server) -> None:
    run = next(run for run in run_folder.listed(server.home.runs) if run.state == "finished")
    opened(page, f"{server.url}/?run={run.id}")
    page.get_by_role("button", name="Step +1").click()
    deadline = time.monotonic() + 120
    while run.spec.steps == 12 if run.path.exists() else run_folder.find(run.id, server.home.runs).state != "finished":
        assert time.monotonic() < deadline
        page.wait_for_timeout(200)
    longer = run_folder.find(run.id, server.home.runs)
    assert longer.spec.steps == 13
    page.wait_for_url(re.compile(longer.id), timeout=SLOW)
    expect(page.locator(".readout .last", has_text="13")).to_be_visible(timeout=SLOW)


def test_run_goes_on_without_a_page_and_can_be_paused_resumed_and_stopped(
    page: Page, server: Server, browser: Browser
) -> None:
    opened(page, server.url)
    start_run(page, steps=100_000)
    run = server.home.find(run_id(page))
    expect(page.get_by_role("button", name="Pause")).to_be_visible(timeout=SLOW)
    page.goto("about:blank")
    before, deadline = run.status["step"], time.monotonic() + 60
    while run.status["step"] <= before:
        assert time.monotonic() < deadline
        page.wait_for_timeout(200)
    # Without an address, a new tab finds what goes on.
    tab = browser.new_page()
    opened(tab, server.url)
    tab.get_by_role("button", name="Pause").click(timeout=SLOW)
    expect(tab.get_by_role("button", name="Resume")).to_be_visible(timeout=SLOW)
    assert run.state == "paused"
    tab.get_by_role("button", name="Resume").click()
    expect(tab.get_by_role("button", name="Stop")).to_be_visible(timeout=SLOW)
    tab.wait_for_timeout(1500)
    tab.get_by_role("button", name="Stop").click()
    expect(tab.get_by_role("button", name="Step +1")).to_be_visible(timeout=2 * SLOW)
    assert run.state == "stopped"
    tab.close()


def test_failed_run_says_at_which_step_and_what_to_do(page: Page, server: Server) -> None:
    opened(page, server.url)
    fill(page, "Learning rate", "100000000000000000000")
    start_run(page, steps=30)
    expect(page.get_by_text(re.compile("Expected a finite loss.*at step")).first).to_be_visible(timeout=2 * SLOW)


def test_training_only_projection_warns_of_what_it_hides(page: Page, server: Server) -> None:
    opened(page, f"{server.url}/?run={server.home.example().id}&step=500&projection=umap-training")
    expect(page.get_by_text("The collapse is hidden.")).to_be_visible(timeout=SLOW)


def test_zip_of_another_installation_is_imported_and_shown(page: Page, server: Server, tmp_path: Path) -> None:
    run = next(run for run in run_folder.listed(server.home.runs) if run.state == "finished")
    content = archive.export_zip(run)
    archive.delete(run)
    opened(page, server.url)
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Open run").click()
    zipped = tmp_path / "run.zip"
    zipped.write_bytes(content)
    page.locator("input[type=file]").first.set_input_files(zipped)
    page.wait_for_url(lambda url: run_of(url) == run.id, timeout=SLOW)
    expect(page.get_by_role("slider", name="Frame")).to_be_visible(timeout=SLOW)
    assert server.home.find(run.id).state == "finished"


def test_failed_continuation_says_why(page: Page, server: Server) -> None:
    example = server.home.example()
    job = worker.Job(
        "0" * 20, {**example.spec.to_dict(), "batch_size": 1}, example.id, "failed", "", "Expected another batch."
    )
    worker.write(server.home, job)
    page.goto(f"{server.url}/?job={job.id}")
    expect(page.get_by_text("Expected another batch.")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("slider", name="Frame")).to_be_visible(timeout=SLOW)


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1440, 900), (2560, 1440), (400, 800)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_has_no_horizontal_overflow(
    browser: Browser, server: Server, width: int, height: int, scheme: str
) -> None:
    from tests.browser.conftest import SCREENSHOTS

    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, server.url)
    page.wait_for_timeout(1500)
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"watch-{width}-{scheme}.png")
    assert overflow(page) <= 0
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_accessibility_violation(page: Page, server: Server, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, server.url)
    page.wait_for_timeout(1500)
    assert violations(page) == []
