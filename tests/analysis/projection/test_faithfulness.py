"""What a picture shows of each phase and of single images: where its faults are known, and on the bundled run."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from enigma.analysis.phases.course import Course
from enigma.analysis.phases.evidence import evidence
from enigma.analysis.projection.faithfulness import Faithfulness, faithfulness, neighbourhoods
from enigma.analysis.reading import trajectory
from enigma.spec.assets import asset
from enigma.store import collection

RIGHT = [0.5, 0.6, 0.8, 0.6, 0.4]
MEANS = np.array([[0.0, 0.0], [30.0, 0.0], [0.0, 30.0]])


def judged(true: list[float], drawn: list[float], *, shuffled: float = 0.0, labelled: bool = True) -> Faithfulness:
    """A run of five frames whose centroids lie at these distances in truth and on the picture; best at the third."""
    rng = np.random.default_rng(0)
    labels = np.arange(600) % 3
    own = rng.normal(0, 0.5, (600, 2))
    told = np.stack([np.where(np.arange(600) < 600 * share, labels, (labels + 1) % 3) for share in RIGHT])
    clouds = [
        np.stack([MEANS[labels] + [distance, 0] + noise for distance in distances])
        for distances, noise in ((true, own), (drawn, (1 - shuffled) * own + shuffled * rng.permutation(own)))
    ]
    known = labels if labelled else np.full_like(labels, -1)
    measured, picture = (evidence(cloud, told, known, MEANS) for cloud in clouds)
    lengths = [np.linalg.norm(cloud - MEANS[labels], axis=-1) for cloud in clouds]
    return faithfulness(Course(np.arange(5), measured), picture, *lengths, 0.9)


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        ([4, 3, 2, 4, 8], "phase 1 shown, phase 2 shown"),
        ([4, 3.5, 2.5, 4, 9], "phase 1 shown, phase 2 shown"),
        ([4, 3.9, 3.6, 4, 5], "phase 1 partly shown, phase 2 partly shown"),
        ([4, 4.2, 4.5, 4.2, 4], "phase 1 not shown, phase 2 not shown"),
        # A picture has units of its own.
        ([40, 30, 20, 40, 80], "phase 1 shown, phase 2 shown"),
    ],
)
def test_sign_and_size_of_each_phase_decide(drawn: list[float], words: str) -> None:
    assert judged([4, 3, 2, 4, 8], drawn).words.startswith(words)


def test_each_phase_is_judged_on_its_own() -> None:
    """One rank correlation over these frames is 0.9: the collapse alone decides it."""
    true, drawn = [4.0, 3.9, 3.5, 6.0, 9.0], [4.0, 4.1, 4.2, 6.5, 11.0]
    assert spearmanr(true, drawn).statistic > 0.5
    found = judged(true, drawn)
    assert [phase.verdict for phase in found.phases] == ["not shown", "shown"]
    assert found.is_doubtful


def test_where_truth_does_not_move_there_is_nothing_to_show() -> None:
    found = judged([4, 4, 4, 4, 8], [4, 3, 2, 4, 8])
    assert found.phases[0].verdict == "nothing to show"
    assert found.words.startswith("phase 1 nothing to show, phase 2 ")


def test_single_images_are_judged_by_their_ranks() -> None:
    true = [4.0, 3.0, 2.0, 4.0, 8.0]
    same, mixed, random = (judged(true, true, shuffled=share) for share in (0.0, 0.4, 1.0))
    assert (same.images, mixed.images, random.images) == ("good", "rough", "poor")
    assert same.correlation == pytest.approx(1)
    assert random.low < random.correlation < random.high < 0.6


def test_without_labels_the_whole_run_is_one_movement() -> None:
    found = judged([4, 3, 2, 4, 8], [4, 3, 2, 4, 8], labelled=False)
    assert [phase.number for phase in found.phases] == [0]
    assert found.words == "movement shown, single images good"


def test_correlation_is_the_median_of_spearmans_over_frames_of_the_bundled_run() -> None:
    (run,) = collection.listed(asset("runs"))
    shown = trajectory(run, "pca")
    drawn = np.linalg.norm(shown.projection.probes - shown.projection.means[shown.labels], axis=-1)
    by_hand = np.median([spearmanr(a, b).statistic for a, b in zip(shown.distances, drawn, strict=True)])
    found = shown.faithfulness
    assert found.correlation == pytest.approx(by_hand, abs=1e-6)
    assert found.low < found.correlation < found.high
    # A live run is drawn in PCA: the first frames alone are judged by themselves.
    begun = replace(
        shown, steps=shown.steps[:3], evidence=shown.evidence.of_frames(range(3)), predictions=shown.predictions[:3],
        distances=shown.distances[:3], distance_classes=shown.distance_classes[:3],
        confidences=shown.confidences[:3], entropies=shown.entropies[:3],
        projection=replace(shown.projection, probes=shown.projection.probes[:3], steps=shown.steps[:3]),
    )  # fmt: skip
    assert [phase.number for phase in begun.faithfulness.phases] == [1]


def test_trustworthiness_is_perfect_for_an_isometry_and_less_for_a_shuffle() -> None:
    rng = np.random.default_rng(0)
    frames, references = rng.normal(size=(3, 60, 2)), rng.normal(size=(40, 2))
    assert neighbourhoods(frames, references, 3 * frames, 3 * references) == pytest.approx(1)
    assert neighbourhoods(frames, references, rng.permutation(frames, axis=1), references) < 0.9
