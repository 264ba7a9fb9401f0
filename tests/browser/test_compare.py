"""The Compare page in a real browser: the bundled run alone, then with small recorded ones."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from enigma.jobs import queue
from enigma.jobs.record_and_project import record_and_project
from enigma.store import collection
from enigma.store.run_folder import Run
from tests.browser.pages import at, button, opened
from tests.browser.serving import Server
from tests.browser.soundness import expect_sound
from tests.browser.stored import placed
from tests.conftest import TINY
from tests.images import layouts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def recorded(server: Server) -> list[Run]:
    """Two seeds of Tent, and Norm on the same images as the first; without a projection, PCA stands in."""
    spec = TINY.override(lr=3e-2)
    specs = (spec, spec.override(seed=1), spec.override(method="norm"))
    return [record_and_project(one, server.home, projections=()) for one in specs]


def compared(page: Page, server: Server, *chosen: Run, **query: str) -> Page:
    """The page with chosen runs."""
    return opened(page, server, "compare", runs=",".join(run.id for run in chosen), **query)


def test_bundled_run_alone_is_worth_looking_at_and_says_how_to_get_a_second(
    page: Page, workshop: Server, screenshot: Callable
) -> None:
    opened(page, workshop, "compare")
    expect(page.get_by_text("Tent peaks at 69.0 % (step 13)")).to_be_visible()
    expect(page.get_by_text("A comparison needs a second run")).to_be_visible()
    expect(button(page, "Norm")).to_be_visible()
    expect(page.get_by_role("cell", name=re.compile("18.5")).first).to_be_visible()
    expect(page.locator(".js-plotly-plot .scatterlayer")).to_have_count(6)
    screenshot("compare-one-run")


def test_verdict_table_and_differences_tell_the_runs_apart(page: Page, server: Server, recorded: list[Run]) -> None:
    compared(page, server, recorded[0], recorded[2])
    expect(page.get_by_text("Norm stays at")).to_be_visible()
    table = page.get_by_role("region", name="Numbers of the compared runs")
    expect(table.get_by_role("row")).to_have_count(3)
    # Both begin alike; Tent ends where chance does not take it, also on 60 images.
    expect(page.get_by_text("there is no clear winner; at the end, Norm is best with")).to_be_visible()
    expect(table.get_by_text("★")).to_have_count(1)
    expect(page.locator(".compare-run").first).to_contain_text("True distances")
    fields = page.get_by_role("region", name="Fields of the specs that differ")
    expect(fields.get_by_role("rowheader")).to_have_text(["method"])
    expect(page.get_by_text("positions of different runs cannot be compared")).to_be_visible()
    expect(page.locator(".compare-grid img")).to_have_count(6)


def test_address_restores_the_whole_view(page: Page, server: Server, recorded: list[Run]) -> None:
    compared(page, server, recorded[0], recorded[1])
    expect(page.get_by_text("Nothing but the seed differs.")).to_be_visible()
    page.get_by_text("Linear", exact=True).click()
    page.wait_for_url(re.compile("scale=linear"))
    page.get_by_text("Fold seeds").click()
    page.wait_for_url(re.compile("fold=1"))
    other = at(page.context.new_page(), page.url)
    expect(other.locator(".compare-legend")).to_contain_text("Tent · 2 seeds")
    expect(other.get_by_role("switch", name="Fold seeds")).to_be_checked()
    expect(other.get_by_text("Export", exact=True).first).to_be_visible()
    assert "scale=linear" in other.url
    assert recorded[1].id in other.url


def test_runs_are_projected_together_on_request(page: Page, server: Server, recorded: list[Run]) -> None:
    compared(page, server, recorded[0], recorded[2], layout="pca", color="correctness")
    expect(page.get_by_text("All runs are projected together")).to_be_visible()
    assert list((server.home.cache / "joint").glob("*.safetensors"))


def test_overlay_is_downloaded_as_figure_and_numbers(page: Page, server: Server, recorded: list[Run]) -> None:
    compared(page, server, recorded[0], recorded[2])
    button(page, "Export").click()
    for name, begins in (("PNG", b"\x89PNG"), ("PDF", b"%PDF")):
        with page.expect_download() as download:
            button(page, name).first.click()
        assert Path(download.value.path()).read_bytes().startswith(begins)
    with page.expect_download() as download:
        button(page, "CSV").click()
    assert set(pd.read_csv(download.value.path())["runs"]) == {recorded[0].id, recorded[2].id}


def test_unknown_run_is_left_out_and_said(page: Page, server: Server, recorded: list[Run]) -> None:
    opened(page, server, "compare", runs=f"{recorded[0].id},000000000000")
    expect(page.get_by_text("got 000000000000; left out")).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_one_click_records_a_run_and_adds_it(page: Page, workshop: Server) -> None:
    run = placed(workshop.home)
    compared(page, workshop, run)
    page.get_by_role("button", name="A tenth of the learning rate").click()
    page.wait_for_url(re.compile("jobs="))
    expected = run.spec.override(lr=run.spec.lr / 10)
    page.wait_for_url(lambda url: "jobs=" not in url and url.count("%2C") + url.count(",") > 0)
    new = next(other for other in collection.listed(workshop.home.runs) if other.spec == expected)
    assert new.id in page.url
    assert queue.jobs(workshop.home)[-1].state == "done"


@pytest.fixture(scope="module")
def unlabelled(server: Server, tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """Tent and Norm on images nobody has labelled, without reference images."""
    folder = layouts.flat(tmp_path_factory.mktemp("own") / "loose")
    spec = TINY.override(dataset=str(folder), corruption="none", reference="none", probes=24, batch_size=8)
    return [record_and_project(one, server.home, projections=()) for one in (spec, spec.override(method="norm"))]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_runs_without_labels_show_what_needs_none_and_why(
    page: Page, server: Server, unlabelled: list[Run], scheme: str, screenshot: Callable
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    compared(page, server, *unlabelled)
    expect(page.get_by_text("Without labels there is no accuracy: which run is best cannot be told.")).to_be_visible()
    table = page.get_by_role("region", name="Numbers of the compared runs")
    headings = ["Run", "at step", "Entropy", "Flips", "Entropy of the mean prediction", "Seconds"]
    expect(table.get_by_role("columnheader")).to_have_text(headings)
    expect(page.locator(".js-plotly-plot .scatterlayer")).to_have_count(4)
    expect(page.get_by_text("accuracy needs labels; shift distance needs labelled reference images")).to_be_visible()
    expect(page.get_by_text(re.compile(r"\bnan\b", re.IGNORECASE))).to_have_count(0)
    expect_sound(page)
    screenshot(f"compare-unlabelled-{scheme}")


def test_run_without_labels_beside_one_with_has_dashes_and_the_reason(
    page: Page, server: Server, recorded: list[Run], unlabelled: list[Run]
) -> None:
    compared(page, server, recorded[0], unlabelled[0])
    table = page.get_by_role("region", name="Numbers of the compared runs")
    expect(table.get_by_role("row").nth(2).get_by_role("cell").first).to_have_text("–")
    expect(page.get_by_text(re.compile("have no labels, so there is no accuracy"))).to_be_visible()
    expect(page.locator(".js-plotly-plot .scatterlayer")).to_have_count(6)
    expect(page.get_by_text(re.compile(r"\bnan\b", re.IGNORECASE))).to_have_count(0)
