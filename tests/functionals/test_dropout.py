"""Disagreement under dropout."""

import math

import pytest
import torch
from torch import nn

from enigma.functionals.dropout import dropout_disagreement, dropout_rate


def head_of(weight: list[list[float]]) -> nn.Linear:
    head = nn.Linear(len(weight[0]), len(weight), bias=False)
    head.weight.data = torch.tensor(weight)
    return head


def test_a_prediction_that_rests_on_one_feature_changes_when_it_is_dropped() -> None:
    # Without the first feature the logits are equal and the first class wins, so class 1 is lost as often as it drops.
    head = head_of([[0.0, 0.0], [1.0, 0.0]])
    embeddings = torch.ones(20_000, 2)
    disagreement, _ = dropout_disagreement(embeddings, torch.ones(20_000, dtype=torch.long), head)
    assert disagreement == pytest.approx(dropout_rate(2), abs=0.01)


def test_a_prediction_that_every_feature_supports_stays() -> None:
    head = head_of([[1.0] * 64, [-1.0] * 64])
    disagreement, entropy = dropout_disagreement(torch.ones(500, 64), torch.zeros(500, dtype=torch.long), head)
    assert disagreement == 0
    assert entropy < 1e-6


def test_entropy_is_of_the_mean_over_images() -> None:
    head = head_of([[50.0] * 8 + [0.0] * 8, [0.0] * 8 + [50.0] * 8])
    embeddings = torch.cat([torch.eye(2).repeat_interleave(8, 1)] * 50)
    _, entropy = dropout_disagreement(embeddings, torch.tensor([0, 1] * 50), head)
    assert entropy == pytest.approx(math.log(2), abs=1e-4)


def test_dropping_is_seeded_and_leaves_other_random_numbers_alone() -> None:
    torch.manual_seed(3)
    embeddings, head, predictions = torch.randn(50, 16), nn.Linear(16, 10), torch.zeros(50, dtype=torch.long)
    before = torch.get_rng_state()
    first = dropout_disagreement(embeddings, predictions, head)
    assert first == dropout_disagreement(embeddings, predictions, head)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(("classes", "rate"), [(2, 0.4), (10, 0.4), (11, 0.3), (200, 0.3), (201, 0.2), (1000, 0.2)])
def test_rate_is_that_of_the_reference_code(classes: int, rate: float) -> None:
    assert dropout_rate(classes) == rate
