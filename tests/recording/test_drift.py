"""The drift of each adapted tensor, as frames keep it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from enigma.analysis.metrics.layer_drift import layers
from enigma.models import classifier
from enigma.recording.drift import Drift
from enigma.recording.loop import record
from enigma.store import archive, run_folder
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.conftest import TINY as STORED

TINY = STORED.override(probes=14, references=10, batch_size=8)


def test_drift_of_each_tensor_is_its_distance_and_the_norm_it_started_from() -> None:
    model = torch.nn.Linear(2, 2)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[3.0, 0.0], [0.0, 4.0]]))
        model.bias.zero_()
    drift = Drift(model)
    with torch.no_grad():
        model.weight[0, 1] = 12.0
        model.bias[1] = -5.0
    arrays, names = drift.each(model)
    np.testing.assert_array_equal(arrays["parameter_drift"], [[12.0, 5.0], [5.0, 0.0]])
    assert json.loads(names["parameters"]) == ["weight", "bias"]
    assert drift.total(model) == 13.0
    model.weight.requires_grad_(False)
    assert json.loads(Drift(model).each(model)[1]["parameters"]) == ["bias"]


def test_frames_of_a_run_hold_the_drift_whose_total_the_scalars_tell(tiny_run: Run) -> None:
    names = json.loads(tiny_run.read_facts(run_folder.frame_name(8))["parameters"])
    source = dict(classifier.load("resnet-bn").module.named_parameters())
    total = tiny_run.scalars()["parameter_drift"]
    for step in tiny_run.frame_steps:
        distance, norm = tiny_run.frame(step)["parameter_drift"]
        np.testing.assert_allclose(norm, [source[name].detach().norm().item() for name in names], rtol=1e-6)
        expected = total[step - 1] if step else 0.0
        assert np.linalg.norm(distance.astype(float)) == pytest.approx(expected, rel=1e-5)
    stored = tiny_run.read_arrays("checkpoint.safetensors")
    for name, moved in zip(names, tiny_run.frame(8)["parameter_drift"][0], strict=True):
        before = source[name].detach().numpy()
        assert moved == pytest.approx(np.linalg.norm(stored[f"adapter/model/{name}"] - before), rel=1e-4)


def test_run_that_recorded_no_drift_opens_without_it(copied: Run) -> None:
    assert layers(copied, [None for _ in copied.frame_steps]) is None


def test_run_that_went_on_in_this_version_knows_the_drift_of_its_later_frames(home: Home, tmp_path: Path) -> None:
    short = record(TINY, home.runs, home.cache)
    for step in short.frame_steps:
        arrays = short.frame(step)
        del arrays["parameter_drift"]
        short.write_arrays(run_folder.frame_name(step), arrays)
    short.seal()
    longer = record(TINY.extended(4, step=8), home.runs, home.cache, extends=short)
    found = layers(longer, [longer.frame(step).get("parameter_drift") for step in longer.frame_steps])
    assert found is not None
    assert np.isfinite(found.relative).all(axis=1).tolist() == [step > 8 for step in longer.frame_steps]
    # It travels with the run.
    imported = archive.import_zip(archive.export_zip(longer), tmp_path)
    np.testing.assert_array_equal(imported.frame(12)["parameter_drift"], longer.frame(12)["parameter_drift"])


def test_method_that_updates_nothing_drifts_by_nothing(home: Home) -> None:
    run = record(TINY.override(method="source", steps=2, frames=(0, 2)), home.runs, home.cache)
    assert not run.frame(2)["parameter_drift"][0].any()
