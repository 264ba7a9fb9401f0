"""Norm with a source prior, LAME and T3A, which update no weight, against NumPy."""

import itertools

import numpy as np
import pytest
import torch
from numpy import ndarray

from enigma import adapt
from enigma.adapt.lame import affinities, laplacian_energy, log_assignments
from tests.adapt.networks import rows, two_layers


def arrays(model: torch.nn.Module) -> list[ndarray]:
    return [parameter.detach().numpy() for parameter in model.parameters()]


def features(model: torch.nn.Sequential, x: ndarray, mean: ndarray, variance: ndarray) -> ndarray:
    weight, bias, scale, shift, *_ = arrays(model)
    return np.maximum(((x @ weight.T + bias) - mean) / np.sqrt(variance + 1e-5) * scale + shift, 0)


def softmax(z: ndarray) -> ndarray:
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


@pytest.mark.parametrize("prior", [0.0, 4.0, 16.0])
def test_source_prior_mixes_stored_and_batch_statistics_by_their_numbers_of_images(prior: float) -> None:
    model, (x,) = two_layers(), rows(1)
    weight, bias, *_ = arrays(model)
    hidden = x.flatten(1).numpy() @ weight.T + bias
    share = 12 / (12 + prior)
    mean = share * hidden.mean(0) + (1 - share) * model[1].running_mean.numpy()
    variance = share * hidden.var(0) + (1 - share) * model[1].running_var.numpy()
    expected = features(model, x.flatten(1).numpy(), mean, variance) @ arrays(model)[4].T + arrays(model)[5]
    np.testing.assert_allclose(adapt.build(model, "norm_prior", prior=prior).step(x), expected, rtol=0, atol=1e-12)


def test_source_prior_leads_from_the_batch_alone_to_the_source() -> None:
    model, (x,) = two_layers(), rows(1)
    outputs = {prior: adapt.build(model, "norm_prior", prior=prior).step(x) for prior in (0.0, 1e15)}
    torch.testing.assert_close(outputs[0.0], adapt.build(model, "norm").step(x), rtol=0, atol=1e-12)
    torch.testing.assert_close(outputs[1e15], adapt.build(model, "source").step(x), rtol=0, atol=1e-10)
    # A single image has statistics of its own only with a prior.
    assert torch.isfinite(adapt.build(model, "norm_prior").step(x[:1])).all()


def source_features(model: torch.nn.Sequential, x: torch.Tensor) -> ndarray:
    return features(model, x.flatten(1).numpy(), model[1].running_mean.numpy(), model[1].running_var.numpy())


@pytest.mark.parametrize("affinity", ["knn", "rbf", "linear"])
def test_lame_equals_its_rounds_written_out(affinity: str) -> None:
    model, (x,) = two_layers(), rows(1)
    z = source_features(model, x)
    p = softmax(z @ arrays(model)[4].T + arrays(model)[5])
    unit = z / np.linalg.norm(z, axis=1, keepdims=True)
    distance = np.array([[np.linalg.norm(a - b) for b in unit] for a in unit])
    neighbours = [np.argsort([np.inf if j == i else distance[i, j] for j in range(12)])[:3] for i in range(12)]
    w = np.zeros((12, 12))
    for i in range(12):
        w[i, neighbours[i]] = 1
    sigma = np.mean([distance[i, neighbours[i][-1]] for i in range(12)])
    w = {"knn": w, "rbf": np.exp(-(distance**2) / (2 * sigma**2)), "linear": unit @ unit.T}[affinity]
    y = p
    for _ in range(2000):
        y = softmax(np.log(p) + w @ y)
    logits = adapt.build(model, "lame", affinity=affinity, neighbours=3).step(x)
    np.testing.assert_allclose(logits.softmax(1), y, rtol=0, atol=1e-4)


@pytest.mark.parametrize("kind", ["rbf", "linear"])
def test_lame_never_raises_its_objective(kind: str) -> None:
    # Boudiaf et al. 2022, section 4.2: the concave-convex procedure decreases it for positive semi-definite affinities.
    torch.manual_seed(0)
    log_p = (3 * torch.randn(20, 4, dtype=torch.float64)).log_softmax(1)
    weights = affinities(torch.randn(20, 6, dtype=torch.float64), kind, 5)
    energies = [laplacian_energy(log_assignments(log_p, weights, n), log_p, weights) for n in range(8)]
    assert all(after <= before + 1e-12 for before, after in itertools.pairwise(energies))
    assert energies[-1] < energies[0]


def test_lame_brings_an_image_to_the_class_of_its_neighbours() -> None:
    embeddings = torch.tensor([[1.0, 0.0]] * 6 + [[0.0, 1.0]] * 6) + 0.01 * torch.randn(12, 2)
    p = torch.tensor([[0.9, 0.1]] * 5 + [[0.4, 0.6]] + [[0.1, 0.9]] * 6)
    corrected = log_assignments(p.log(), affinities(embeddings, "knn", 5))
    assert corrected.argmax(1).tolist() == [0] * 6 + [1] * 6


def test_t3a_equals_prototypes_written_out() -> None:
    model, stream = two_layers(), rows(5)
    weight, bias = arrays(model)[4:]
    adapter = adapt.build(model, "t3a", supports=3)
    entries = []
    for label, row in enumerate(weight):
        p = softmax((weight @ row + bias)[None])[0]
        entries.append((-(p * np.log(p)).sum(), label, row))
    for x in stream:
        z = source_features(model, x)
        for row in z:
            p = softmax((weight @ row + bias)[None])[0]
            entries.append((-(p * np.log(p)).sum(), int(p.argmax()), row))
        prototypes = np.zeros_like(weight)
        for label in range(4):
            best = sorted((e for e in entries if e[1] == label), key=lambda e: e[0])[:3]
            total = sum(row / np.linalg.norm(row) for _, _, row in best)
            prototypes[label] = total / np.linalg.norm(total)
        np.testing.assert_allclose(adapter.step(x), z @ prototypes.T, rtol=0, atol=1e-12)


def test_t3a_starts_as_the_normalised_classifier_and_keeps_confident_supports() -> None:
    model, stream = two_layers(), rows(6)
    adapter = adapt.build(model, "t3a", supports=2)
    z = torch.from_numpy(source_features(model, stream[0]))
    unit = model[3].weight / model[3].weight.norm(dim=1, keepdim=True)
    torch.testing.assert_close(adapt.predictor(adapter)(stream[0])[1], (z @ unit.T).detach(), rtol=0, atol=1e-12)
    for x in stream:
        adapter.step(x)
    state = adapter.state()
    assert state["labels"].bincount().max() <= 2
    everything = adapt.build(model, "t3a", supports=0)
    for x in stream:
        everything.step(x)
    assert len(everything.state()["labels"]) == 4 + 6 * 12
    worst_kept = {
        label: state["entropies"][state["labels"] == label].max() for label in state["labels"].unique().tolist()
    }
    of_all = everything.state()
    for label, worst in worst_kept.items():
        assert (of_all["entropies"][of_all["labels"] == label] < worst).sum() <= 1
