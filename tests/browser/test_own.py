"""One's own model, images and stream in a real browser: asked for in the form, inspected, recorded."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from safetensors.torch import save_file

from enigma.store.run_folder import Run
from tests.browser.conftest import Server, overflow, violations
from tests.images import layouts
from tests.models.test_from_spec import tiny

pytestmark = pytest.mark.browser

SLOW = 40_000


def opened(page: Page, server: Server) -> Page:
    page.goto(server.url)
    expect(page.get_by_role("slider", name="Frame")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=SLOW)
    return page


def settled(page: Page) -> None:
    """Until the server has answered the last change."""
    page.wait_for_timeout(300)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SLOW)


def fill(page: Page, label: str, value: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")
    settled(page)


def choose(page: Page, label: str, option: str) -> None:
    """Types the option, because a list shows only as many as fit."""
    field = page.get_by_role("combobox", name=label, exact=True)
    # Scrolling closes an open list.
    field.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    field.click()
    field.fill(option)
    page.get_by_role("option", name=option).first.click()
    settled(page)


def small(page: Page, steps: int = 6) -> None:
    """Few images, few steps."""
    page.get_by_text("More", exact=True).click()
    for label, value in (
        ("Probe images", 40),
        ("Reference images", 40),
        ("Frames", 3),
        ("Batch", 16),
        ("Steps", steps),
    ):
        fill(page, label, str(value))


def recorded(page: Page, server: Server) -> Run:
    """Presses Run and waits for what it records."""
    before = {run.id for run in server.home.listed()}
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url(lambda url: run_of(url) not in before | {""}, timeout=SLOW)
    run = server.home.find(run_of(page.url))
    deadline = time.monotonic() + 120
    # The controls of the run before may still be on screen.
    while run.state != "finished":
        assert time.monotonic() < deadline, run.status
        page.wait_for_timeout(200)
    expect(page.get_by_role("button", name="Step +1")).to_be_visible(timeout=2 * SLOW)
    run.verify()
    return run


def run_of(url: str) -> str:
    found = re.search("run=([0-9a-f]{12})", url)
    return found[1] if found else ""


def inspected(page: Page) -> Locator:
    page.get_by_role("button", name="Inspect").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=SLOW)
    return dialog


@pytest.fixture
def own_model(server: Server) -> Path:
    """A module of the user's own where the server was started, and weights with their card."""
    (server.home.path / "mynetworks.py").write_text(
        "from torch import nn\n\n\ndef tiny(num_classes=10):\n    return nn.Sequential(nn.Conv2d(3, 4, 3), "
        "nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, num_classes))\n"
    )
    path = server.home.path / "mine.safetensors"
    save_file(tiny(10).state_dict(), path)
    card = {"mean": [0.3] * 3, "std": [0.3] * 3, "input_size": 32}
    path.with_suffix(".json").write_text(json.dumps(card))
    return path


def test_correlated_dirichlet_stream_is_asked_for_and_recorded(
    page: Page, server: Server, screenshot: Callable
) -> None:
    opened(page, server)
    page.get_by_text("Stream", exact=True).click()
    expect(page.get_by_label("Dirichlet concentration", exact=True)).to_have_count(0)
    choose(page, "Order", "Correlated in time")
    fill(page, "Dirichlet concentration", "0.05")
    fill(page, "Class imbalance, first to last", "5")
    screenshot("own-stream")
    assert violations(page) == []
    small(page)
    spec = recorded(page, server).spec
    assert (spec.order, spec.dirichlet, spec.imbalance, spec.steps) == ("correlated", 0.05, 5.0, 6)


def test_continual_sequence_of_shifts_is_asked_for_and_recorded(
    page: Page, server: Server, screenshot: Callable
) -> None:
    opened(page, server)
    page.get_by_text("Stream", exact=True).click()
    choose(page, "Sequence", "Continual")
    expect(page.get_by_text("Expected several corruptions")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    choose(page, "Followed by", "Contrast")
    choose(page, "Followed by", "Fog")
    page.keyboard.press("Escape")
    fill(page, "Steps each part lasts", "2")
    screenshot("own-continual")
    assert violations(page) == []
    small(page)
    run = recorded(page, server)
    assert run.spec.corruptions == ("impulse_noise", "contrast", "fog")
    assert (run.spec.sequence, run.spec.period) == ("continual", 2)
    heading = page.get_by_role("heading", name="Impulse noise → Contrast → Fog 4, continual")
    # While the page is drawn anew, the old one is still there.
    expect(heading.first).to_be_visible(timeout=SLOW)


def test_own_model_on_own_folder_is_inspected_and_recorded(
    page: Page, server: Server, own_model: Path, tmp_path: Path, screenshot: Callable
) -> None:
    opened(page, server)
    choose(page, "Model", "Own checkpoint")
    fill(page, "Architecture", "mynetworks:tiny")
    fill(page, "Weights", str(own_model))
    choose(page, "Dataset", "Own images")
    fill(page, "Folder, .npz or .tar", str(layouts.classes(tmp_path / "photos", count=60)))
    expect(page.get_by_text("Folder photos: 60 images, 32x32, labels found in 10 classes")).to_be_visible(timeout=SLOW)
    expect(page.get_by_label("Class map", exact=True)).to_be_visible()
    fill(page, "Reference folder", "none")
    assert violations(page) == []
    dialog = inspected(page)
    expect(dialog.get_by_text("mean 0.3")).to_be_visible(timeout=SLOW)
    screenshot("own-inspect")
    assert violations(page) == []
    page.keyboard.press("Escape")
    small(page)
    run = recorded(page, server)
    assert (run.spec.model, run.spec.weights) == ("mynetworks:tiny", str(own_model))
    assert run.facts["missing"].keys() >= {"shift_distance"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_inspect_describes_images_and_preprocessing(
    page: Page, server: Server, tmp_path: Path, scheme: str, screenshot: Callable
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, server)
    choose(page, "Dataset", "Own images")
    fill(page, "Folder, .npz or .tar", str(layouts.cifar_c(tmp_path / "CIFAR-10-C")))
    expect(page.get_by_text(re.compile("Expected .* to be one of those in .*fog, gaussian_noise"))).to_be_visible(
        timeout=SLOW
    )
    choose(page, "Shift", "Gaussian noise")
    page.get_by_role("radio", name="3", exact=True).click()
    told = "CIFAR-10-C, gaussian_noise, severity 3: 40 images, 32x32, labels found"
    expect(page.get_by_text(told)).to_be_visible(timeout=SLOW)
    fill(page, "Reference folder", "bundled")
    dialog = inspected(page)
    expect(dialog.get_by_text(told)).to_be_visible(timeout=SLOW)
    expect(dialog.get_by_text("Preprocessing.")).to_be_visible()
    expect(dialog.get_by_text("There are 40 images: set `probes` to at most that")).to_be_visible()
    expect(dialog.get_by_role("img").first).to_be_visible()
    page.wait_for_timeout(800)
    screenshot(f"own-inspect-cifar-{scheme}")
    assert violations(page) == []
    assert overflow(page) <= 0


def test_wrong_path_is_one_clear_sentence(page: Page, server: Server) -> None:
    opened(page, server)
    choose(page, "Dataset", "Own images")
    fill(page, "Folder, .npz or .tar", "/nowhere/photos")
    sentence = re.compile("Expected .* to be a bundled name, a folder of images, .* but got '/nowhere/photos'")
    expect(page.get_by_text(sentence)).to_be_visible(timeout=SLOW)
    dialog = inspected(page)
    expect(dialog.get_by_text(sentence)).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Traceback")).to_have_count(0)
    assert violations(page) == []


def test_npz_is_uploaded_kept_and_recorded(page: Page, server: Server, tmp_path: Path, screenshot: Callable) -> None:
    pictures, labels = layouts.bundled(60)
    np.savez(tmp_path / "photos.npz", images=pictures, labels=labels)
    np.savez(tmp_path / "wrong.npz", pictures=pictures)
    opened(page, server)
    choose(page, "Dataset", "Own images")
    chooser = page.get_by_test_id("stSidebar").locator("input[type=file]")
    chooser.set_input_files(tmp_path / "wrong.npz")
    sentence = "Expected wrong.npz to hold an array 'images', but it holds pictures."
    expect(page.get_by_text(sentence)).to_be_visible(timeout=SLOW)
    assert not list(server.home.uploads.glob("*"))
    chooser.set_input_files(tmp_path / "photos.npz")
    expect(page.get_by_text("photos.npz: 60 images, 32x32, labels found")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text(sentence)).to_have_count(0)
    (kept,) = server.home.uploads.glob("*/photos.npz")
    expect(page.get_by_label("Folder, .npz or .tar", exact=True)).to_have_value(str(kept))
    screenshot("own-upload")
    assert violations(page) == []
    fill(page, "Reference folder", "bundled")
    small(page)
    assert recorded(page, server).spec.dataset == str(kept)
