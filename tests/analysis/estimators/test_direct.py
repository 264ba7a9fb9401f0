"""The published baselines, each against another way to compute it or a property its paper proves."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.special import softmax
from scipy.stats import entropy

from enigma.analysis.estimators import direct
from enigma.analysis.estimators.outputs import Outputs

Made = Callable[..., Outputs]


def test_confidences_are_means(made: Made) -> None:
    clean, test = made(0.5), made(1.5, 1)
    mean = softmax(test.logits, axis=1).max(1).mean()
    assert direct.average_confidence(test, clean) == pytest.approx(mean)
    fallen = softmax(clean.logits, axis=1).max(1).mean() - mean
    right = (clean.logits.argmax(1) == clean.labels).mean()
    assert direct.difference_of_confidences(test, clean) == pytest.approx(right - fallen)


@pytest.mark.parametrize("name", ["DoC", "ATC, confidence", "ATC, entropy", "COTT"])
def test_calibration_images_themselves_get_their_own_accuracy(made: Made, name: str) -> None:
    clean = made(1.0)
    assert direct.DIRECT[name](clean, clean) == pytest.approx(clean.accuracy, abs=1e-9)


def test_atc_counts_what_is_above_the_threshold(made: Made) -> None:
    clean, test = made(0.8), made(1.6, 1)
    wrong = int((clean.predictions != clean.labels).sum())
    for score, estimator in (
        (lambda o: softmax(o.logits, axis=1).max(1), direct.atc_confidence),
        (lambda o: -entropy(softmax(o.logits, axis=1), axis=1), direct.atc_entropy),
    ):
        threshold = np.sort(score(clean))[wrong]
        assert estimator(test, clean) == pytest.approx(np.mean([s >= threshold for s in score(test)]))


def test_transport_cost_is_that_of_a_linear_programme(made: Made) -> None:
    outputs = made(1.2)
    test = Outputs(outputs.logits[:40], outputs.labels[:40])
    shares = direct.label_shares(outputs)
    # Mass 1/40 leaves each image, mass `shares` arrives at each class; the cost is half the L1 distance.
    cost = np.abs(np.eye(5)[None] - test.probabilities[:, None]).sum(-1) / 2
    leaves = np.kron(np.eye(40), np.ones(5))
    arrives = np.kron(np.ones(40), np.eye(5))
    solved = linprog(cost.ravel(), A_eq=np.vstack([leaves, arrives]), b_eq=np.r_[np.full(40, 1 / 40), shares])
    assert direct.cot(test, outputs) == pytest.approx(1 - solved.fun, abs=1e-9)


def test_transport_to_classes_that_are_not_equally_frequent_by_hand() -> None:
    """Three calibration images in four are of class 0, so three of these four are given it, at a cost of p_1 each."""
    clean = Outputs(np.array([[2.0, 0], [3, 0], [1, 0], [0, 2]]), np.array([0, 0, 0, 1]))
    ones = np.array([0.9, 0.8, 0.4, 0.1])
    test = Outputs(np.log(np.stack([1 - ones, ones], axis=1)), np.full(4, -1))
    costs = np.array([1 - 0.9, 0.8, 0.4, 0.1])
    assert direct.label_shares(clean).tolist() == [0.75, 0.25]
    assert direct.cot(test, clean) == pytest.approx(1 - costs.mean())
    # All calibration images are right, so the threshold is the largest of their costs, that of the logits 1 and 0.
    largest = 1 / (1 + np.e)
    assert direct.cott(test, clean) == np.mean(costs <= largest) == 0.5
    each = direct.transported(test, clean)
    np.testing.assert_allclose(each, [1 - costs, [1, 0, 0, 1]])


def test_transport_is_never_above_confidence(made: Made) -> None:
    # The paper's proposition 1: each image can at best have the class it is surest of.
    for noise in (0.3, 1.0, 2.0):
        test = made(noise, 1)
        assert direct.cot(test, made(0.5)) <= direct.average_confidence(test, made(0.5)) + 1e-12


def test_transport_sees_a_collapse_that_confidence_does_not(made: Made) -> None:
    clean = made(0.5)
    collapsed = Outputs(np.tile([20.0, 0, 0, 0, 0], (600, 1)), np.full(600, -1))
    assert direct.average_confidence(collapsed, clean) > 0.99
    assert direct.cot(collapsed, clean) == pytest.approx(0.2, abs=1e-6)


def test_many_images_are_matched_in_blocks(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    test, clean = made(1.0, 1), made(0.5)
    whole = direct.cot(test, clean)
    monkeypatch.setattr(direct, "MOST_MATCHED", 200)
    assert direct.cot(made(1.0, 1), clean) == pytest.approx(whole, abs=0.02)


def test_agreement_of_two_models_calibrated_together_is_their_accuracy() -> None:
    # Both guess from the same true posterior, so they agree as often as either is right.
    random = np.random.default_rng(0)
    posterior = random.dirichlet(np.ones(4), 20_000)
    labels, first, second = (np.array([random.choice(4, p=row) for row in posterior]) for _ in range(3))
    assert direct.agreement(first, second) == pytest.approx((first == labels).mean(), abs=0.01)


def test_aetta_enlarges_the_disagreement_of_a_collapsed_model(made: Made) -> None:
    outputs = made(1.0)
    spread = Outputs(outputs.logits, outputs.labels, (0.1, np.log(5)))
    collapsed = Outputs(outputs.logits, outputs.labels, (0.1, 0.5 * np.log(5)))
    assert direct.aetta(spread, outputs) == pytest.approx(0.9)
    assert direct.aetta(collapsed, outputs) == pytest.approx(1 - 0.8)
    gone = Outputs(outputs.logits, outputs.labels, (0.1, 0.0))
    assert direct.aetta(gone, outputs) == pytest.approx(0.2)


def test_aetta_needs_a_disagreement(made: Made) -> None:
    with pytest.raises(ValueError, match="dropout"):
        direct.aetta(made(1.0), made(1.0))


def test_no_estimator_looks_at_the_labels_in_question(made: Made) -> None:
    clean, test = made(0.5), made(1.5, 1)
    unknown = Outputs(test.logits, np.full(600, -1))
    for estimator in direct.DIRECT.values():
        assert estimator(unknown, clean) == estimator(test, clean)
