"""Words of judgement from measured changes: on runs that were recorded, and on made-up ones whose truth is known."""

import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from enigma.analysis.metrics.geometry import centre_distances
from enigma.analysis.metrics.observed import known_probe, source_means
from enigma.analysis.phases.course import Course
from enigma.analysis.phases.evidence import CENTROIDS, NEAREST, RESAMPLES, Evidence, evidence
from enigma.analysis.phases.story import story
from enigma.analysis.reading import trajectory
from enigma.analysis.trajectory import Trajectory
from enigma.spec.assets import asset
from enigma.store import collection
from enigma.store.run_folder import Run
from tests.stored import TINY_ID, UNKNOWN_ID, stored

CLASSES, FEATURES = 5, 8
MEANS = 4 * np.eye(CLASSES, FEATURES)


@pytest.fixture(scope="module")
def run() -> Run:
    (run,) = collection.listed(asset("runs"))
    return run


@pytest.fixture(scope="module")
def shown(run: Run) -> Trajectory:
    return trajectory(run, "pca")


def clouds(
    seed: int, offsets: list[float], spreads: list[float] | None = None, images: int = 200, jitter: float = 0.3
) -> tuple[np.ndarray, np.ndarray]:
    """Test images of five classes whose true centroids lie at these distances from the training means."""
    rng = np.random.default_rng(seed)
    labels = np.arange(images) % CLASSES
    away = np.zeros(FEATURES)
    away[-1] = 1
    own = rng.normal(size=(images, FEATURES))
    frames = [
        MEANS[labels] + offset * away + spread * (own + jitter * rng.normal(size=own.shape))
        for offset, spread in zip(offsets, spreads or [1.0] * len(offsets), strict=True)
    ]
    return np.stack(frames), labels


def flipping(seed: int, accuracies: list[float], images: int = 400, kept: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
    """Predictions of each accuracy, where chance alone decides which fifth of the images is decided anew."""
    rng = np.random.default_rng(seed)
    labels = np.arange(images) % CLASSES
    luck, told = rng.random(images), []
    for accuracy in accuracies:
        luck = np.where(rng.random(images) < kept, luck, rng.random(images))
        told.append(np.where(luck < accuracy, labels, (labels + 1) % CLASSES))
    return np.stack(told), labels


def made(frames: np.ndarray, labels: np.ndarray, predictions: np.ndarray | None = None) -> Evidence:
    told = np.tile(labels, (len(frames), 1)) if predictions is None else predictions
    return evidence(frames, told, labels, MEANS)


def test_distance_is_that_of_the_centroids_by_hand_and_accuracy_that_of_the_metrics(
    run: Run, shown: Trajectory
) -> None:
    kept, labels = known_probe(run)
    by_hand = [
        np.mean([
            np.linalg.norm(frame["embeddings"][kept][labels == label].mean(0, dtype=np.float64) - mean)
            for label, mean in enumerate(source_means(run))
        ])
        for _, frame in run.frames()
    ]  # fmt: skip
    np.testing.assert_allclose(shown.evidence.distances, by_hand, rtol=1e-6)
    np.testing.assert_array_equal(shown.evidence.accuracies, shown.metrics["accuracy"])


def test_bundled_run_approaches_then_leaves_with_the_intervals_that_show_it(shown: Trajectory) -> None:
    course, told = shown.course, story(shown)
    assert course.spans == {1: (0, course.best), 2: (course.best, course.last)}
    down, up = course.evidence.distance(0, course.best), course.evidence.distance(course.best, course.last)
    assert (down.direction, up.direction) == (-1, 1)
    assert down.low < down.value < down.high
    assert f"falls from {down.before:.2f} to {down.after:.2f}" in told
    assert told.count("95 % interval") == 4
    assert "test images approach" in told
    assert "(phase 2, failure)" in told


def test_a_distance_of_nothing_has_no_share() -> None:
    labels = np.arange(50) % CLASSES
    on_the_means = made(np.stack([MEANS[labels], MEANS[labels] + 1]), labels)
    assert on_the_means.distances[0] == 0
    assert np.isnan(on_the_means.share(0, 1).value)
    assert on_the_means.share(1, 0).value == pytest.approx(-1)


def test_each_frame_is_judged_on_its_own(shown: Trajectory) -> None:
    """Frame 1 of the bundled run is no success yet, and the frame after the best no failure yet."""
    course = shown.course
    labels = [course.label(frame) for frame in range(len(shown.steps))]
    assert labels[:2] == ["1 start", "1 no gain yet"]
    assert labels[course.best] == "1 success"
    assert labels[course.best + 1] == "2 no loss yet"
    assert labels[-1] == "2 failure"


def test_bootstrap_error_is_the_standard_error_of_fresh_probes() -> None:
    """Against another route: the deviation over many probes that are drawn anew."""
    fresh = [made(*clouds(seed, [2.0, 1.5])).distance(0, 1) for seed in range(300)]
    actual = np.std([change.value for change in fresh])
    drawn = made(*clouds(1000, [2.0, 1.5]))
    moved = drawn.samples[1] - drawn.samples[0]
    assert moved.std() == pytest.approx(actual, rel=0.15)


@pytest.mark.parametrize("images", [25, 200])
def test_nothing_approaches_where_only_chance_moves(images: int) -> None:
    """Among eighteen frames at one true distance none is called nearer or further, in nearly all runs."""
    called = 0
    for seed in range(100):
        found = made(*clouds(seed, [2.0] * 18, images=images))
        course = Course(np.arange(18), found)
        called += any(found.distance(first, last).direction for first in range(18) for last in range(first + 1, 18))
        assert "approach" not in " ".join(course.told(frame) for frame in range(18)) or called
    assert called <= 10


@pytest.mark.parametrize(("offset", "images", "most"), [(1.0, 50, 10), (0.5, 30, 10), (0.0, 30, 20), (0.0, 50, 20)])
def test_clusters_that_only_tighten_do_not_approach(offset: float, images: int, most: int) -> None:
    """The centroid of wide clusters lies further off by chance alone; that is bias and not distance.

    Right on their training means, where a distance cannot get less, the error is judged too small in some runs more.
    """
    spreads = [3, 2.5, 2, 1.5, 1.2, 1.0]
    called = [made(*clouds(seed, [offset] * 6, spreads, images)).distance(0, 5).direction < 0 for seed in range(100)]
    assert sum(called) <= most


def test_images_that_are_all_alike_are_one_image() -> None:
    """Nothing is beyond chance that was seen of one image, however often it is there."""
    labels = np.arange(60) % CLASSES
    frames = MEANS[labels] + np.array([3.0, 1.0])[:, None, None] * np.eye(FEATURES)[-1]
    found = made(frames, labels)
    assert found.distances == pytest.approx([3.0, 1.0])
    assert found.distance(0, 1).direction == 0


def test_interval_of_an_accuracy_holds_no_impossible_change() -> None:
    labels = np.arange(6) % CLASSES
    found = made(np.repeat(MEANS[labels][None], 2, 0), labels, np.stack([(labels + 1) % CLASSES, labels]))
    change = found.accuracy(0, 1)
    assert (change.value, change.high) == (1.0, 1.0)
    assert change.low >= -1


def test_an_approach_that_is_there_is_found() -> None:
    found = [made(*clouds(seed, [2.0, 1.8, 1.6, 2.5])) for seed in range(50)]
    assert sum(one.distance(0, 2).direction < 0 for one in found) >= 48
    assert sum(one.distance(2, 3).direction > 0 for one in found) >= 48


def test_noise_alone_is_neither_success_nor_failure() -> None:
    """The best of eighteen frames is above the first and the last in every run, by chance."""
    seen, plain = 0, 0
    for seed in range(200):
        told, labels = flipping(seed, [0.6] * 18, kept=0.5)
        found = made(np.repeat(MEANS[labels][None], 18, 0), labels, told)
        course = Course(np.arange(18), found)
        seen += bool(course.spans)
        words = " ".join(course.label(frame) for frame in range(18))
        assert bool(course.spans) == ("success" in words or "failure" in words)
        right = found.right
        lost, gained = (right[course.best] & ~right[-1]).sum(), (~right[course.best] & right[-1]).sum()
        plain += bool(lost + gained) and binomtest(int(lost), int(lost + gained)).pvalue < 0.05
    assert seen <= 20
    # What the range of all frames is for: the exact test of the two frames alone cries failure more often.
    assert plain >= 20


def test_success_and_failure_that_are_there_are_found() -> None:
    told, labels = flipping(3, [0.5, 0.6, 0.7, 0.6, 0.5], images=1000)
    course = Course(np.arange(5), made(np.repeat(MEANS[labels][None], 5, 0), labels, told))
    assert course.spans == {1: (0, 2), 2: (2, 4)}


def test_few_images_prove_nothing() -> None:
    """Three of four images that become wrong are no failure; by the exact test neither."""
    labels = np.arange(4)
    told = np.array([[0, 1, 2, 3], [1, 2, 3, 3]])
    assert made(np.repeat(MEANS[labels][None], 2, 0), labels, told).accuracy(0, 1).direction == 0
    assert binomtest(3, 3).pvalue > 0.05


@pytest.mark.parametrize("name", [TINY_ID, UNKNOWN_ID])
def test_tiny_runs_of_sixty_images_say_nothing_they_cannot_know(name: str, tmp_path: Path) -> None:
    shown = trajectory(Run(Path(shutil.copytree(stored(name), tmp_path / name))), "pca")
    told = story(shown)
    for first, last in ((0, shown.course.best), (shown.course.best, shown.course.last)):
        if first == last:
            continue
        accuracy, distance = shown.evidence.accuracy(first, last), shown.evidence.distance(first, last)
        assert accuracy.low <= accuracy.value <= accuracy.high
        assert np.isfinite(distance.value)
    assert ("success" in told) == (1 in shown.course.spans)
    assert ("failure" in told) == (2 in shown.course.spans)
    directions = {shown.evidence.distance(0, shown.course.best).direction} if shown.course.best else {0}
    if shown.course.best < shown.course.last:
        directions.add(shown.evidence.distance(shown.course.best, shown.course.last).direction)
    assert ("approach" in told) == (-1 in directions)


def test_growing_run_is_judged_by_the_frames_so_far(shown: Trajectory) -> None:
    """The first frames of the bundled run alone, as they are on screen while it is recorded."""
    two = Course(shown.steps[:2], shown.evidence.of_frames([0, 1]))
    assert [two.label(frame) for frame in range(2)] == ["–", "no change"]
    until_best = Course(shown.steps[: shown.course.best + 1], shown.evidence.of_frames(range(shown.course.best + 1)))
    assert set(until_best.spans) == {1}
    assert Course(shown.steps[:1], shown.evidence.of_frames([0])).label(0) == "–"


def test_without_labels_the_nearest_class_mean_stands_in_and_is_named() -> None:
    frames, labels = clouds(0, [2.0, 0.5])
    unknown = np.full_like(labels, -1)
    found = evidence(frames, np.tile(labels, (2, 1)), unknown, MEANS)
    course = Course(np.arange(2), found)
    assert found.measure == NEAREST
    assert course.best == -1
    assert course.spans == {}
    by_hand = np.linalg.norm(frames[:, :, None] - MEANS, axis=-1).min(-1).mean(-1)
    np.testing.assert_allclose(found.distances, by_hand)
    assert "the distance to the nearest class mean falls" in course.told(1)
    assert "Accuracy" not in course.told(1)
    assert "approach" not in course.told(1)


def test_without_training_images_nothing_is_said_of_distance() -> None:
    frames, labels = clouds(0, [2.0, 0.5])
    found = evidence(frames, np.tile(labels, (2, 1)), labels, np.full_like(MEANS, np.nan))
    assert found.measure == ""
    assert np.isnan(found.distances).all()
    assert found.distance(0, 1).direction == 0
    assert "distance" not in Course(np.arange(2), found).told(1)


def test_classes_of_few_images_have_no_centroid_here_as_in_the_explanation() -> None:
    frames, labels = clouds(0, [2.0, 1.0])
    labels = labels.copy()
    labels[(labels == 4) & (np.arange(len(labels)) > 20)] = 0
    found = made(frames, labels)
    assert found.measure == CENTROIDS
    for frame, measured in zip(frames, found.class_distances, strict=True):
        np.testing.assert_allclose(measured, centre_distances(frame, labels, MEANS))
    assert np.isnan(found.class_distances[:, 4]).all()


def test_many_features_are_resampled_by_inner_products_with_the_same_result() -> None:
    rng = np.random.default_rng(0)
    labels, means = np.arange(60) % 3, rng.normal(size=(3, 30))
    frames = rng.normal(size=(2, 60, 30))
    narrow = evidence(frames, np.tile(labels, (2, 1)), labels, means)
    wide = evidence(*(np.tile(labels, (2, 1)) if part is None else part for part in (
        np.concatenate([frames, np.zeros((2, 60, 400))], -1), None)), labels,
        np.concatenate([means, np.zeros((3, 400))], -1))  # fmt: skip
    np.testing.assert_allclose(narrow.samples, wide.samples, rtol=1e-5)
    assert narrow.samples.shape == (2, RESAMPLES)


def test_measuring_the_bundled_run_takes_less_than_a_second(run: Run) -> None:
    kept, labels = known_probe(run)
    frames = [(frame["embeddings"][kept], frame["top_classes"][kept, 0]) for _, frame in run.frames()]
    start = time.process_time()
    found = evidence((one for one, _ in frames), (two for _, two in frames), labels, source_means(run))
    Course(np.array(run.frame_steps), found).told(len(frames) - 1)
    assert time.process_time() - start < 1
