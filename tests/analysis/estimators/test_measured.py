"""What is measured of a run before a regression: of the model that is asked about, and on the scale of 1,000 images."""

import numpy as np
import pytest

from enigma.analysis.estimators.measured import AGREEMENT, TARGETS, States, accuracies, flip_scores, measured
from enigma.analysis.estimators.outputs import Outputs


def outputs(probabilities: list[float], labels: list[int]) -> Outputs:
    """Two classes; the probability of the second."""
    second = np.array(probabilities)
    return Outputs(np.log(np.stack([1 - second, second], axis=1)), np.array(labels))


LABELS = [0, 0, 1, 1]
TEST = States(
    source=outputs([0.1, 0.2, 0.7, 0.8], LABELS),
    frame0=outputs([0.1, 0.6, 0.7, 0.2], LABELS),
    adapted=outputs([0.9, 0.3, 0.7, 0.95], LABELS),
)


def test_flips_are_those_of_a_thousand_images_ranked_by_the_confidence_of_frame_0() -> None:
    # Images 0, 1 and 3 flip; their confidences at frame 0 are 0.9, 0.6 and 0.8, of four: ranks 4, 1 and 3.
    assert flip_scores(TEST) == {"weighted flips": pytest.approx(250 * (4 + 1 + 3) / 4), "label flips": 750}


def test_each_target_is_the_model_that_its_name_says() -> None:
    assert accuracies(TEST) == {"source": 1.0, "frame 0": 0.5, "adapted": 0.75}
    clean = States(*(outputs([0.4, 0.4, 0.6, 0.6], LABELS) for _ in range(3)))
    confidence = {"source": [0.9, 0.8, 0.7, 0.8], "frame 0": [0.9, 0.6, 0.7, 0.8], "adapted": [0.9, 0.7, 0.7, 0.95]}
    for target in TARGETS:
        found = measured(TEST, clean, target)
        assert found["average confidence"] == pytest.approx(np.mean(confidence[target]))
        assert found["DoC"] == pytest.approx(min(1, 1 - (0.6 - np.mean(confidence[target]))))
        assert {AGREEMENT, "AETTA"} & found.keys() == set()


def test_calibration_is_that_of_the_same_target() -> None:
    clean = States(
        source=outputs([0.4, 0.4, 0.6, 0.6], [0, 0, 1, 1]),
        frame0=outputs([0.4, 0.4, 0.6, 0.6], [0, 0, 1, 0]),
        adapted=outputs([0.4, 0.4, 0.6, 0.6], [0, 1, 1, 0]),
    )
    same = States(*(outputs([0.4, 0.4, 0.6, 0.6], LABELS) for _ in range(3)))
    found = {target: measured(same, clean, target)["DoC"] for target in TARGETS}
    assert found == {"source": 1, "frame 0": pytest.approx(0.75), "adapted": pytest.approx(0.5)}


def test_second_model_agrees_where_both_predict_the_same() -> None:
    both = States(TEST.source, TEST.frame0, TEST.adapted, second=States(TEST.frame0, TEST.frame0, TEST.source))
    clean = States(*(outputs([0.4, 0.4, 0.6, 0.6], LABELS) for _ in range(3)))
    found = {target: measured(both, clean, target)[AGREEMENT] for target in TARGETS}
    assert found == {"source": 0.5, "frame 0": 1.0, "adapted": 0.75}
