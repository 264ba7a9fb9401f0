"""The Paper page of an installation that lacks what the package brings, and of the one that is shipped."""

import json
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from enigma.reproduce.criteria import criteria
from enigma.reproduce.judging import judged
from enigma.reproduce.registry import REPRODUCTIONS
from enigma.store.home import VARIABLE
from enigma.ui.pages.paper import page as paper


def drawn() -> None:
    from enigma.ui.pages.paper.page import page

    page()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))


def test_what_is_not_made_says_what_it_needs_and_what_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "asset", tmp_path.joinpath)
    app = AppTest.from_function(drawn, default_timeout=60).run()
    assert not app.exception
    assert "None has been made yet" in app.caption[0].value
    needs = [one.value for one in app.markdown if one.value.startswith("Not made yet")]
    assert len(needs) == len(app.code) == len(REPRODUCTIONS)
    assert any("It needs 73 runs, about 1.2 hours on one core" in text for text in needs)
    assert any("It needs no run, a minute" in text for text in needs)
    assert "enigma reproduce table-5" in [one.value for one in app.code]


def test_all_are_made_in_what_is_shipped() -> None:
    app = AppTest.from_function(drawn, default_timeout=60).run()
    assert not app.exception
    assert f"{len(REPRODUCTIONS)} of {len(REPRODUCTIONS)} are made" in app.caption[0].value
    assert [one.value for one in app.code] == [f"enigma reproduce {name}" for name in REPRODUCTIONS]


@pytest.mark.parametrize("name", REPRODUCTIONS)
def test_every_shipped_one_is_whole(name: str) -> None:
    """From all its runs, and with the files that the page and its readers open."""
    place, found = paper.stored(paper.Home.default(), name)
    assert found is not None
    assert found.recorded == found.wanted
    assert len(found.runs) == found.recorded
    assert (place / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((place / f"{name}.json").read_text())["findings"]
    assert found.verdict in (place / f"{name}.md").read_text()
    # The verdicts that are shipped are those that the criteria give now, of what was recorded.
    units = place / f"{name}-units.csv"
    now = judged(name, pd.read_csv(units) if units.is_file() else None)
    assert [(one.quantity, one.verdict, one.wanted) for one in found.judgements] == [
        (one.quantity, one.verdict, one.wanted) for one in now
    ]
    for kept, again in zip(found.judgements, now, strict=True):
        assert kept.ours == (None if again.ours is None else pytest.approx(again.ours, rel=1e-4))
    assert found.criteria == criteria().written.isoformat()
