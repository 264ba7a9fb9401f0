"""What pages make of a run that was watched in a loop of somebody else's, and what they say is missing of it."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from enigma.analysis.reading import notes
from enigma.figures.web.scrubber.pack import View, pack
from enigma.store.home import VARIABLE
from enigma.ui import session
from tests.watched import ALL, watched

KINDS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    (ALL, ("embeddings", "logits", "loss")),
    ({}, ("embeddings", "logits")),
    ({"probe_labels": ALL["probe_labels"]}, ("embeddings",)),
    ({}, ("embeddings",)),
    (ALL | {"reference": None}, ("logits",)),
]
NAMES = ["everything", "no labels", "no logits", "embeddings alone", "logits alone"]


@pytest.mark.parametrize(("given", "kinds"), KINDS, ids=NAMES)
def test_the_page_loads_a_watched_run_and_sends_it_to_the_browser(
    tmp_path: Path, given: dict[str, Any], kinds: tuple[str, ...]
) -> None:
    run = watched(tmp_path, given, *kinds)
    found = session.load(run, "pca")
    # A payload is JSON without NaN and arrays of whole numbers, or it is not made.
    payload = pack(found, View())
    (length,) = struct.unpack("<I", payload[:4])
    header = json.loads(payload[4 : 4 + length])
    assert (header["title"], header["steps"]) == ("mine", [0, 1, 2, 3, 4, 5])
    assert header["hasPredictions"] == ("logits" in kinds)
    assert (header["metrics"]["accuracy"][0] is not None) == ("logits" in kinds and "probe_labels" in given)
    told = " ".join(notes(run.facts))
    assert ("no images were given" in told) == ("images" not in given)
    assert ("no logits were logged" in told) == ("logits" not in kinds)


def images_page() -> None:
    from enigma.ui.pages.images.page import page

    page()


@pytest.mark.parametrize("kinds", [("embeddings", "logits"), ("embeddings",)], ids=["logits", "no logits"])
def test_the_images_page_says_what_was_not_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kinds: tuple[str, ...]
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    run = watched(tmp_path, {"probe_labels": ALL["probe_labels"]}, *kinds)
    app = AppTest.from_function(images_page)
    app.query_params["run"] = run.id
    app.run(timeout=30)
    assert not app.exception
    assert any("no images were given" in caption.value for caption in app.caption)
    assert bool(app.info) == ("logits" not in kinds)
