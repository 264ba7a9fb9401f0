"""The Unknowns page in a real browser: recording by a click, scrubbing two heads together, threshold, address, file."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from enigma.analysis.unknowns.frames import unknowns
from enigma.recording.loop import record
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.browser.pages import button, opened
from tests.browser.serving import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def recorded(server: Server) -> list[Run]:
    """The same stream under two heads."""
    home: Home = server.home
    base = RunSpec().override(
        corruption="none", unknown="digits", steps=6, frames=4, batch_size=32, probes=150, references=60, device="cpu"
    )
    models = ("resnet-bn-softmax", "resnet-bn-isomaxplus")
    return [record(base.override(model=model), home.runs, home.cache) for model in models]


def first_story(page: Page) -> Locator:
    """What the first view says in words, once it is drawn."""
    story = page.locator(".unknowns .story").first
    expect(story).to_contain_text("Step ")
    return story


def test_first_visit_shows_two_heads_beside_each_other(page: Page, workshop: Server, screenshot: Callable) -> None:
    opened(page, workshop, "unknowns")
    expect(page.locator(".unknowns .story")).to_have_count(2)
    softmax, isomax = workshop.home.examples()
    page.wait_for_url(re.compile(f"run={softmax.id}"))
    assert f"beside={isomax.id}" in page.url
    screenshot("unknowns-first")
    page.get_by_role("link", name="Watch this run").first.click()
    page.wait_for_url(lambda url: "/unknowns" not in url and f"run={softmax.id}" in url)


def test_one_click_records_one_and_its_bar_names_head_and_unknown_images(page: Page, workshop: Server) -> None:
    opened(page, workshop, "unknowns")
    page.get_by_text("Record a run with unknown images").click()
    page.get_by_role("button", name="ResNet · softmax head").click()
    # The job's bar, which says how far it is; it is 200 steps, and what comes then is tested on smaller runs.
    told = "Tent · Impulse noise 4, resnet-bn-softmax, digits unknown, learning rate 0.003, seed 0:"
    expect(page.get_by_text(told).first).to_be_visible()
    jobs = [path.read_text() for path in workshop.home.queue.glob("*.json")]
    assert any("resnet-bn-softmax" in job and "digits" in job for job in jobs)


def test_scrubbing_moves_both_heads_and_the_words_say_what_is_recorded(
    page: Page, server: Server, recorded: list[Run]
) -> None:
    softmax, isomax = recorded
    opened(page, server, "unknowns", run=softmax.id, beside=isomax.id, step=0, score="entropy")
    stories = page.locator(".unknowns .story")
    expect(stories).to_have_count(2)
    expect(page.get_by_role("slider", name="Step")).to_have_count(2)
    page.get_by_role("slider", name="Step").first.focus()
    page.keyboard.press("End")
    for place, run in enumerate(recorded):
        frame = unknowns(run).frames[-1]
        expect(stories.nth(place)).to_contain_text(f"Step 6: accuracy {100 * frame.accuracy:.1f} %")
    said = unknowns(softmax).frames[-1].detection["entropy"]
    expect(stories.first).to_contain_text(f"AUROC of Entropy {100 * said.auroc:.1f} %")
    expect(stories.first).to_contain_text(
        f"TNR@TPR95 (known positive) {100 * said.tnr_at_tpr95_known_positive:.1f} %, "
        f"FPR@95 (unknown positive) {100 * said.fpr95_unknown_positive:.1f} %"
    )
    page.wait_for_url(re.compile("step=6"))


def test_score_and_share_are_one_for_both_and_the_address_follows_either(
    page: Page, server: Server, recorded: list[Run]
) -> None:
    softmax, isomax = recorded
    opened(page, server, "unknowns", run=softmax.id, beside=isomax.id, step=6, score="entropy")
    stories = page.locator(".unknowns .story")
    page.get_by_label("Score", exact=True).nth(1).select_option("max_logit")
    for place in (0, 1):
        expect(stories.nth(place)).to_contain_text("AUROC of Max logit")
    page.get_by_role("slider", name="Known kept").nth(1).press("Home")
    for place in (0, 1):
        expect(page.get_by_role("slider", name="Known kept").nth(place)).to_have_value("50")
        expect(page.get_by_role("img", name="Histograms of the score").nth(place)).to_be_visible()
    page.wait_for_url(re.compile(r"score=max_logit.*keep=0\.5"))
    expect(page.locator(".unknowns .drawn")).to_have_count(2)
    expect(page.locator(".unknowns .drawn").first).to_contain_text("single images")


def test_stopped_run_is_not_shown_as_finished(page: Page, server: Server, recorded: list[Run]) -> None:
    run = recorded[0]
    run.set_status("stopped", 3)
    try:
        opened(page, server, "unknowns", run=run.id)
        expect(page.get_by_text("stopped at step 3 of 6").first).to_be_visible()
    finally:
        run.set_status("finished", 6)


def test_curves_are_dragged_and_the_threshold_is_live(page: Page, server: Server, recorded: list[Run]) -> None:
    opened(page, server, "unknowns", run=recorded[0].id, step=0)
    story = first_story(page)
    curves = page.get_by_role("img", name="Accuracy and AUROC over the steps; drag to scrub")
    box = curves.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 14, box["y"] + 60, steps=8)
    expect(story).to_contain_text("Step 6:")
    page.mouse.up()
    keep = page.get_by_role("slider", name="Known kept")
    keep.focus()
    before = story.inner_text()
    page.keyboard.press("Home")
    expect(story).not_to_have_text(before)
    kept = re.search(r"keeps ([\d.]+) %", story.inner_text())
    assert kept is not None
    assert 50 <= float(kept[1]) < 56
    page.get_by_label("Score", exact=True).select_option("energy")
    expect(story).to_contain_text("AUROC of Energy")
    page.wait_for_url(re.compile(r"score=energy.*keep=0\.5"))
    # The address brings it back.
    page.reload()
    expect(page.locator(".unknowns .story").first).to_contain_text("AUROC of Energy")
    expect(page.get_by_role("slider", name="Known kept")).to_have_value("50")


def test_decisions_are_downloaded_for_the_step_and_score_on_screen(
    page: Page, server: Server, recorded: list[Run], tmp_path: Path
) -> None:
    opened(page, server, "unknowns", run=recorded[0].id, step=6, score="max_logit", keep=0.9)
    with page.expect_download() as waiting:
        button(page, "Decisions").click()
    assert waiting.value.suggested_filename == f"{recorded[0].id}-6-max_logit.csv"
    waiting.value.save_as(tmp_path / "decisions.csv")
    table = pd.read_csv(tmp_path / "decisions.csv")
    known = table[table["truth"] == "known"]
    assert (known["decision"] == "known").mean() >= 0.9
    assert len(table) == len(recorded[0].read_arrays("probe.safetensors")["labels"])
    said = table[["run_id", "step", "score_name", "known_kept"]].drop_duplicates()
    assert said.to_numpy().tolist() == [[recorded[0].id, 6, "max_logit", 0.9]]


def test_figure_says_run_step_score_and_share(page: Page, server: Server, recorded: list[Run]) -> None:
    opened(page, server, "unknowns", run=recorded[0].id, step=6, score="max_logit", keep=0.9)
    button(page, "Export figure").click()
    with page.expect_download() as waiting:
        button(page, "PNG").click()
    picture = Image.open(waiting.value.path())
    assert (picture.info["Run"], picture.info["Step"]) == (recorded[0].id, "6")
    assert json.loads(picture.info["entropy-enigma"])["settings"] == {"score": "max_logit", "known_kept": "0.9"}


def test_form_of_the_watch_page_offers_unknown_images(page: Page, server: Server) -> None:
    opened(page, server, unknown="digits")
    page.get_by_text("Stream", exact=True).first.click()
    expect(page.get_by_role("combobox", name=re.compile("Unknown images"))).to_be_visible()
    expect(page.get_by_role("slider", name=re.compile("Unknown, % of a batch"))).to_be_visible()
