"""One's own model, images and stream in a real browser: asked for in the form, inspected, recorded."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from safetensors.torch import save_file

from enigma.store.run_folder import Run
from tests.browser.pages import button, fill, fill_small, form, led_to_run, opened
from tests.browser.serving import Server
from tests.browser.soundness import expect_sound
from tests.browser.waiting import settled, until
from tests.images import layouts
from tests.models.test_from_spec import tiny

pytestmark = pytest.mark.browser


def choose(page: Page, label: str, option: str) -> None:
    """Types the option, because a list shows only as many as fit."""
    field = page.get_by_role("combobox", name=label, exact=True)
    # Scrolling closes an open list, and so does a form that grows above it.
    field.scroll_into_view_if_needed()
    settled(page)
    field.click()
    field.fill(option)
    page.get_by_role("option", name=option).first.click()


def recorded(page: Page, server: Server) -> Run:
    """Records few steps on few images, as the form says for the rest, and waits until the job is over."""
    fill_small(page, steps=6)
    before = {run.id for run in server.home.listed()}
    button(page, "Run").click()
    run = server.home.find(led_to_run(page, server, before))
    # The controls of the run before may still be on screen.
    until(lambda: run.state == "finished", "the run is finished")
    expect(button(page, "Step +1")).to_be_visible()
    run.verify()
    return run


def inspected(page: Page) -> Locator:
    button(page, "Inspect").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


@pytest.fixture
def own_model(workshop: Server) -> Path:
    """A module of the user's own where the server was started, and weights with their card."""
    (workshop.home.path / "mynetworks.py").write_text(
        "from torch import nn\n\n\ndef tiny(num_classes=10):\n    return nn.Sequential(nn.Conv2d(3, 4, 3), "
        "nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, num_classes))\n"
    )
    path = workshop.home.path / "mine.safetensors"
    save_file(tiny(10).state_dict(), path)
    card = {"mean": [0.3] * 3, "std": [0.3] * 3, "input_size": 32}
    path.with_suffix(".json").write_text(json.dumps(card))
    return path


def test_correlated_dirichlet_stream_is_asked_for_and_recorded(
    page: Page, workshop: Server, screenshot: Callable
) -> None:
    form(opened(page, workshop))
    page.get_by_text("Stream", exact=True).click()
    expect(page.get_by_label("Dirichlet concentration", exact=True)).to_have_count(0)
    choose(page, "Order", "Correlated in time")
    fill(page, "Dirichlet concentration", "0.05")
    fill(page, "Class imbalance, first to last", "5")
    screenshot("own-stream")
    expect_sound(page)
    spec = recorded(page, workshop).spec
    assert (spec.order, spec.dirichlet, spec.imbalance, spec.steps) == ("correlated", 0.05, 5.0, 6)


def test_continual_sequence_of_shifts_is_asked_for_and_recorded(
    page: Page, workshop: Server, screenshot: Callable
) -> None:
    form(opened(page, workshop))
    page.get_by_text("Stream", exact=True).click()
    choose(page, "Sequence", "Continual")
    expect(page.get_by_text("Expected several corruptions")).to_be_visible()
    expect(button(page, "Run")).to_be_disabled()
    choose(page, "Followed by", "Contrast")
    choose(page, "Followed by", "Fog")
    page.keyboard.press("Escape")
    fill(page, "Steps each part lasts", "2")
    screenshot("own-continual")
    expect_sound(page)
    run = recorded(page, workshop)
    assert run.spec.corruptions == ("impulse_noise", "contrast", "fog")
    assert (run.spec.sequence, run.spec.period) == ("continual", 2)
    heading = page.get_by_role("heading", name="Impulse noise → Contrast → Fog 4, continual")
    # While the page is drawn anew, the old one is still there.
    expect(heading.first).to_be_visible()


def test_own_model_on_own_folder_is_inspected_and_recorded(
    page: Page, workshop: Server, own_model: Path, tmp_path: Path, screenshot: Callable
) -> None:
    form(opened(page, workshop))
    choose(page, "Model", "Own checkpoint")
    fill(page, "Architecture", "mynetworks:tiny")
    fill(page, "Weights", str(own_model))
    choose(page, "Dataset", "Own images")
    fill(page, "Folder, .npz, .parquet or .tar", str(layouts.classes(tmp_path / "photos", count=60)))
    expect(page.get_by_text("Folder photos: 60 images, 32x32, labels found in 10 classes")).to_be_visible()
    expect(page.get_by_label("Class map", exact=True)).to_be_visible()
    fill(page, "Reference folder", "none")
    expect_sound(page)
    dialog = inspected(page)
    expect(dialog.get_by_text("mean 0.3")).to_be_visible()
    screenshot("own-inspect")
    expect_sound(page)
    page.keyboard.press("Escape")
    run = recorded(page, workshop)
    assert (run.spec.model, run.spec.weights) == ("mynetworks:tiny", str(own_model))
    assert run.facts["missing"].keys() >= {"shift_distance"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_inspect_describes_images_and_preprocessing(
    page: Page, workshop: Server, tmp_path: Path, scheme: str, screenshot: Callable
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    form(opened(page, workshop))
    choose(page, "Dataset", "Own images")
    fill(page, "Folder, .npz, .parquet or .tar", str(layouts.cifar_c(tmp_path / "CIFAR-10-C")))
    expect(page.get_by_text(re.compile("Expected .* to be one of those in .*fog, gaussian_noise"))).to_be_visible()
    choose(page, "Shift", "Gaussian noise")
    page.get_by_role("radio", name="3", exact=True).click()
    told = "CIFAR-10-C, gaussian_noise, severity 3: 40 images, 32x32, labels found"
    expect(page.get_by_text(told)).to_be_visible()
    fill(page, "Reference folder", "bundled")
    dialog = inspected(page)
    expect(dialog.get_by_text(told)).to_be_visible()
    expect(dialog.get_by_text("Preprocessing.")).to_be_visible()
    expect(dialog.get_by_text("40 probe images instead of 1,000: there are no more.")).to_be_visible()
    expect(dialog.get_by_text("With batch statistics")).to_be_visible()
    expect(dialog.get_by_role("img").first).to_be_visible()
    settled(page)
    screenshot(f"own-inspect-cifar-{scheme}")
    expect_sound(page)


def test_wrong_path_is_one_clear_sentence(page: Page, workshop: Server) -> None:
    form(opened(page, workshop))
    choose(page, "Dataset", "Own images")
    fill(page, "Folder, .npz, .parquet or .tar", "/nowhere/photos")
    sentence = re.compile("Expected .* to be a bundled name, a folder of images, .* but got '/nowhere/photos'")
    expect(page.get_by_text(sentence)).to_be_visible()
    dialog = inspected(page)
    expect(dialog.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
    expect_sound(page)


def test_npz_is_uploaded_kept_and_recorded(page: Page, workshop: Server, tmp_path: Path, screenshot: Callable) -> None:
    pictures, labels = layouts.bundled(60)
    np.savez(tmp_path / "photos.npz", images=pictures, labels=labels)
    np.savez(tmp_path / "wrong.npz", pictures=pictures)
    form(opened(page, workshop))
    choose(page, "Dataset", "Own images")
    chooser = page.get_by_test_id("stSidebar").locator("input[type=file]")
    chooser.set_input_files(tmp_path / "wrong.npz")
    sentence = "Expected wrong.npz to hold an array 'images', but it holds pictures."
    expect(page.get_by_text(sentence)).to_be_visible()
    assert not list(workshop.home.uploads.glob("*"))
    chooser.set_input_files(tmp_path / "photos.npz")
    expect(page.get_by_text("photos.npz: 60 images, 32x32, labels found")).to_be_visible()
    expect(page.get_by_text(sentence)).to_have_count(0)
    (kept,) = workshop.home.uploads.glob("*/photos.npz")
    expect(page.get_by_label("Folder, .npz, .parquet or .tar", exact=True)).to_have_value(str(kept))
    screenshot("own-upload")
    expect_sound(page)
    fill(page, "Reference folder", "bundled")
    assert recorded(page, workshop).spec.dataset == str(kept)
