"""The Functional page in a real browser on a real server."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import opened
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

PARTS = ("One unit", "A neuron", "A batch", "Layer by layer")


def part_of(page: Page, server: Server, part: str = PARTS[0]) -> Locator:
    """The page with one of its parts on screen; returns that part."""
    opened(page, server, "functional", part=part)
    shown = page.get_by_role("tabpanel").filter(visible=True)
    expect(shown.locator(".lab svg").first).to_be_visible()
    expect(page.get_by_role("tab", name=part)).to_have_attribute("aria-selected", "true")
    return shown


def tile(part: Locator, name: str) -> Locator:
    return part.locator(".tile", has_text=name).locator("dd")


def test_z_follows_mouse_keyboard_and_buttons_without_the_server(page: Page, server: Server) -> None:
    part = part_of(page, server)
    expect(tile(part, "H, bits")).to_have_text("0.5271")
    part.get_by_role("button", name="steepest").click()
    expect(tile(part, "H, bits")).to_have_text("0.6713")
    expect(tile(part, "dH/dz")).to_have_text("−0.3230")
    z = part.get_by_role("slider", name="z", exact=True)
    z.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(z).to_have_attribute("aria-valuetext", re.compile(r"^z 1\.58, D 0\.829, H 0\.660"))
    part.get_by_role("button", name="z = 0").click()
    expect(tile(part, "descent pushes")).to_have_text("nowhere")
    part.get_by_role("button", name="one step").click()
    expect(tile(part, "H, bits")).to_have_text("1.0000")
    plot = part.locator(".plot svg").first
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 50, box["y"] + 100)
    page.mouse.up()
    expect(tile(part, "descent pushes")).to_have_text("down, to −∞")


def test_neuron_descends_and_its_start_decides_the_answer(page: Page, server: Server) -> None:
    part = part_of(page, server, "A neuron")
    story = part.locator(".story")
    answers = []
    for start in ("along", "against"):
        part.get_by_role("button", name=start, exact=True).click()
        expect(story).to_contain_text("Step 0:")
        part.get_by_role("button", name="Play").click()
        expect(story).to_contain_text(re.compile(r"Step \d{2,}:"))
        part.get_by_role("button", name="Pause").click()
        expect(story).to_contain_text("w − G has changed by 0.")
        answers.append("the other way round" in story.inner_text())
    assert answers == [False, True]
    part.get_by_role("button", name="at zero").click()
    part.get_by_role("button", name="Step", exact=True).click()
    expect(story).to_contain_text("Step 1: H 1.000 bits. Every z is 0: the neuron is undecided about every point")
    expect(story).not_to_contain_text("certainty")
    part.get_by_role("button", name="one group").click()
    part.get_by_role("button", name="along", exact=True).click()
    expect(story).to_contain_text("Step 0:")
    expect(story).not_to_contain_text("agreement")


def test_colours_of_the_plane_and_of_the_starts_are_named(page: Page, server: Server) -> None:
    part = part_of(page, server, "A neuron")
    plane, starts = part.locator(".plot svg").nth(0), part.locator(".plot svg").nth(2)
    for name, ends in {
        "dH/dz": ("bits per unit of z  −0.323", "0.323"),
        "H": ("H, bits  0", "1"),
        "D": ("D  0", "1"),
    }.items():
        part.get_by_role("button", name=name, exact=True).click()
        expect(plane.locator("text", has_text=ends[0])).to_have_count(1)
        expect(plane.get_by_text(ends[1], exact=True).first).to_be_attached()
    for name in ("as drawn", "swapped", "one answer"):
        expect(starts.get_by_text(name, exact=True)).to_have_count(1)


def test_header_formula_has_its_limits(page: Page, server: Server) -> None:
    part_of(page, server)
    expect(page.locator(".katex-mathml").first).to_contain_text("∞")


def test_batch_collapses_with_entropy_alone_and_is_held_by_the_marginal_entropy(page: Page, server: Server) -> None:
    part = part_of(page, server, "A batch")
    part.get_by_role("slider", name="step", exact=True).focus()
    page.keyboard.press("End")
    story = part.locator(".story")
    expect(story).to_contain_text("Step 400. H alone: all 24 on one side")
    expect(story).to_contain_text("With the marginal entropy: 12 of 24 above zero")
    for name in ("first b", "first s"):
        part.get_by_role("slider", name=name, exact=True).fill("0")
    expect(story).to_contain_text("H alone: every z is 0, and nothing moves, b = 0.00, H = 1.000 bits")


def test_layers_are_scrubbed_and_tell_what_is_left(page: Page, server: Server) -> None:
    part = part_of(page, server, "Layer by layer")
    k = part.get_by_role("slider", name="step k")
    # What no layer could tell before the first step is no loss.
    expect(part.locator(".story")).to_contain_text("Nothing has moved yet")
    expect(part.locator(".story")).not_to_contain_text("lost")
    k.focus()
    page.keyboard.press("End")
    expect(k).to_have_attribute("aria-valuetext", re.compile("step 50: entropy in bits layer 1 0.110"))
    expect(part.locator(".story")).to_contain_text("100 % of the images share their largest output at step 50")
    expect(part.locator(".story")).to_contain_text(re.compile("Points lost for good: .* in layer"))


def test_reduced_motion_plays_at_once(page: Page, server: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    part = part_of(page, server, "A batch")
    part.get_by_role("button", name="Play").click()
    expect(part.locator(".story")).to_contain_text("Step 400.")


def test_numbers_and_pictures_are_saved(page: Page, server: Server) -> None:
    part = part_of(page, server)
    begins = {"CSV": b"z,D,H_bits,dH_dz", "SVG": b"<?xml", "PNG": b"\x89PNG"}
    for kind, start in begins.items():
        with page.expect_download() as download:
            part.get_by_role("button", name=f"Save functional-curve as {kind}").click()
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(start)
        if kind == "CSV":
            rows = list(csv.DictReader(io.StringIO(content.decode())))
            middle = next(row for row in rows if float(row["z"]) == 0)
            assert float(middle["H_bits"]) == 1
        if kind == "SVG":
            assert b"var(" not in content


@pytest.mark.parametrize("name", PARTS)
def test_every_figure_is_saved_as_numbers_and_as_two_kinds_of_picture(page: Page, server: Server, name: str) -> None:
    kinds = {"CSV": b",", "SVG": b"<?xml", "PNG": b"\x89PNG"}
    for kind, holds in kinds.items():
        # Chromium without a window refuses a page its eleventh download, so each kind has a page of its own.
        part = part_of(page, server, name)
        figures = part.locator(".panel:has(.plot)").count()
        assert figures >= 2
        buttons = part.get_by_role("button", name=re.compile(f"^Save .* as {kind}$"))
        expect(buttons).to_have_count(figures)
        for button in buttons.all():
            with page.expect_download() as download:
                button.click()
            content = Path(download.value.path()).read_bytes()
            assert holds in content[:60]
            assert b"NaN" not in content or kind == "PNG"


def test_every_formula_is_rendered_on_both_sides(page: Page, server: Server) -> None:
    part = part_of(page, server)
    expect(part.get_by_text("the article says")).to_have_count(3)
    expect(part.get_by_text("verified ·")).to_have_count(3)
    assert part.locator(".katex").count() >= 5
    expect(part.locator(".katex-error")).to_have_count(0)
