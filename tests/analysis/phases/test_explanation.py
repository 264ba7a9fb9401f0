"""Each sentence on a hand-made run that it must, and one that it must not, be said of."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from enigma.analysis.metrics.layer_drift import Layers
from enigma.analysis.metrics.registry import EXPLANATION, shown
from enigma.analysis.phases.course import in_points
from enigma.analysis.phases.explanation import Sentence, explanation
from enigma.analysis.phases.measured import Phases, phases, split
from enigma.spec.assets import asset
from enigma.store import collection
from tests.factories import evidence_of

STEPS = (0, 10, 40, 60, 100)
CLASSES = ("Boot", "Coat", "Shirt")
STEADY = dict.fromkeys(shown(EXPLANATION), 1.0) | {"accuracy": 0.6, "silhouette": 0.2, "confidence_gap": 0.0}


def made(
    predictions: Any = None,
    classes: tuple[str, ...] = CLASSES,
    steps: tuple[int, ...] = STEPS,
    distances: Any = None,
    images: int = 20_000,
    **measures: Any,
) -> Phases:
    """A run of five frames in which nothing happens but what is given."""
    columns = {name: np.full(len(steps), value) for name, value in STEADY.items()}
    columns |= {name: np.array(values, float) for name, values in measures.items()}
    start = np.repeat(np.arange(len(classes)), 20)
    told = np.tile(start, (len(steps), 1)) if predictions is None else np.asarray(predictions)
    columns["label_flips"] = (told != told[0]).sum(1).astype(float)
    nearness = np.full(len(steps), 2.0) if distances is None else np.array(distances, float)
    return Phases(
        run_id="made", classes=classes, steps=np.array(steps), measures=columns,
        phases=split(np.array(steps), columns["accuracy"], told),
        evidence=evidence_of(columns["accuracy"], nearness, images=images, classes=len(classes)),
        by_label=bool(np.isfinite(columns["accuracy"]).any()),
        distances=np.ones((len(steps), len(classes))),
        predicted=np.stack([np.bincount(frame, minlength=len(classes)) for frame in told]), layers=None, drift=2.5,
    )  # fmt: skip


def of(found: Phases, topic: str) -> str:
    return " ".join(sentence.text for sentence in explanation(found) if sentence.topic == topic)


RISE_AND_FALL = {"accuracy": [0.6, 0.65, 0.7, 0.6, 0.5], "entropy": [1, 0.8, 0.6, 0.4, 0.2]}


def apart(found: Phases, distances: np.ndarray) -> Phases:
    """The same with the centroids of the classes so far from their training means, each with an error of 0.01."""
    of_classes = np.asarray(distances, float)
    return replace(found, distances=of_classes, evidence=replace(found.evidence, class_distances=of_classes))


def test_both_phases_are_told_by_accuracy() -> None:
    found = made(**RISE_AND_FALL)
    one, two = (found.evidence.accuracy(first, last) for first, last in ((0, 2), (2, 4)))
    assert of(found, "Phase 1") == (
        f"Until step 40 accuracy rises from 60.0 % to 70.0 %, by 10.0 points {in_points(one)}."
    )
    assert of(found, "Phase 2") == (
        f"From step 40 accuracy falls by 20.0 points {in_points(two)}, to 50.0 % at step 100, 10.0 points below "
        "frame 0."
    )
    assert 0.08 < one.low < 0.1 < one.high < 0.12


def test_phase_without_length_is_said_to_be_none() -> None:
    falling = made(entropy=[5, 4, 3, 2, 1], accuracy=[0.7, 0.6, 0.5, 0.4, 0.3])
    assert of(falling, "Phase 1") == "There is no phase 1: accuracy is highest at step 0, with 70.0 %."
    assert of(falling, "Clusters").startswith("Until step 100 ")
    rising = made(entropy=[5, 4, 3, 2, 1], accuracy=[0.3, 0.4, 0.5, 0.6, 0.7])
    assert of(rising, "Phase 2") == (
        "There is no phase 2 yet: accuracy is highest at the last frame, step 100, with 70.0 %."
    )
    assert "Calibration" in {sentence.topic for sentence in explanation(rising)}


def test_changes_within_the_error_of_the_probe_are_no_phase() -> None:
    """The same accuracies are a rise and a fall on twenty thousand images, and neither on a thousand."""
    shares = {"entropy": [5, 4, 3, 2, 1], "accuracy": [0.6, 0.62, 0.62, 0.61, 0.6]}
    few, many = made(images=1000, **shares), made(images=20_000, **shares)
    assert of(few, "Phase 1").startswith(
        "There is no phase 1 beyond chance: accuracy is highest at step 10, with 62.0 %, 2.0 points above frame 0 ("
    )
    assert of(few, "Phase 2").startswith(
        "There is no phase 2 beyond chance: accuracy at step 100 is 60.0 %, 2.0 points below the best ("
    )
    assert few.course.spans == {}
    assert of(many, "Phase 1").startswith("Until step 10 accuracy rises from 60.0 % to 62.0 %, by 2.0 points (")
    assert many.course.spans == {1: (0, 1), 2: (1, 4)}


def test_accuracy_that_falls_and_comes_back_is_told_with_both() -> None:
    found = made(entropy=[5, 4, 3, 2, 1], accuracy=[0.6, 0.7, 0.5, 0.6, 0.7])
    told = re.sub(r"\(.*?\)", "()", of(found, "Phase 2"))
    assert told == (
        "From step 10 accuracy falls by 20.0 points (), to 50.0 % at step 40, and comes back to 70.0 % at step 100."
    )


@pytest.mark.parametrize(
    ("silhouette", "distance", "words"),
    [
        (0.3, 0.5, "tighten and approach the"), (0.3, 1.01, "tighten, no nearer"), (0.3, 2, "tighten, but leave"),
        (0.2, 0.5, "approach the training means:"), (0.2, 1, "stay as they are, within"), (0.2, 2, "clusters leave"),
        (0.1, 0.5, "approach the training means, but loosen"), (0.1, 1, "loosen, no"), (0.1, 2, "loosen and leave"),
    ],
)  # fmt: skip
def test_clusters_are_told_by_the_signs_of_both_measures(silhouette: float, distance: float, words: str) -> None:
    found = made(
        accuracy=[0.6, 0.61, 0.62, 0.63, 0.7], entropy=[5, 4, 3, 2, 1], silhouette=[0.2, 0.2, 0.2, 0.2, silhouette],
        distances=[1, 1, 1, 1, distance],
    )  # fmt: skip
    assert words in of(found, "Clusters")


def test_step_at_which_clusters_are_nearest_is_named_where_it_is_no_boundary() -> None:
    found = made(**RISE_AND_FALL, distances=[2, 1.8, 1.5, 1.25, 4])
    assert "nearest to the means at step 60, at 1.25." in of(found, "Clusters")
    assert "nearest" not in of(made(**RISE_AND_FALL, distances=[2, 1.8, 1.25, 1.5, 4]), "Clusters")
    assert "nearest" not in of(made(**RISE_AND_FALL, distances=[2, 1.8, 1.5, 1.48, 4]), "Clusters")


def merged(*frames_of_merger: int, sources: tuple[int, ...] = (1,), into: int = 2, count: int = 3) -> np.ndarray:
    """Predictions in which classes become another at some frames; two of twenty images stay."""
    told = np.tile(np.repeat(np.arange(count), 20), (5, 1))
    for source in sources:
        told[np.ix_(frames_of_merger, np.arange(20 * source + 2, 20 * source + 20))] = into
    return told


def test_one_merger_is_told_with_its_images_and_its_step() -> None:
    assert of(made(merged(3, 4), **RISE_AND_FALL), "Mergers") == (
        "From step 60 Coat merges into Shirt: of 20 images predicted Coat at step 40, 18 are Shirt and 2 still Coat at "
        "step 100."
    )


def test_several_mergers_are_told_together_and_only_the_largest_named() -> None:
    text = of(made(merged(3, 4, sources=(0, 1)), **RISE_AND_FALL), "Mergers")
    assert text.startswith("From step 60, two of the classes predicted at step 40 merge: Boot into Shirt (18 of")
    names = tuple(f"class {number}" for number in range(1000))
    told = merged(4, sources=tuple(range(900)), into=950, count=1000)
    many = made(told, names, **RISE_AND_FALL)
    text = of(many, "Mergers")
    assert text.startswith("From step 100, 900 of the classes predicted at step 40 merge: ")
    assert text.endswith("class 2 into class 950 (18 of 20 images, step 100) and 897 more.")
    assert max(len(sentence.text) for sentence in explanation(many)) < 700


def test_merger_of_phase_one_is_told_too() -> None:
    assert "From step 10 Coat merges" in of(made(merged(1, 2, 3, 4), **RISE_AND_FALL), "Mergers")


def test_without_a_merger_the_largest_flow_is_named() -> None:
    told = merged()
    told[4, 20:27] = 0
    assert of(made(told, **RISE_AND_FALL), "Mergers") == (
        "No class merges into another: the largest share that one loses to another is 35 % (7 of 20 images) of Coat, "
        "to Boot, between step 40 and step 100."
    )
    assert "loses any" in of(made(**RISE_AND_FALL), "Mergers")
    few = np.tile(np.arange(3), (5, 1))
    few[4] = 0
    assert "cannot be told" in of(made(few, **RISE_AND_FALL), "Mergers")


def test_classes_that_move_are_told_by_the_larger_side_the_furthest_first() -> None:
    distances = np.array([[2, 2, 2], [2, 2, 2], [1, 1.5, 2], [1, 2, 2], [1, 3, 5.0]])
    text = of(apart(made(**RISE_AND_FALL), distances), "Class centres")
    assert text == (
        "From step 0 to step 40, 2 of 3 classes move nearer to the training mean: Boot (2.00 to 1.00) and Coat "
        "(2.00 to 1.50). From step 40 to step 100, 2 of 3 classes move away from the training mean: Shirt "
        "(2.00 to 5.00) and Coat (1.50 to 3.00)."
    )
    mixed = apart(made(**RISE_AND_FALL), np.array([[2, 2, 2], [2, 2, 2], [1, 1, 9], [1, 1, 9], [1, 1, 9.0]]))
    assert "2 of 3 classes move nearer to the training mean" in of(mixed, "Class centres")
    still = apart(made(**RISE_AND_FALL), distances[:1].repeat(5, 0) * np.linspace(1, 1.01, 5)[:, None])
    assert "no class comes nearer to its training mean or leaves it beyond chance" in of(still, "Class centres")
    unknown = apart(made(**RISE_AND_FALL), np.full((5, 3), np.nan))
    assert of(unknown, "Class centres") == ""


def test_predictions_that_concentrate_are_told_with_the_step_of_half_the_loss() -> None:
    found = made(merged(3, 4), **RISE_AND_FALL, prediction_entropy=[1.1, 1.1, 1.0, 0.7, 0.5])
    assert of(found, "Predictions") == (
        "At step 100, 3 of 3 classes are predicted at all (3 at step 0); Shirt takes 63.3 % of the images, 33.3 % at "
        "step 0. The entropy of the mean prediction falls from 1.10 to 0.500 nats, half of it by step 60."
    )
    assert "does not collapse: 1.00 to 1.00 nats" in of(made(**RISE_AND_FALL), "Predictions")


def test_collapse_onto_wrong_classes_is_said_only_of_runs_that_show_it() -> None:
    predicted = {"collapse_prediction": [2, 2, 1, 0.5, 0.2]}
    wrong = made(**RISE_AND_FALL, **predicted, collapse_label=[2, 2, 1, 1.5, 3])
    text = of(wrong, "Neural collapse")
    assert "falls from 2.00 to 1.00 by step 40 and further to 0.200 by step 100" in text
    assert text.endswith("From step 40 images gather around classes that are not their own.")
    right = made(**RISE_AND_FALL, **predicted, collapse_label=[2, 2, 1, 0.6, 0.3])
    assert "not their own" not in of(right, "Neural collapse")


def test_a_measure_that_stays_or_turns_is_said_to() -> None:
    found = made(**RISE_AND_FALL, effective_rank=[40, 40, 40, 30, 20], reference_distance=[4, 4, 3, 4, 5])
    assert of(found, "Effective rank").endswith("stays near 40.0 until step 40 and falls to 20.0 by step 100.")
    assert of(found, "Training images").endswith("falls from 4.00 to 3.00 by step 40 and rises to 5.00 by step 100.")


@pytest.mark.parametrize(
    ("gap", "word"), [(0.3, "overconfident"), (-0.3, "underconfident"), (0.02, "as sure as right")]
)
def test_confidence_at_the_end_is_judged(gap: float, word: str) -> None:
    found = made(**RISE_AND_FALL, confidence_gap=[0, 0, 0, 0, gap], calibration_error=[0, 0, 0, 0, abs(gap)])
    assert word in of(found, "Calibration")
    assert f"{100 * abs(gap):.1f} %" in of(found, "Calibration")


def drifted(relative: list[float], distance: list[float], names: tuple[str, ...]) -> Layers:
    frames = np.linspace(0, 1, 5)[:, None]
    return Layers(names, frames * np.array(relative), frames * np.array(distance))


def test_layers_that_drift_most_are_named_in_order() -> None:
    layers = drifted([0.1, 0.5, 0.3, 0.2, 0.01], [9, 1, 2, 3, 4], ("a", "b", "c", "d", "e"))
    assert of(replace(made(**RISE_AND_FALL), layers=layers), "Layers") == (
        "Of 5 adapted tensors those that drift most by step 100 are b (by 50.0 % of its norm), c (by 30.0 % of its "
        "norm), d (by 20.0 % of its norm) and 2 more."
    )


def test_layers_from_zero_at_rest_or_not_recorded_are_told_apart() -> None:
    base = made(**RISE_AND_FALL)
    zero = drifted([np.nan, np.nan], [1.5, 0.0], ("correction", "bias"))
    assert of(replace(base, layers=zero), "Layers") == "From zero, correction (by 1.50) moved by step 100."
    rest = drifted([0.0, 0.0], [0.0, 0.0], ("a", "b"))
    assert of(replace(base, layers=rest), "Layers").startswith("No parameter moves: 2 adapted tensors")
    assert "recorded before the drift of each layer was" in of(base, "Layers")
    assert "2.50 away" in of(base, "Layers")


def test_run_in_which_nothing_happens_says_so_and_no_more() -> None:
    told = explanation(made())
    assert told[0] == Sentence(
        "Phases",
        "Nothing happens: up to step 100 no prediction flips, entropy stays at 1.00 nats and accuracy stays at 60.0 %.",
    )
    assert [sentence.topic for sentence in told] == ["Phases", "Layers"]


def test_single_frame_is_all_there_is_to_tell() -> None:
    (told,) = explanation(made(steps=(0,)))
    assert told.text == "Only the frame at step 0 is recorded so far: accuracy is 60.0 % and entropy is 1.00 nats."


def test_missing_labels_are_explained_and_the_rest_is_told() -> None:
    unknown = dict.fromkeys(
        ("accuracy", "confidence_gap", "collapse_label", "brier", "calibration_error"), [np.nan] * 5
    )
    found = made(merged(3, 4), **unknown, entropy=[5, 4, 3, 2, 1], collapse_prediction=[2, 2, 1, 0.5, 0.2])
    told = explanation(found)
    assert told[0].text.startswith("The test images have no labels, so accuracy is not known")
    assert "From step 60 Coat merges into Shirt: of 20 images predicted Coat at step 0" in of(found, "Mergers")
    text = " ".join(sentence.text for sentence in told)
    assert "nan" not in text
    assert "–" not in text
    assert of(found, "Calibration") == ""
    assert "true classes" not in text


def test_missing_training_images_leave_out_what_needs_them() -> None:
    unknown = dict.fromkeys(("shift_distance", "reference_distance", "distances"), [np.nan] * 5)
    found = apart(made(**RISE_AND_FALL, **unknown), np.full((5, 3), np.nan))
    text = " ".join(sentence.text for sentence in explanation(found))
    assert "nan" not in text
    assert "–" not in text
    assert "silhouette score 0.200 to 0.200." in of(found, "Clusters")


def test_every_sentence_on_the_bundled_run_has_numbers_and_names_recorded_steps() -> None:
    (run,) = collection.listed(asset("runs"))
    found = phases(run)
    told = explanation(found)
    for sentence in told:
        assert re.search(r"\d", sentence.text)
        assert set(sentence.steps) <= set(found.steps.tolist())
    topics = [sentence.topic for sentence in told]
    assert topics == [
        "Phase 1", "Phase 2", "Clusters", "Mergers", "Class centres", "Predictions", "Neural collapse",
        "Effective rank", "Training images", "Calibration", "Layers",
    ]  # fmt: skip
    assert "Until step 13 test clusters tighten and approach the training means" in of(found, "Clusters")
    assert "Sneaker into Sandal" in of(found, "Mergers")
