"""What the README says of the bundled files is true of them."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from enigma.analysis.assemble import trajectory
from enigma.analysis.trajectory import Trajectory
from enigma.images import image_set
from enigma.models import classifier
from enigma.recording.device import Compute
from enigma.spec.assets import asset
from enigma.spec.run_spec import RunSpec
from enigma.store.collection import listed
from enigma.store.run_folder import Run

README = (Path(__file__).parents[1] / "README.md").read_text()


@pytest.fixture(scope="module")
def run() -> Run:
    (run,) = listed(asset("runs"))
    return run


@pytest.fixture(scope="module")
def shown(run: Run) -> Trajectory:
    return trajectory(run)


def test_bundled_run_is_the_default_run_whole_and_small(run: Run) -> None:
    run.verify()
    assert run.spec == RunSpec()
    assert sum(path.stat().st_size for path in run.path.rglob("*") if path.is_file()) <= 6_000_000


def test_default_run_shows_both_phases(shown: Trajectory) -> None:
    accuracy, boundary = shown.metrics["accuracy"], shown.frame_at(shown.phase_boundary)
    assert accuracy.max() - accuracy[0] >= 0.05
    assert accuracy.max() - accuracy[-1] >= 0.10
    assert (np.diff(shown.metrics["entropy"]) < 0).all()
    silhouette = shown.metrics["silhouette"]
    assert silhouette[0] < silhouette[boundary] < silhouette[-1]
    nearest = shown.metrics["shift_distance"].argmin()
    # The clusters are nearest to the training means before accuracy has fallen by a point.
    assert accuracy.max() - accuracy[nearest] < 0.01
    assert shown.metrics["shift_distance"][-1] > 2 * shown.metrics["shift_distance"][0]


def test_default_projection_is_faithful(shown: Trajectory) -> None:
    trust = shown.projection.faithfulness
    assert trust.distance_correlation >= 0.9
    for value in (trust.distance_correlation, trust.trustworthiness, trust.movement_coherence):
        assert f"{value:.2f}" in README


def test_readme_table_is_that_of_the_bundled_run(run: Run, shown: Trajectory) -> None:
    assert f"enigma runs show {run.id} --frames" in README
    table = README.split("| step | accuracy % | entropy |", 1)[1].split("\n\n")[0].splitlines()[2:]
    assert len(table) >= 10
    frames = {int(step): frame for frame, step in enumerate(shown.steps)}
    for row in table:
        frame = frames[int(row.split("|")[1])]
        values = (100 * shown.metrics["accuracy"][frame], shown.metrics["entropy"][frame])
        assert row.startswith(f"| {shown.steps[frame]} | {values[0]:.1f} | {values[1]:.2f} |")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [("resnet-bn", 0.93), ("resnet-gn", 0.92), ("vit-ln", 0.88)])
def test_model_card_tells_the_clean_accuracy(name: str, least: float) -> None:
    card = json.loads(asset("models", f"{name}.json").read_text())
    model = classifier.load(name)
    assert sum(p.numel() for p in model.module.parameters()) == card["parameters"] <= 300_000
    assert card["clean_accuracy"] >= least
    assert f"{100 * card['clean_accuracy']:.2f} %" in README
    test = image_set.bundled("test")
    with torch.inference_mode():
        predictions = [
            model.module(Compute.of("cpu", "float32").pixels(part)).argmax(1)
            for part in np.array_split(test.images, 20)
        ]
    assert (torch.cat(predictions).numpy() == test.labels).mean() == pytest.approx(card["clean_accuracy"], abs=5e-4)
