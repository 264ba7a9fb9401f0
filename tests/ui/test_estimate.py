"""What the Estimate page shows, apart from the browser."""

import math
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from enigma.analysis.estimators.bundled import bundled
from enigma.analysis.estimators.estimate import Estimate
from enigma.jobs import queue, worker
from enigma.jobs.calibrating import spec_for
from enigma.spec.assets import asset
from enigma.spec.errors import InputError
from enigma.store.home import VARIABLE, Home
from enigma.ui.pages.estimate.form import calibrations
from enigma.ui.pages.estimate.tables import cards, everything

ROWS = [
    Estimate(target, name, accuracy, accuracy - 0.1, accuracy + 0.1, error, warning)  # type: ignore[arg-type]
    for target in ("source", "frame 0", "adapted")
    for name, accuracy, error, warning in (
        ("COT", 0.5, 0.02, ""),
        ("DoC, fitted", 0.2, 0.01, "outside the calibrated range: 9 <b>"),
    )
]
UNKNOWN = {"source": math.nan, "frame 0": math.nan, "adapted": math.nan}


def drawn() -> None:
    from enigma.ui.pages.estimate import page

    page.page()


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page on an empty home, where nobody works on the queue."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(worker, "ensure_worker", lambda *given: None)
    return AppTest.from_function(drawn, default_timeout=60).run()


def test_each_card_reads_the_estimate_inside_its_range_with_its_interval() -> None:
    text = cards(ROWS, UNKNOWN)
    assert text.count('<p class="big">50.0 %</p>') == 3
    assert text.count("90 % interval: 40.0 to 60.0 %") == 3
    for name in ("Source model", "Frame 0", "Adapted model"):
        assert f"<h2>{name}</h2>" in text


def test_truth_is_drawn_only_where_it_is_known() -> None:
    assert "True accuracy" not in cards(ROWS, UNKNOWN)
    assert "<s " not in everything(ROWS, UNKNOWN)
    known = cards(ROWS, UNKNOWN | {"source": 0.25})
    assert known.count("True accuracy 25.0 %") == 1
    assert '<s style="left:25.0%">' in known


def test_warnings_are_escaped_and_marked() -> None:
    text = everything(ROWS, UNKNOWN)
    assert text.count("9 &lt;b&gt;") == 3
    assert text.count("ee-strip outside") == 3


def test_bundled_and_own_calibrations_are_offered(tmp_path: Path) -> None:
    own = tmp_path / "calibrations/mine.safetensors"
    own.parent.mkdir()
    own.write_bytes((asset("calibrations") / "resnet-bn.safetensors").read_bytes())
    known = calibrations(Home(tmp_path))
    assert next(iter(known)) == "resnet-bn"
    assert known["mine.safetensors"] == own


def test_button_queues_the_run_that_the_calibration_asks_for(app: AppTest, tmp_path: Path) -> None:
    # A first visit shows the bundled run.
    assert app.radio(key="estimate.way").value == "run"
    app.selectbox(key="estimate.calibration").select("resnet-bn").run()
    app.radio(key="estimate.way").set_value("bundled").run()
    app.selectbox(key="estimate.shift").select("contrast").run()
    app.button(key="estimate.go").click().run()
    assert not app.exception
    (job,) = queue.jobs(Home(tmp_path))
    expected = spec_for(bundled("resnet-bn"), {"corruption": "contrast", "severity": 3})
    assert job.spec == expected.to_dict()
    assert app.query_params["job"] == job.id
    app.button(key="estimate.cancel").click().run()
    assert queue.jobs(Home(tmp_path)) == []


@pytest.mark.parametrize(
    ("path", "said"),
    [("/nowhere/photos", "but got '/nowhere/photos'"), ("", "Expected images in")],
    ids=["missing", "empty"],
)
def test_wrong_path_is_one_sentence_and_nothing_is_queued(app: AppTest, tmp_path: Path, path: str, said: str) -> None:
    app.radio(key="estimate.way").set_value("path").run()
    app.text_input(key="estimate.path").input(path or str(tmp_path)).run()
    app.button(key="estimate.go").click().run()
    (error,) = app.error
    assert said in error.value.replace("\\", "")
    assert queue.jobs(Home(tmp_path)) == []


def test_run_of_other_settings_is_explained(app: AppTest) -> None:
    app.query_params["run"] = Home.default().example().id
    app.query_params["calibration"] = "resnet-bn"
    app.run()
    (error,) = app.error
    assert "as this calibration has" in error.value


def test_file_that_is_no_calibration_is_explained(app: AppTest, tmp_path: Path) -> None:
    (tmp_path / "calibrations").mkdir()
    (tmp_path / "calibrations/bad.safetensors").write_bytes(b"nonsense")
    app.query_params["calibration"] = "bad.safetensors"
    app.run()
    (error,) = app.error
    assert "to be a calibration that" in error.value
    with pytest.raises(InputError, match="no-model"):
        bundled("no-model")
