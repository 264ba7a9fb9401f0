"""The phases of runs that were recorded: boundaries, ends, missing labels, many classes."""

import numpy as np
import pytest

from enigma.analysis.metrics import registry
from enigma.analysis.metrics.registry import written
from enigma.analysis.phases.explanation import explanation
from enigma.analysis.phases.measured import Phases, phases, split
from enigma.analysis.reading import trajectory
from enigma.spec.assets import asset
from enigma.spec.errors import InputError
from enigma.store import collection, run_folder
from enigma.store.run_folder import Run


@pytest.fixture(scope="module")
def bundled() -> Phases:
    (run,) = collection.listed(asset("runs"))
    return phases(run)


def test_phases_meet_at_the_first_frame_of_best_accuracy(bundled: Phases) -> None:
    one, two = bundled.phases
    best = int(bundled.measures["accuracy"].argmax())
    assert (one.number, one.first, one.last) == (1, 0, best)
    assert (two.number, two.first, two.last) == (2, best, len(bundled.steps) - 1)
    assert bundled.step(best) == 13


def test_measures_that_metrics_know_are_theirs(bundled: Phases) -> None:
    (run,) = collection.listed(asset("runs"))
    shown = trajectory(run, "pca")
    for name in ("accuracy", "entropy", "silhouette", "shift_distance", "label_flips", "prediction_entropy"):
        np.testing.assert_array_equal(bundled.measures[name], shown.metrics[name])
    assert set(bundled.measures) == set(registry.shown(registry.EXPLANATION))
    assert all(np.isfinite(values).all() for values in bundled.measures.values())


def test_bundled_run_shows_what_the_paper_and_neural_collapse_say(bundled: Phases) -> None:
    true, predicted = bundled.measures["collapse_label"], bundled.measures["collapse_prediction"]
    # Images gather ever closer around what they are predicted as, at last around classes that are not their own.
    assert predicted[-1] < predicted[7] < predicted[0]
    assert true[7] < true[0]
    assert true[-1] > true[7]
    assert (np.diff(bundled.measures["effective_rank"]) < 0).all()
    names = {(bundled.classes[flow.source], bundled.classes[flow.into]) for flow in bundled.phases[1].mergers}
    expected = {("T-shirt", "Shirt"), ("Pullover", "Shirt"), ("Coat", "Shirt"), ("Sneaker", "Sandal")}
    assert names == expected
    assert bundled.phases[0].mergers == []
    assert bundled.predicted[-1][[0, 2, 4, 7]].tolist() == [0, 0, 0, 0]


def test_one_frame_is_held_at_a_time(copied: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The arrays of a frame are gone before the next is read."""
    import weakref

    read, alive = Run.frame, []

    def frame(self: Run, step: int) -> run_folder.Arrays:
        found = read(self, step)
        assert sum(one() is not None for one in alive) <= 1, "an earlier frame is still held"
        alive.append(weakref.ref(found["embeddings"]))
        return found

    monkeypatch.setattr(Run, "frame", frame)
    phases(copied)
    assert len(alive) >= len(copied.frame_steps)


def test_run_without_labels_is_one_stretch_by_predicted_class(copied: Run) -> None:
    probe = copied.read_arrays("probe.safetensors")
    probe["labels"][:] = -1
    copied.write_arrays("probe.safetensors", probe)
    found = phases(copied)
    (only,) = found.phases
    assert (only.number, only.first, only.last, found.by_label) == (0, 0, len(found.steps) - 1, False)
    for name in ("accuracy", "brier", "confidence_gap", "collapse_label"):
        assert np.isnan(found.measures[name]).all()
    assert np.isfinite(found.measures["effective_rank"]).all()
    topics = {sentence.topic for sentence in explanation(found)}
    assert {"Phases", "Clusters", "Predictions", "Effective rank", "Layers"} <= topics
    assert not topics & {"Phase 1", "Calibration"}


def test_run_without_frames_is_explained(copied: Run) -> None:
    for step in copied.frame_steps:
        (copied.path / run_folder.frame_name(step)).unlink()
    with pytest.raises(InputError, match="to have a frame"):
        phases(copied)


def test_progress_counts_the_frames(copied: Run) -> None:
    told: list[tuple[int, int]] = []
    phases(copied, lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_best_at_either_end_leaves_a_phase_without_length() -> None:
    predictions = np.zeros((3, 8), int)
    one, two = split(np.array([0, 5, 9]), np.array([0.7, 0.6, 0.5]), predictions)
    assert (one.first, one.last, two.first, two.last) == (0, 0, 0, 2)
    one, two = split(np.array([0, 5, 9]), np.array([0.5, 0.6, 0.7]), predictions)
    assert (one.last, two.first, two.last) == (2, 2, 2)


@pytest.mark.parametrize(
    ("name", "value", "change", "text"),
    [
        ("label_flips", 1480.0, False, "1,480"), ("accuracy", 0.061, True, "+6.1 points"),
        ("entropy", 0.0, True, "0.000"), ("confidence_gap", -0.02, False, "-2.0 %"),
        ("silhouette", float("nan"), True, "–"),
    ],
)  # fmt: skip
def test_values_are_written_with_their_unit(name: str, value: float, change: bool, text: str) -> None:
    assert written(name, value, change=change) == text
