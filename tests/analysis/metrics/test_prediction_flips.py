"""Who flips when, against loops that follow the definitions word for word."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from enigma.analysis.metrics import prediction_flips
from enigma.analysis.trajectory import Trajectory
from tests.factories import trajectory as synthetic


@pytest.fixture(scope="module")
def run() -> Trajectory:
    """120 images through 9 frames; every fifth has no known class."""
    made = synthetic(120, 9, references=20)
    return replace(made, labels=np.where(np.arange(120) % 5 == 0, -1, made.labels))


def first_flip(run: Trajectory, image: int) -> int:
    for frame in range(len(run.steps)):
        if run.predictions[frame][image] != run.predictions[0][image]:
            return frame
    return prediction_flips.NEVER


def test_first_flips_equal_a_walk_through_the_frames(run: Trajectory) -> None:
    expected = [first_flip(run, image) for image in range(120)]
    assert prediction_flips.first_flips(run).tolist() == expected
    assert prediction_flips.NEVER in expected
    assert max(expected) > 1


def expected_members(run: Trajectory, group: str, frame: int) -> list[int]:
    """Every group as its help text defines it, one image at a time."""
    found = []
    for image in range(120):
        label, known = run.labels[image], run.labels[image] >= 0
        before, now = run.predictions[0][image], run.predictions[frame][image]
        first, entropy = first_flip(run, image), float(run.entropies[frame][image])
        confidence = float(run.confidences[frame][image])
        rights = [run.predictions[k][image] == label for k in range(len(run.steps))]
        belongs, key = {
            "first-to-flip": (first != prediction_flips.NEVER, first),
            "last-to-flip": (first != prediction_flips.NEVER, -first),
            "flipped-to-wrong": (before != now and known and now != label, first),
            "flipped-to-right": (before != now and known and now == label, first),
            "most-changed": (True, -abs(np.float32(entropy) - run.entropies[0][image])),
            "highest-entropy": (True, -entropy),
            "never-right": (known and not any(rights), -confidence),
            "always-right": (known and all(rights), confidence),
        }[group]
        if belongs:
            found.append((key, image))
    return [image for _, image in sorted(found)]


@pytest.mark.parametrize("frame", [0, 4, 8])
@pytest.mark.parametrize("group", [name for name in prediction_flips.GROUPS if name != "selected"])
def test_members_of_a_group_are_those_of_its_definition_in_its_order(run: Trajectory, group: str, frame: int) -> None:
    assert prediction_flips.members(run, group, frame).tolist() == expected_members(run, group, frame)


def test_every_group_of_the_made_up_run_has_members_so_that_the_tests_above_say_something(run: Trajectory) -> None:
    for group in prediction_flips.GROUPS:
        assert len(prediction_flips.members(run, group, 8, selected=(3,))) > 0, group


def test_selected_images_outside_the_probe_are_left_out(run: Trajectory) -> None:
    assert prediction_flips.members(run, "selected", 0, selected=(17, 3, 3, 120, -1)).tolist() == [3, 17]


def test_pairs_count_every_flip_once_and_the_most_frequent_comes_first(run: Trajectory) -> None:
    counted = Counter((int(a), int(b)) for a, b in zip(run.predictions[0], run.predictions[8], strict=True) if a != b)
    found = prediction_flips.pairs(run, 8)
    assert {(pair.before, pair.after): pair.count for pair in found} == counted
    assert [pair.count for pair in found] == sorted(counted.values(), reverse=True)
    for pair in found:
        moved = [i for i in range(120) if (run.predictions[0][i], run.predictions[8][i]) == (pair.before, pair.after)]
        assert pair.to_right == sum(run.labels[i] == pair.after for i in moved)
        assert pair.to_wrong == sum(run.labels[i] not in (pair.after, -1) for i in moved)


def test_frame_0_has_no_pairs(run: Trajectory) -> None:
    assert prediction_flips.pairs(run, 0) == []


def test_stretches_put_together_are_the_predictions(run: Trajectory) -> None:
    for image in range(120):
        found = prediction_flips.stretches(run, image)
        assert [s.predicted for s in found for _ in range(s.frames)] == run.predictions[:, image].tolist()
        assert [s.first for s in found] == np.cumsum([0, *(s.frames for s in found[:-1])]).tolist()
        assert all(one.predicted != two.predicted for one, two in pairwise(found))


@pytest.mark.parametrize("sort", list(prediction_flips.SORTS))
def test_sorting_keeps_the_images_and_follows_its_key(run: Trajectory, sort: str) -> None:
    images = prediction_flips.members(run, "most-changed", 4)
    found = prediction_flips.arranged(run, images, sort, 4).tolist()
    assert sorted(found) == list(range(120))
    key = {
        "group": lambda image: images.tolist().index(image),
        "entropy": lambda image: -run.entropies[4][image],
        "confidence": lambda image: -run.confidences[4][image],
        "flip": lambda image: first_flip(run, image) if first_flip(run, image) != prediction_flips.NEVER else 99,
        "probe": lambda image: image,
    }[sort]
    keys = [key(image) for image in found]
    assert keys == sorted(keys)


def test_images_without_a_number_come_last(run: Trajectory) -> None:
    entropies = run.entropies.copy()
    entropies[4, 7] = np.nan
    assert prediction_flips.members(replace(run, entropies=entropies), "highest-entropy", 4)[-1] == 7


def test_table_leaves_an_unknown_class_and_a_flip_that_never_came_empty(run: Trajectory) -> None:
    still = next(i for i in range(120) if first_flip(run, i) == prediction_flips.NEVER)
    moved = next(i for i in range(120) if first_flip(run, i) != prediction_flips.NEVER)
    lines = prediction_flips.table(run, np.array([still, moved, 0]), 8).to_csv(index=False).splitlines()
    assert lines[1].endswith(",")
    assert lines[2].endswith(f",{run.steps[first_flip(run, moved)]}")
    assert lines[3].split(",")[3] == ""
    assert lines[2].split(",")[:3] == ["synthetic", str(run.steps[8]), str(moved)]


def test_the_bundled_run_flips_as_often_as_its_metric_says() -> None:
    from enigma.analysis.reading import trajectory
    from enigma.store.home import Home

    bundled = trajectory(Home.default().example(), "pca")
    for frame, count in enumerate(bundled.metrics["label_flips"]):
        assert sum(pair.count for pair in prediction_flips.pairs(bundled, frame)) == count
