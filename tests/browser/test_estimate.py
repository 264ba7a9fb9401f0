"""Accuracy without labels in a real browser: a recorded run, a dropped folder, and what cannot be estimated on."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from enigma.analysis.estimators.bundled import bundled
from enigma.jobs.calibrating import recorded, spec_for
from enigma.store.run_folder import Run
from tests.browser.pages import button, opened, to
from tests.browser.serving import Server
from tests.browser.soundness import expect_sound
from tests.browser.waiting import settled
from tests.images.layouts import bundled as pictures

pytestmark = pytest.mark.browser

ACCURACIES = ("Source model", "Frame 0", "Adapted model")


@pytest.fixture(scope="module")
def run(server: Server) -> Run:
    """A shift that the bundled calibration was not fitted on, recorded as on the command line."""
    return recorded(
        spec_for(bundled("resnet-bn"), {"corruption": "brightness", "severity": 2, "probes": 100}), server.home
    )


def folder(root: Path, count: int) -> Path:
    """Unlabelled pictures of the bundled test images."""
    root.mkdir(parents=True)
    for index, image in enumerate(pictures(count)[0]):
        Image.fromarray(np.asarray(image)).save(root / f"photo {index}.png")
    return root


def expect_estimates(page: Page) -> None:
    for name in ACCURACIES:
        card = page.get_by_role("region", name=name, exact=True)
        expect(card.get_by_text(re.compile(r"90 % interval: [\d.]+ to [\d.]+ %"))).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_recorded_run_shows_three_accuracies_with_intervals_and_the_truth(
    page: Page, server: Server, run: Run, scheme: str, screenshot: Callable
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, server, "estimate", run=run.id)
    expect_estimates(page)
    true = f"True accuracy {100 * run.facts['source_accuracy']:.1f} %"
    expect(page.get_by_role("region", name="Source model", exact=True).get_by_text(true)).to_be_visible()
    expect(page.get_by_text(f"enigma estimate {run.id}", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile("Calibrated on 13 labelled splits of 1,000 images"))).to_be_visible()
    screenshot(f"estimate-{scheme}")
    page.get_by_text(re.compile(r"^All estimators \(\d+\)$")).click()
    expect(page.get_by_text("Lu et al. 2023, arXiv:2302.05018")).to_be_visible()
    # Both the cards and, below them, all estimators.
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        settled(page)
        expect_sound(page)
    page.get_by_role("region", name="Frame 0", exact=True).scroll_into_view_if_needed()
    screenshot(f"estimate-phone-{scheme}")


def test_a_first_visit_estimates_the_bundled_run(page: Page, server: Server) -> None:
    opened(page, server, "estimate")
    expect_estimates(page)
    expect(page.get_by_text(f"enigma estimate {server.home.example().id}", exact=True)).to_be_visible()


def test_recorded_run_is_chosen_and_stands_in_the_address(page: Page, server: Server, run: Run) -> None:
    opened(page, server, "estimate")
    page.get_by_role("combobox", name=re.compile("^Run")).click()
    page.get_by_role("option", name=re.compile(run.id)).click()
    # It was recorded with other settings than the bundled run, so another calibration takes over.
    page.wait_for_url(re.compile(f"run={run.id}"))
    expect(page.get_by_text(f"enigma estimate {run.id}", exact=True)).to_be_visible()
    expect_estimates(page)


def test_estimates_are_saved_as_a_table(page: Page, server: Server, run: Run) -> None:
    opened(page, server, "estimate", run=run.id)
    expect_estimates(page)
    with page.expect_download() as saving:
        button(page, "CSV").click()
    rows = list(csv.DictReader(Path(saving.value.path()).read_text().splitlines()))
    assert {row["target"] for row in rows} == {"source", "frame 0", "adapted"}
    assert all(float(row["low"]) <= float(row["accuracy"]) <= float(row["high"]) for row in rows)
    assert {(row["run_id"], row["step"], row["calibration"]) for row in rows} == {(run.id, "200", "resnet-bn")}


def test_estimates_are_saved_as_a_figure_that_says_run_step_and_calibration(
    page: Page, server: Server, run: Run
) -> None:
    opened(page, server, "estimate", run=run.id)
    button(page, "Export figure").click()
    with page.expect_download() as saving:
        button(page, "SVG").click()
    assert saving.value.suggested_filename == f"{run.id}-estimates-step-200.svg"
    text = Path(saving.value.path()).read_text()
    assert f"run {run.id}, step 200, calibration resnet-bn" in text
    assert "&quot;step&quot;: 200" in text or '"step": 200' in text


def test_the_menu_of_the_current_page_is_marked(page: Page, server: Server) -> None:
    opened(page, server, "estimate")
    row = page.get_by_test_id("stTopNav")
    marked = row.get_by_role("button").filter(has=page.locator("strong"))
    expect(marked).to_have_text("Evaluate")
    to(page, "Functional")
    expect(marked).to_have_text("Understand")


def test_dropped_folder_without_labels_goes_through_the_queue_to_estimates(
    page: Page, workshop: Server, tmp_path: Path, screenshot: Callable
) -> None:
    opened(page, workshop, "estimate")
    page.get_by_text("Drop a folder", exact=True).click()
    # Of the two ways to drop something, the one that takes a folder.
    chooser = page.locator("input[type=file][webkitdirectory]")
    expect(chooser).to_be_attached()
    settled(page)
    screenshot("estimate-drop")
    expect_sound(page)
    chooser.set_input_files(folder(tmp_path / "holiday", 40))
    # It waits for the button to be enabled.
    button(page, "Estimate on 40 images").click()
    expect(button(page, "Cancel")).to_be_visible()
    expect_estimates(page)
    found = re.search("run=([0-9a-f]{12})", page.url)
    assert found
    run = workshop.home.find(found[1])
    assert (run.spec.probes, run.spec.steps) == (40, 200)
    assert Path(run.spec.dataset).parent.parent == workshop.home.uploads
    assert len(list(Path(run.spec.dataset).iterdir())) == 40
    assert (run.read_arrays("probe.safetensors")["labels"] == -1).all()
    expect(page.get_by_text("True accuracy")).to_have_count(0)
    expect(page.get_by_text(re.compile("They include the draw of only 40 images"))).to_be_visible()
    screenshot("estimate-dropped")
    expect_sound(page)


def test_wrong_files_are_one_clear_sentence(page: Page, workshop: Server, tmp_path: Path, screenshot: Callable) -> None:
    opened(page, workshop, "estimate")
    page.get_by_text("Drop files", exact=True).click()
    few = sorted(folder(tmp_path / "few", 12).iterdir())
    page.locator("input[type=file]").set_input_files(few)
    page.get_by_role("button", name="Estimate on 12 images").click()
    expect(page.get_by_text(re.compile("Expected at least 32 images, .* but got 12; add images"))).to_be_visible()
    (tmp_path / "broken.png").write_bytes(b"no picture")
    page.locator("input[type=file]").set_input_files(
        [tmp_path / "broken.png", *sorted(folder(tmp_path / "more", 25).iterdir())]
    )
    page.get_by_role("button", name="Estimate on 38 images").click()
    # The others are estimated on, and it is named.
    said = "1 file was left out, because it is no picture that can be read: broken.png."
    expect(page.get_by_text(said)).to_be_visible()
    expect(button(page, "Cancel")).to_be_visible()
    screenshot("estimate-left-out")
    expect_sound(page)
    button(page, "Cancel").click()
    expect(button(page, "Cancel")).to_have_count(0)
    (kept,) = [path for path in workshop.home.uploads.glob("*/*") if len(list(path.iterdir())) == 37]
    assert not list(kept.glob("*broken*"))
