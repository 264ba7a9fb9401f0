"""The example of the page on metrics does what the page says: one function and one entry, and it is everywhere."""

import re
from pathlib import Path

import numpy as np
import pytest

from enigma.analysis.metrics.observed import Observed
from enigma.analysis.metrics.registry import METRICS, Metric
from enigma.analysis.reading import trajectory
from enigma.figures.files.export import draw
from enigma.figures.shared.export_request import Export
from enigma.figures.shared.provenance import Origin
from enigma.figures.web.scrubber.pack import describe
from enigma.store.run_folder import Run

PAGE = Path(__file__).parents[2] / "docs" / "extending" / "add-a-metric.md"


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of the metric of the page, in the registry for as long as a test runs."""
    function, entry = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names = {"Observed": Observed, "Metric": Metric}
    exec(function, names)
    ((name, metric),) = eval("{" + entry + "}", names).items()
    monkeypatch.setitem(METRICS, name, metric)
    return name


def test_metric_of_the_page_is_measured_of_a_stored_run_and_drawn_and_exported(added: str, tiny_run: Run) -> None:
    shown = trajectory(tiny_run, "pca")
    expected = (shown.confidences > 0.9).mean(axis=1)
    np.testing.assert_allclose(shown.metrics[added], expected)
    curves = {curve["name"]: curve for curve in describe(shown)["curves"]}
    assert curves[added]["title"] == METRICS[added].title
    origin = Origin.of(tiny_run)
    for wanted in (Export("frames"), Export("curves", "csv"), Export("explorable")):
        text = draw(shown, origin, wanted).decode("utf-8", errors="replace")
        # The page that stands alone holds its numbers as bytes; they are those of `describe`.
        assert wanted.what == "explorable" or added in text or METRICS[added].title in text
    assert draw(shown, origin, Export("paper", "pdf")).startswith(b"%PDF")
