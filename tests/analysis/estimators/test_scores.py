"""Scores that a regression turns into an accuracy."""

import numpy as np
import pytest
import torch
from scipy.special import softmax

from enigma.analysis.estimators.outputs import Outputs
from enigma.analysis.estimators.scores import SCORES, energy, mano, nuclear_norm


def test_nuclear_norm_is_the_sum_of_singular_values(made) -> None:
    test = made(1.3)
    values = np.linalg.svd(softmax(test.logits, axis=1), compute_uv=False)
    assert nuclear_norm(test) == pytest.approx(values.sum() / np.sqrt(600 * 5))


def test_nuclear_norm_falls_with_confidence_and_with_spread() -> None:
    sure = Outputs(50 * np.eye(4)[np.arange(80) % 4], np.full(80, -1))
    unsure, collapsed = Outputs(sure.logits / 50, sure.labels), Outputs(50 * np.eye(4)[np.zeros(80, int)], sure.labels)
    assert nuclear_norm(sure) == pytest.approx(1)
    assert nuclear_norm(unsure) < 0.8
    assert nuclear_norm(collapsed) == pytest.approx(0.5)


@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_mano_is_the_norm_that_torch_computes(made, scale: float) -> None:
    logits = made(1.0).logits * scale
    z = torch.from_numpy(logits)
    if -z.log_softmax(1).mean() > 5:
        q = z.softmax(1)
    else:
        q = 1 + z + z**2 / 2
        q = torch.nn.functional.normalize(q - q.min(1, keepdim=True).values, p=1, dim=1)
    expected = torch.norm(q, p=4) / q.numel() ** 0.25
    assert mano(Outputs(logits, np.full(600, -1))) == pytest.approx(expected.item())


def test_both_normalisers_of_mano_are_used(made) -> None:
    uniform = [-made(1.0).at(t).log_probabilities.mean() for t in (1.0, 1 / 30)]
    assert uniform[0] < 5 < uniform[1]


def test_energy_is_mean_log_softmax_over_images(made) -> None:
    test = made(1.0)
    free = -torch.logsumexp(torch.from_numpy(test.logits), 1)
    assert energy(test) == pytest.approx(-free.log_softmax(0).mean().item() - np.log(600))


def test_energy_is_zero_where_all_images_have_the_same() -> None:
    assert energy(Outputs(np.tile([3.0, 1.0], (9, 1)), np.full(9, -1))) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", SCORES)
def test_scores_do_not_depend_on_the_order_or_number_of_images(made, name: str) -> None:
    test = made(1.0)
    order = np.random.default_rng(0).permutation(600)
    twice = Outputs(np.concatenate([test.logits, test.logits[order]]), np.full(1200, -1))
    assert SCORES[name](twice) == pytest.approx(SCORES[name](test))
