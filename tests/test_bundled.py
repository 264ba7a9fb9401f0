"""What the README and the site say of the bundled files is true of them."""

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
import torch

from docs.generate import bundled
from docs.generate.rendering import rendered
from docs.generate.results import bundled_models
from enigma.analysis.reading import trajectory
from enigma.analysis.trajectory import Trajectory
from enigma.analysis.unknowns.frames import is_mixed
from enigma.figures.shared.command_lines import run_command
from enigma.images import image_set
from enigma.models import classifier
from enigma.recording.device import Compute
from enigma.spec.assets import asset
from enigma.spec.catalogue import MODELS
from enigma.spec.run_spec import RunSpec
from enigma.store.collection import listed
from enigma.store.home import Home
from enigma.store.run_folder import Run

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGE = rendered((ROOT / "docs" / "results" / "bundled-run.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def run() -> Run:
    (run,) = listed(asset("runs"))
    return run


@pytest.fixture(scope="module")
def with_unknown() -> list[Run]:
    """Those that the Unknowns page opens with."""
    return Home.default().examples()


@pytest.fixture(scope="module")
def shown(run: Run) -> Trajectory:
    return trajectory(run)


def test_bundled_run_is_the_default_run_whole_and_small(run: Run) -> None:
    run.verify()
    assert run.spec == RunSpec()
    assert sum(path.stat().st_size for path in run.path.rglob("*") if path.is_file()) <= 6_300_000


def test_two_more_runs_differ_in_the_head_alone_and_have_unknown_images(with_unknown: list[Run]) -> None:
    for run in with_unknown:
        run.verify()
        assert is_mixed(run)
        assert run.state == "finished"
    assert [run.spec.model for run in with_unknown] == ["resnet-bn-softmax", "resnet-bn-isomax"]
    assert not {run.id for run in with_unknown} & {run.id for run in Home.default().listed()}
    first, second = (run.spec.override(model="resnet-bn") for run in with_unknown)
    assert first == second
    files = [path for run in with_unknown for path in run.path.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 11_000_000


def test_documented_command_records_the_two_runs(with_unknown: list[Run]) -> None:
    guide = (ROOT / "docs" / "guides" / "images.md").read_text(encoding="utf-8")
    told = guide.split("| two with digits among the images")[1].split("\n")[0]
    recorded = {run_command(run.spec.override(model="resnet-bn-isomax")) for run in with_unknown}
    assert [sorted(shlex.split(line)) for line in recorded] == [sorted(shlex.split(told.split("`")[-2]))]
    assert all(f"`{run.id}`" in told for run in with_unknown)


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
    trust = shown.faithfulness
    assert trust.words == "phase 1 shown, phase 2 shown, single images good, mixing hidden"
    assert trust.words in PAGE
    for sentence in trust.told(shown.course):
        assert sentence in PAGE


def test_every_row_of_the_readmes_table_is_that_of_the_bundled_run(run: Run) -> None:
    assert f"enigma runs show {run.id} --frames" in README
    table = README.split("| step | accuracy % | entropy |", 1)[1].split("\n\n")[0].splitlines()[2:]
    measured = {row[0]: row for row in bundled.rows()}
    assert len(table) >= 4
    for row in table:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells == measured[cells[0]]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [("resnet-bn", 0.93), ("resnet-gn", 0.92), ("vit-ln", 0.88)])
def test_model_card_tells_the_clean_accuracy(name: str, least: float) -> None:
    card = json.loads(asset("models", f"{name}.json").read_text())
    model = classifier.load(name)
    assert sum(p.numel() for p in model.module.parameters()) == card["parameters"] <= 300_000
    assert card["clean_accuracy"] >= least
    assert f"| `{name}` | {MODELS[name].title} | {card['parameters']:,} | {100 * card['clean_accuracy']:.2f} % |" in (
        bundled_models()
    )
    test = image_set.bundled("test")
    with torch.inference_mode():
        predictions = [
            model.module(Compute.of("cpu", "float32").pixels(part)).argmax(1)
            for part in np.array_split(test.images, 20)
        ]
    assert (torch.cat(predictions).numpy() == test.labels).mean() == pytest.approx(card["clean_accuracy"], abs=5e-4)
