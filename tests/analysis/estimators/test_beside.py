"""Estimates for a loop that was watched, beside one labelled run of the same network."""

from pathlib import Path

import numpy as np
import pytest

import enigma
from enigma.api.opened import OpenedRun
from enigma.spec.errors import InputError
from tests.watched import ALL, CLASSES, watched

IMAGES = 300
TRUE = np.arange(IMAGES) % CLASSES


def seen(home: Path, noise: float, **given: np.ndarray) -> OpenedRun:
    """A network with calibrated logits on images under noise: its confidence is as high as it is right."""
    rng = np.random.default_rng(int(10 * noise))
    with enigma.watch("network", home=home, **given) as watch:
        for step in range(2):
            points = 2 * np.eye(CLASSES)[TRUE] + rng.normal(0, noise, (IMAGES, CLASSES))
            watch.log(step, logits=2 * points / noise**2)
    return enigma.open_run(watch.run_id, home=home)


def test_estimates_are_near_the_truth_and_use_no_label(tmp_path: Path) -> None:
    clean, shifted = seen(tmp_path, 1.0, probe_labels=TRUE), seen(tmp_path, 1.8, probe_labels=TRUE)
    table = shifted.estimate_beside(clean)
    assert set(table["target"]) == {"source", "frame 0", "adapted"}
    assert table["true_accuracy"].between(0.5, 0.8).all()
    errors = (table["accuracy"] - table["true_accuracy"]).abs()
    # Where confidence is as high as it should be; thresholds (ATC, COTT) are known to fall short under such a shift.
    assert errors[table["estimator"].isin(["average confidence", "DoC", "COT"])].max() < 0.03
    alone = clean.estimate_beside(clean)
    assert (alone["accuracy"] - alone["true_accuracy"]).abs().max() < 0.03
    blind = seen(tmp_path, 1.8).estimate_beside(clean)
    assert blind["accuracy"].tolist() == table["accuracy"].tolist()
    assert blind["true_accuracy"].isna().all()


def test_runs_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    good, unlabelled = seen(tmp_path, 1.0, probe_labels=TRUE), seen(tmp_path, 1.0)
    bare = enigma.open_run(watched(tmp_path, ALL, "embeddings").id, home=tmp_path)
    with pytest.raises(InputError, match="a clean run with labels"):
        good.estimate_beside(unlabelled)
    with pytest.raises(InputError, match="the same classes"):
        good.estimate_beside(bare)
    with pytest.raises(InputError, match="logged none"):
        bare.estimate_beside(bare)
