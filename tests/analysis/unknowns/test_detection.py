"""Metrics of detection: against pytorch-ood, brute force, and the two conventions of '95 %'."""

import math

import numpy as np
import pytest
import torch
from pytorch_ood.metrics import functional as metrics
from scipy.stats import norm

from enigma.analysis.unknowns.detection import detection, h_score, oscr, roc, threshold


@pytest.fixture(params=[0, 1, 2], ids=["apart", "with ties", "uneven"])
def scored(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(request.param)
    known, unknown = generator.normal(0, 1, 400), generator.normal(1, 2, 300)
    if request.param == 1:
        known, unknown = known.round(), unknown.round()
    return (known[:37], unknown) if request.param == 2 else (known, unknown)


def theirs(known: np.ndarray, unknown: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores and labels as pytorch-ood takes them: negative labels are unknown."""
    return torch.from_numpy(np.r_[known, unknown]), torch.tensor([0] * len(known) + [-1] * len(unknown))


def test_metrics_equal_those_of_pytorch_ood(scored: tuple[np.ndarray, np.ndarray]) -> None:
    found = detection(*scored)
    scores, labels = theirs(*scored)
    assert found.auroc == pytest.approx(float(metrics.auroc(scores, labels)), abs=1e-12)
    assert found.fpr95_unknown_positive == pytest.approx(float(metrics.fpr_at_tpr(scores, labels)), abs=1e-12)
    swapped = torch.where(labels < 0, 0, -1)
    kept = float(metrics.fpr_at_tpr(-scores, swapped))
    assert found.tnr_at_tpr95_known_positive == pytest.approx(1 - kept, abs=1e-12)
    assert found.aupr_unknown == pytest.approx(float(metrics.aupr(scores, labels, positive="ood")), abs=1e-12)
    assert found.aupr_known == pytest.approx(float(metrics.aupr(scores, labels, positive="id")), abs=1e-12)


def test_metrics_equal_brute_force(scored: tuple[np.ndarray, np.ndarray]) -> None:
    known, unknown = scored
    found = detection(known, unknown)
    pairs = (unknown[:, None] > known).mean() + (unknown[:, None] == known).mean() / 2
    assert found.auroc == pytest.approx(pairs)
    thresholds = np.r_[-np.inf, np.unique(np.r_[known, unknown])]
    rejected = [((known > t).mean(), (unknown > t).mean()) for t in thresholds]
    assert found.dtacc == pytest.approx(max((1 - false + true) / 2 for false, true in rejected))
    assert found.fpr95_unknown_positive == pytest.approx(min(f for f, t in rejected if t >= 0.95))
    assert found.tnr_at_tpr95_known_positive == pytest.approx(max(t for f, t in rejected if 1 - f >= 0.95))


def test_the_two_conventions_of_95_percent_are_not_complements() -> None:
    """ID N(0, 1), unknown N(3, 2): rejecting 5 % of the known and catching 95 % of the unknown are different things."""
    quantiles = (np.arange(20_000) + 0.5) / 20_000
    found = detection(norm.ppf(quantiles), norm.ppf(quantiles, 3, 2))
    assert found.tnr_at_tpr95_known_positive == pytest.approx(0.751, abs=1e-3)
    assert found.fpr95_unknown_positive == pytest.approx(0.614, abs=6e-3)


def test_open_set_classification_rate_equals_pytorch_ood_and_is_bounded_by_accuracy() -> None:
    generator = np.random.default_rng(0)
    known, unknown = generator.normal(0, 1, 300).round(1), generator.normal(1, 1, 200).round(1)
    is_right = generator.random(300) < 0.8
    scores, labels = theirs(known, unknown)
    predictions = torch.tensor([*np.where(is_right, 0, 1), *np.zeros(200, int)])
    assert oscr(known, is_right, unknown) == pytest.approx(metrics.oscr_score(scores, predictions, labels), abs=1e-12)
    assert oscr(known, is_right, unknown + 100) == pytest.approx(is_right.mean())
    assert oscr(known, is_right, known) < is_right.mean()


def test_perfect_and_useless_scores() -> None:
    known, unknown = np.arange(10.0), np.arange(10.0) + 50
    assert all(min(value, 1 - value) < 1e-12 for value in detection(known, unknown).to_dict().values())
    assert detection(known, unknown).auroc == 1
    assert detection(known, unknown).fpr95_unknown_positive == 0
    constant = detection(np.zeros(8), np.zeros(5))
    assert (constant.auroc, constant.dtacc, constant.tnr_at_tpr95_known_positive) == (0.5, 0.5, 0.0)


def test_what_cannot_be_said_is_nan() -> None:
    for known, unknown in ((np.zeros(0), np.ones(3)), (np.ones(3), np.zeros(0)), (np.array([np.nan]), np.ones(2))):
        assert all(math.isnan(value) for value in detection(known, unknown).to_dict().values())
    assert math.isnan(oscr(np.zeros(0), np.zeros(0, bool), np.ones(2)))
    assert math.isnan(h_score(0.0, 0.0))


@pytest.mark.parametrize("keep", [0.5, 0.9, 0.95, 1.0])
def test_threshold_keeps_at_least_the_share_and_no_more_than_needed(keep: float) -> None:
    known = np.random.default_rng(0).normal(0, 1, 317)
    found = threshold(known, keep)
    assert (known <= found).mean() >= keep > (known < found).mean() - 1e-12


def test_roc_begins_and_ends_at_the_corners_and_is_thin() -> None:
    generator = np.random.default_rng(0)
    points = roc(generator.normal(0, 1, 3000), generator.normal(1, 1, 3000))
    assert len(points) <= 200
    assert (points[0], points[-1]) == ((0.0, 0.0), (1.0, 1.0))
    assert points == sorted(points)
