"""The example of a metric, taken from its page: one function and one entry, and every place has it."""

import re
from pathlib import Path

import numpy as np
import pytest

import enigma
from enigma.analysis.metrics import registry
from enigma.store.run_folder import Run

PAGE = Path(__file__).parents[2] / "docs" / "extending" / "add-a-metric.md"
FUNCTION, ENTRY = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> registry.Metric:
    """The metric of the page, in the registry for the time of a test."""
    names = dict(vars(registry))
    exec(FUNCTION, names)
    (entry,) = eval(f"{{{ENTRY}}}", names).items()
    monkeypatch.setitem(registry.METRICS, *entry)
    return entry[1]


def test_example_is_one_function_and_one_entry() -> None:
    assert len((FUNCTION + ENTRY).splitlines()) < 10


def test_a_recorded_run_gets_the_metric_when_it_is_looked_at(added: registry.Metric, tiny_run: Run) -> None:
    run = enigma.open_run(tiny_run.path)
    measured = run.metrics["sure"].to_numpy()
    confidences = [np.exp(f["top_logits"][:, 0] - f["logsumexp"]) for _, f in tiny_run.frames()]
    assert measured == pytest.approx([(values > 0.9).mean() for values in confidences])


def test_every_place_shows_it(added: registry.Metric) -> None:
    for place in registry.EVERYWHERE:
        assert "sure" in registry.shown(place)
    assert added.label == "Sure predictions, %"
