"""Scores of unknown images: equal to their formulas, and what must hold of them."""

import numpy as np
import pytest
import torch
from scipy.special import logsumexp, softmax
from torch import nn

from enigma.functionals.isomax import IsoMaxPlus
from enigma.recording.unknown_scores import Reference, scores, temperature_of
from enigma.spec.catalogue import SCORES


@pytest.fixture
def seen() -> tuple[torch.Tensor, torch.Tensor, nn.Linear, Reference]:
    """Embeddings in three clusters, the last of which the reference does not have, with a linear head."""
    torch.manual_seed(0)
    centres = torch.eye(3, 8) * 6
    labels = torch.arange(300) % 3
    embeddings = (centres[labels] + torch.randn(300, 8)).relu()
    head = nn.Linear(8, 2)
    head.weight.data = centres[:2]
    known = labels < 2
    reference = Reference((centres[labels[known]] + torch.randn(int(known.sum()), 8)).relu(), labels[known])
    return embeddings, head(embeddings).detach(), head, reference


def test_every_score_of_the_catalogue_is_larger_for_the_unknown_cluster(seen: tuple) -> None:
    embeddings, logits, head, reference = seen
    found = scores(embeddings, logits, head, reference)
    assert set(found) == set(SCORES)
    unknown = np.arange(300) % 3 == 2
    for name, values in found.items():
        assert values.dtype == np.float64
        assert np.median(values[unknown]) > np.median(values[~unknown]), name


def test_scores_of_logits_equal_their_formulas() -> None:
    torch.manual_seed(0)
    logits = torch.randn(40, 6, dtype=torch.float64)
    found, z = scores(torch.zeros(40, 2), logits), logits.numpy()
    p = softmax(z, 1)
    entropy = -(p * np.log(p)).sum(1)
    expected = {
        "msp": -p.max(1), "entropy": entropy, "max_logit": -z.max(1), "energy": -logsumexp(z, 1),
        "mmles": -(z.max(1) + z.mean(1) - entropy), "gen": ((p * (1 - p)) ** 0.1).mean(1),
    }  # fmt: skip
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-7, err_msg=name)


def test_fitted_scores_equal_their_formulas(seen: tuple) -> None:
    embeddings, logits, head, reference = seen
    found = scores(embeddings, logits, head, reference)
    x, known, labels = embeddings.numpy(), reference.embeddings.numpy(), reference.labels.numpy()
    means = np.stack([known[labels == c].mean(0) for c in range(2)])
    scatter = sum((known[labels == c] - means[c]).T @ (known[labels == c] - means[c]) for c in range(2))
    gaps = x[:, None] - means
    half = 0.5 * np.einsum("ncd,de,nce->nc", gaps, np.linalg.inv(scatter + 1e-6 * np.eye(8)), gaps).min(1)
    np.testing.assert_allclose(found["mahalanobis"], half, rtol=1e-3)
    unit = [values / np.linalg.norm(values, axis=1, keepdims=True) for values in (x, known)]
    distances = np.sort(np.linalg.norm(unit[0][:, None] - unit[1], axis=2), 1)[:, 9]
    np.testing.assert_allclose(found["knn"], distances, rtol=1e-4, atol=1e-5)
    cut = np.minimum(x, np.quantile(known, 0.9))
    w, b = head.weight.detach().numpy(), head.bias.detach().numpy()
    np.testing.assert_allclose(found["react"], -logsumexp(cut @ w.T + b, 1), rtol=1e-3)


def test_distance_head_is_scored_at_temperature_one() -> None:
    torch.manual_seed(0)
    head, embeddings = IsoMaxPlus(8, 5), torch.randn(30, 8)
    plain = scores(embeddings, head(embeddings).detach(), head)
    head.temperature.fill_(0.1)
    calibrated = scores(embeddings, head(embeddings).detach(), head)
    assert temperature_of(head) == pytest.approx(0.1)
    for name, values in plain.items():
        np.testing.assert_allclose(calibrated[name], values, rtol=1e-5, err_msg=name)
    # The minimum distance score of IsoMax+ is the distance to the nearest prototype.
    np.testing.assert_allclose(plain["max_logit"], head.distances(embeddings).min(1).values.detach(), rtol=1e-6)


def test_without_reference_or_head_the_scores_that_need_them_are_left_out(seen: tuple) -> None:
    embeddings, logits, _, reference = seen
    assert not {"mahalanobis", "knn", "react", "vim"} & set(scores(embeddings, logits))
    assert {"react", "vim"}.isdisjoint(scores(embeddings, logits, None, reference))
    incomplete = Reference(reference.embeddings, reference.labels + 1)
    assert "mahalanobis" not in scores(embeddings, logits, None, incomplete)
