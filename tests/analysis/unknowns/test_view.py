"""What the Unknowns page is sent: as recorded, as JSON, and small."""

import json
from pathlib import Path

import numpy as np
import pytest

from enigma.analysis.reading import trajectory
from enigma.analysis.unknowns.detection import threshold
from enigma.analysis.unknowns.frames import decisions, scores, unknowns
from enigma.analysis.unknowns.view import usual_score, view
from enigma.recording.loop import record
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.run_folder import Run

SPEC = RunSpec().override(
    corruption="none", steps=3, frames=3, batch_size=20, probes=80, references=60, device="cpu", unknown="uniform",
    model="resnet-bn-isomax",
)  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("view")
    return record(SPEC, folder / "runs", folder / "cache")


def test_view_says_what_is_recorded_and_is_plain_json(run: Run) -> None:
    sent = view(run, trajectory(run))
    assert json.loads(json.dumps(sent, allow_nan=False))["steps"] == list(run.frame_steps)
    last = unknowns(run).frames[-1]
    assert sent["accuracy"][-1] == pytest.approx(last.accuracy, abs=1e-4)
    assert sent["auroc"]["entropy"][-1] == pytest.approx(last.detection["entropy"].auroc, abs=1e-4)
    assert (sent["known"], sent["unknown"]) == (80, 20)
    assert sent["projection"].startswith("True distances")
    # ViM needs a linear head; this one has prototypes.
    assert [score["name"] for score in sent["scores"]] == run.facts["scores"]
    assert "vim" not in sent["auroc"]


def test_roc_ends_at_the_corners_and_its_area_is_the_auroc(run: Run) -> None:
    sent = view(run, trajectory(run))
    x, y = (np.array(sent["roc"]["entropy"][-1][axis::2], float) for axis in (0, 1))
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(y, x) == pytest.approx(sent["auroc"]["entropy"][-1], abs=0.01)


def test_thresholds_keep_what_they_say(run: Run) -> None:
    sent = view(run, trajectory(run))
    known, unknown = scores(run, 3)["energy"]
    rejected = np.array(sent["thresholds"]["energy"][-1], float).reshape(-1, 2)
    assert len(rejected) == 51
    assert (1 - rejected[:, 0] >= np.arange(50, 101) / 100 - 1e-4).all()
    at = threshold(known, 0.95)
    assert rejected[45] == pytest.approx([(known > at).mean(), (unknown > at).mean()], abs=1e-4)


def test_threshold_lies_on_the_axis_of_its_score_and_cuts_off_what_the_histogram_shows(run: Run) -> None:
    sent = view(run, trajectory(run))
    for name, (known, unknown) in scores(run, 3).items():
        found = sent["histograms"][name]
        assert sum(found["known"][-1]) == pytest.approx(1, abs=0.005)
        assert sum(found["unknown"][-1]) == pytest.approx(1, abs=0.005)
        level = sent["levels"][name][-1][45]
        assert level == pytest.approx(threshold(known, 0.95), abs=1e-4)
        edges = np.linspace(found["low"], found["high"], 41)
        first = int(np.searchsorted(edges, level, side="right"))
        beyond = sum(found["unknown"][-1][first:])
        within = beyond + (found["unknown"][-1][first - 1] if 0 < first <= 40 else 0)
        assert beyond - 1e-3 <= (unknown > level).mean() <= within + 1e-3


def test_two_runs_beside_each_other_have_the_same_axes(run: Run, tmp_path: Path) -> None:
    other = record(SPEC.override(model="resnet-bn-softmax"), tmp_path / "runs", tmp_path / "cache")
    left, right = view(run, trajectory(run), other), view(other, trajectory(other), run)
    assert left["axes"]["accuracy"] == right["axes"]["accuracy"]
    for name in set(left["histograms"]) & set(right["histograms"]):
        assert left["axes"]["auroc"][name] == right["axes"]["auroc"][name]
        ends = [[sent["histograms"][name][end] for end in ("low", "high")] for sent in (left, right)]
        assert ends[0] == ends[1]
    shown = [left["source"]["accuracy"], *left["accuracy"], right["source"]["accuracy"], *right["accuracy"]]
    assert left["axes"]["accuracy"] == pytest.approx([min(shown), max(shown)], abs=1e-4)


def test_points_share_one_square_grid(run: Run) -> None:
    sent = view(run, trajectory(run))
    assert [len(frame) for frame in sent["probes"]] == [200] * len(run.frame_steps)
    assert len(sent["references"]) == 120
    every = np.concatenate([*map(np.array, sent["probes"]), sent["references"]]).reshape(-1, 2)
    assert every.min() >= 0
    assert every.max() <= 4095
    drawn = trajectory(run).projection.probes[-1]
    ours = np.array(sent["probes"][-1]).reshape(-1, 2)
    spread, expected = np.ptp(ours, axis=0), np.ptp(drawn, axis=0)
    assert spread[0] / spread[1] == pytest.approx(expected[0] / expected[1], rel=0.01)


def test_decisions_keep_the_share_of_known_images_and_name_every_image(run: Run) -> None:
    table = decisions(run, 3, "entropy", 0.9)
    known, unknown = scores(run, 3)["entropy"]
    is_known = table["truth"] == "known"
    assert np.array_equal(table["score"][is_known], known)
    assert (table["decision"][is_known] == "known").mean() == pytest.approx(0.9, abs=0.02)
    at = table["threshold"].iloc[0]
    assert (table["decision"][~is_known] == "unknown").mean() == (unknown > at).mean()


def test_score_of_the_heads_paper_comes_first(run: Run) -> None:
    assert usual_score(run) == "entropy"
    assert usual_score(Run(run.path)) == "entropy"


def test_run_without_unknown_images_is_refused(tiny_run: Run) -> None:
    with pytest.raises(InputError, match="Expected a run with unknown images"):
        view(tiny_run, trajectory(tiny_run))
