"""The Export menu of the Watch page in a real browser: every file, as a person asks for it."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from enigma.jobs import worker
from tests.browser.pages import address, button, opened, run_of, slider
from tests.browser.serving import Server
from tests.browser.soundness import violations
from tests.browser.stored import LONG
from tests.browser.waiting import painted, settled

pytestmark = pytest.mark.browser

RUN = "429b4332ba79"


@pytest.fixture
def menu(page: Page, server: Server) -> Page:
    """The bundled run at step 13, with the Export menu open."""
    opened(page, server, run=RUN, step=13)
    button(page, "Export").click()
    expect(page.get_by_text("coloured as on screen")).to_be_visible()
    return page


def section(page: Page, name: str) -> None:
    tab = page.get_by_role("tab", name=name)
    tab.click()
    expect(tab).to_have_attribute("aria-selected", "true")


def downloaded(page: Page, name: str, *, nth: int = 0) -> tuple[str, bytes]:
    """Name and content of the file behind a button."""
    with page.expect_download() as download:
        button(page, name).nth(nth).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_figures_come_in_every_format_with_their_data(menu: Page, screenshot: Callable) -> None:
    screenshot("export-figures")
    starts = {
        "PNG": b"\x89PNG",
        "SVG": b"<?xml",
        "PDF": b"%PDF",
        "HTML": b"<!DOCTYPE html>",
        "CSV": b"run_id,kind,step",
    }
    for label, start in starts.items():
        name, content = downloaded(menu, label)
        assert name == f"{RUN}-projection-13.{label.lower()}"
        assert content.startswith(start)
        assert RUN.encode() in content
    name, content = downloaded(menu, "CSV", nth=1)
    table = pd.read_csv(io.BytesIO(content))
    assert (name, table["step"].tolist()[:3]) == (f"{RUN}-curves-13.csv", [0, 1, 2])


def test_paper_figure_of_chosen_steps_comes_as_pdf(menu: Page, screenshot: Callable) -> None:
    section(menu, "Paper")
    expect(menu.get_by_text("(a) step 0, (b) step 13, (c) step 500")).to_be_visible()
    screenshot("export-paper")
    name, content = downloaded(menu, "PDF")
    assert name == f"{RUN}-paper.pdf"
    assert content.startswith(b"%PDF")
    assert b"/MediaBox [ 0 0 486 " in content


def test_animation_comes_as_gif(menu: Page) -> None:
    section(menu, "Animation")
    _, content = downloaded(menu, "GIF")
    assert len(content) < 5_000_000
    assert Image.open(io.BytesIO(content)).n_frames > 50  # type: ignore[attr-defined]


def test_tables_come_as_csv_and_parquet(menu: Page) -> None:
    section(menu, "Data")
    _, content = downloaded(menu, "Frames Parquet")
    assert pd.read_parquet(io.BytesIO(content))["step"].iloc[-1] == 500
    _, content = downloaded(menu, "Steps CSV")
    assert len(pd.read_csv(io.BytesIO(content))) == 500


def test_menu_says_what_to_cite_and_how_to_reproduce(menu: Page) -> None:
    section(menu, "Cite")
    expect(menu.get_by_text("wang2021tent")).to_be_visible()
    expect(menu.get_by_text("enigma run", exact=True)).to_be_visible()
    assert downloaded(menu, "BibTeX file")[1].startswith(b"% What run 429b4332ba79")


@pytest.fixture
def offline(browser: Browser) -> Iterator[Page]:
    """A browser without a network."""
    context = browser.new_context(offline=True, color_scheme="dark")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("tab", "label"), [("Share", "Explorable HTML"), ("Figures", "HTML")])
def test_html_scrubs_from_a_file_without_a_network(
    menu: Page, offline: Page, tmp_path: Path, tab: str, label: str
) -> None:
    section(menu, tab)
    name, content = downloaded(menu, label)
    assert len(content) <= 1_200_000
    (tmp_path / name).write_bytes(content)
    asked, wrong = [], []
    offline.on("request", lambda request: asked.append(request.url))
    offline.on("pageerror", lambda error: wrong.append(str(error)))
    offline.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    offline.goto((tmp_path / name).as_uri())
    expect(slider(offline)).to_be_visible()
    expect(offline.locator(".readout .now")).to_have_text("13")
    painted(offline)
    canvas = offline.locator(".stage canvas").first
    before = canvas.screenshot()
    slider(offline).focus()
    offline.keyboard.press("End")
    expect(offline.locator(".readout .now")).to_have_text("500")
    expect(offline.locator("[data-tile=now] .value")).to_have_text("50.5 %")
    painted(offline)
    assert canvas.screenshot() != before
    assert asked == [(tmp_path / name).as_uri()]
    assert wrong == []


def test_menu_stays_open_and_loses_no_click_while_a_live_run_redraws_and_when_it_ends(
    page: Page, workshop: Server
) -> None:
    job = worker.submit(workshop.home, LONG)
    page.goto(address(workshop, job=job.id))
    page.wait_for_url(re.compile("run=[0-9a-f]{12}"))
    run = workshop.home.find(run_of(page.url))
    expect(slider(page)).to_be_visible()
    button(page, "Export").click()
    section(page, "Data")
    for _ in range(8):
        name, content = downloaded(page, "Frames CSV")
        assert name == f"{run.id}-frames.csv"
        assert len(pd.read_csv(io.BytesIO(content))) >= 1
        expect(page.get_by_role("tab", name="Data")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("progressbar")).to_be_visible()
    run.ask("stop")
    # When the whole job is over, the menu is still there, and what it gives is whole.
    expect(page.get_by_text("· stopped")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    settled(page)
    expect(page.get_by_role("tab", name="Data")).to_have_attribute("aria-selected", "true")
    _, content = downloaded(page, "Frames CSV")
    assert pd.read_csv(io.BytesIO(content))["step"].tolist() == list(run.frame_steps)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_open_menu_has_no_serious_accessibility_violation(menu: Page, scheme: str, screenshot: Callable) -> None:
    menu.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for name in ("Figures", "Paper", "Animation", "Share", "Data", "Cite"):
        section(menu, name)
        settled(menu)
        screenshot(f"export-{name.lower()}-{scheme}")
        assert violations(menu) == [], name
