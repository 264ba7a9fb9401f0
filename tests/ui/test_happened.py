"""The panel that tells what happened: its words, links and tables, as HTML."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from enigma.analysis.metrics.layer_drift import Layers
from enigma.analysis.metrics.registry import written
from enigma.analysis.phases.explanation import Sentence, explanation
from enigma.analysis.phases.measured import Phases, phases
from enigma.figures.print import inline
from enigma.spec.assets import asset
from enigma.store import collection, run_folder
from enigma.store.run_folder import Run
from enigma.ui.pages.watch import explanation_panel


@pytest.fixture(scope="module")
def bundled() -> Phases:
    (run,) = collection.listed(asset("runs"))
    return phases(run)


def test_each_step_leads_to_itself_and_names_of_classes_stay_text() -> None:
    told = [Sentence("Mergers", "From step 1,300, <b>Boot</b> merges into Coat & Co at step 20.")]
    text = explanation_panel.sentences(told, "abc")
    assert re.findall(r'href="([^"]*)" data-step="(\d+)"', text) == [
        ("?run=abc&amp;step=1300", "1300"), ("?run=abc&amp;step=20", "20"),
    ]  # fmt: skip
    assert ">step 1,300</a>, &lt;b&gt;Boot&lt;/b&gt; merges into Coat &amp; Co at " in text


def test_every_sentence_and_every_measure_is_on_the_page(bundled: Phases) -> None:
    told = explanation(bundled)
    listed = ElementTree.fromstring(explanation_panel.sentences(told, bundled.run_id))
    assert ["".join(item.itertext()) for item in listed.iter("dd")] == [sentence.text for sentence in told]
    rows = list(ElementTree.fromstring(explanation_panel.phases_table(bundled)).iter("tr"))
    accuracy = ["".join(cell.itertext()) for cell in rows[2]]
    assert accuracy == ["Accuracy", "62.9 %", "69.0 %", "+6.1 points", "69.0 %", "50.5 %", "-18.5 points"]
    assert {len(row) for row in rows[1:]} == {7}
    assert len(rows) == 2 + len(bundled.measures)


def test_layers_are_ranked_by_their_last_drift_where_it_is_known(bundled: Phases) -> None:
    assert explanation_panel.layers_table(replace(bundled, layers=None)) == ""
    frames = np.linspace(0, 1, len(bundled.steps))[:, None]
    layers = Layers(("a<b", "c", "rest"), frames * [0.25, 0.5, 0.0], frames * [1.0, 2.0, 0.0])
    rows = list(ElementTree.fromstring(explanation_panel.layers_table(replace(bundled, layers=layers))).iter("tr"))
    texts = [["".join(cell.itertext()) for cell in row] for row in rows]
    at_best = 100 * frames[7, 0]
    assert texts == [
        ["Drift, % of the norm", "step 13", "step 500"],
        ["c", f"{0.5 * at_best:.1f}", "50.0"],
        ["a<b", f"{0.25 * at_best:.1f}", "25.0"],
    ]


def test_picture_of_a_measure_says_its_values_in_words(bundled: Phases) -> None:
    picture = ElementTree.fromstring(inline.measures(bundled, {"effective_rank": ""}, "Effective rank"))
    values = [written("effective_rank", bundled.measures["effective_rank"][frame]) for frame in (0, 7, -1)]
    assert picture.get("aria-label") == (
        f"Effective rank over the steps: {values[0]} at step 0, {values[1]} at step 13, {values[2]} at step 500."
    )
    words = {"".join(text.itertext()) for text in picture.iter("text")}
    assert {"Effective rank", "0", "100", "500"} <= words


def test_run_without_labels_shows_what_is_known_and_nothing_else(copied: Run) -> None:
    probe = copied.read_arrays("probe.safetensors")
    probe["labels"][:] = -1
    copied.write_arrays("probe.safetensors", probe)
    page = ElementTree.fromstring(f"<div>{explanation_panel.explanation_html(copied)}</div>")
    text = "".join(page.itertext())
    assert "The test images have no labels" in text
    assert "nan" not in text
    assert {"Brier score", "Confidence minus accuracy"}.isdisjoint(text.splitlines())
    assert len(list(page.iter("svg"))) == 4
    heads = ["".join(head.itertext()) for head in page.iter("th") if head.get("colspan")]
    assert heads == ["Whole run, step 0 to 8"]
    assert "Drift, % of the norm" in text


def test_single_frame_has_its_sentence_and_no_empty_tables(copied: Run) -> None:
    for step in copied.frame_steps[1:]:
        (copied.path / run_folder.frame_name(step)).unlink()
    page = ElementTree.fromstring(explanation_panel.explanation_html(copied))
    assert "Only the frame at step 0 is recorded so far" in "".join(page.itertext())
