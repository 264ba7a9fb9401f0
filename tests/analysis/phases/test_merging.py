"""Which class flows into which: hand-made predictions, and brute force over a confusion matrix."""

import numpy as np
from sklearn.metrics import confusion_matrix

from enigma.analysis.phases.merging import Flow, flows, mergers

# Twelve images predicted 0 and eight predicted 1; what becomes of them at three more frames.
FIRST = [0] * 12 + [1] * 8


def frames(*later: list[int]) -> np.ndarray:
    return np.array([FIRST, *later])


def test_class_that_most_leave_and_few_keep_has_merged_from_the_frame_on_that_it_lasts() -> None:
    half = [0] * 5 + [1] * 7 + [1] * 8
    merged = [0] * 2 + [1] * 10 + [1] * 8
    (found,) = mergers(frames(half, merged, merged), 0, 3)
    # At the second frame five of twelve are still themselves, which is more than a fifth.
    assert found == Flow(source=0, into=1, images=12, moved=10, kept=2, frame=2)


def test_merger_that_was_undone_on_the_way_counts_from_when_it_came_back() -> None:
    merged = [1] * 20
    (found,) = mergers(frames(merged, FIRST, merged), 0, 3)
    assert found.frame == 3
    assert mergers(frames(merged, FIRST), 0, 2) == []


def test_class_that_scatters_or_splits_or_is_rare_does_not_merge() -> None:
    scattered = [2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7] + [1] * 8
    assert mergers(frames(scattered), 0, 1) == []
    split = [0] * 3 + [1] * 9 + [1] * 8
    assert [flow.is_merger for flow in flows(frames(split), 0, 1)] == [False]
    rare = np.array([[0] * 4 + [1] * 9, [1] * 13])
    assert flows(rare, 0, 1) == []
    assert len(flows(rare, 0, 1, least=4)) == 1


def test_flows_equal_the_confusion_matrix_between_two_frames() -> None:
    random = np.random.default_rng(3)
    predictions = random.integers(0, 6, (4, 300))
    matrix = confusion_matrix(predictions[1], predictions[3])
    found = flows(predictions, 1, 3)
    assert len(found) == 6
    for flow in found:
        row = matrix[flow.source]
        assert (flow.images, flow.kept) == (row.sum(), row[flow.source])
        others = np.delete(row, flow.source)
        assert flow.moved == others.max() == row[flow.into]
    assert [flow.moved for flow in found] == sorted((flow.moved for flow in found), reverse=True)


def test_nothing_flows_where_no_prediction_changes() -> None:
    assert flows(frames(FIRST, FIRST), 0, 2) == []
