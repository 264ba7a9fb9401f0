"""Methods that minimise a function of the logits, against the same update written out."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from enigma import adapt
from enigma.functionals.entropy import marginal_entropy, opinion_entropy, softmax_entropy
from enigma.functionals.pseudo_labels import conjugate_loss, generalised_cross_entropy
from tests.adapt.networks import batches, leaves, network, rows, two_layers, written_out


def entropies(p: Tensor) -> Tensor:
    return -(p * p.log()).sum(-1)


def pseudo_label(logits: Tensor) -> Tensor:
    p = logits.softmax(1).max(1).values
    return -p[p > 0.4].log().mean()


def information(logits: Tensor) -> Tensor:
    p = logits.softmax(1)
    return entropies(p).mean() - 0.7 * entropies(p.mean(0))


def opinion(logits: Tensor) -> Tensor:
    steady = logits / logits.norm(dim=1, keepdim=True) * logits.norm(dim=1, keepdim=True).detach()
    total = steady.exp().sum(1, keepdim=True) + 4
    return entropies(torch.cat([steady.exp() / total, 4 / total], 1) + 1e-7)


def weighted_opinion(logits: Tensor) -> Tensor:
    h = opinion(logits)
    kept = h[h < 1.45]
    return (torch.exp(1.45 - kept.detach()) * kept).mean()


@pytest.mark.parametrize(
    ("method", "chosen", "loss"),
    [
        ("pseudo_label", {"threshold": 0.4}, pseudo_label),
        ("entropy_diversity", {"diversity": 0.7}, information),
        ("come_tent", {}, lambda logits: opinion(logits).mean()),
        ("come_eta", {"e_margin": 1.45}, weighted_opinion),
    ],
)
def test_first_step_equals_the_update_written_out(method: str, chosen: dict, loss: Callable[[Tensor], Tensor]) -> None:
    model, (x,) = two_layers(), rows(1)
    parameters = leaves(model)
    logits = written_out(parameters, x)
    value = loss(logits)
    scale, shift = torch.autograd.grad(value, parameters[2:4])
    adapter = adapt.build(model, method, optimizer="sgd", lr=0.1, **chosen)
    torch.testing.assert_close(adapter.step(x), logits.detach(), rtol=0, atol=1e-12)
    assert adapter.report.loss == pytest.approx(value.item(), abs=1e-12)
    torch.testing.assert_close(adapter.model[1].weight, parameters[2] - 0.1 * scale, rtol=0, atol=1e-12)
    torch.testing.assert_close(adapter.model[1].bias, parameters[3] - 0.1 * shift, rtol=0, atol=1e-12)


def test_shot_im_moves_everything_but_the_classifier_by_nesterov_and_weight_decay() -> None:
    model, (x,) = two_layers(), rows(1)
    parameters = leaves(model)
    p = written_out(parameters, x).softmax(1)
    gradients = torch.autograd.grad(entropies(p).mean() - entropies(p.mean(0)), parameters[:4])
    adapter = adapt.build(model, "shot_im", lr=0.1)
    adapter.step(x)
    moved = list(adapter.model.parameters())
    for after, before, gradient in zip(moved[:4], parameters[:4], gradients, strict=True):
        # First step of Nesterov's momentum 0.9 with weight decay 0.001.
        torch.testing.assert_close(after, before - 0.1 * 1.9 * (gradient + 1e-3 * before), rtol=0, atol=1e-12)
    assert all(torch.equal(after, before) for after, before in zip(moved[4:], parameters[4:], strict=True))


def test_pseudo_labels_without_a_confident_image_teach_nothing_and_with_them_lower_the_entropy() -> None:
    (x,) = rows(1)
    adapter = adapt.build(two_layers(), "pseudo_label", threshold=1.0, lr=1.0)
    adapter.step(x)
    assert adapter.report.samples_used == 0
    assert torch.equal(adapter.model[1].weight, two_layers()[1].weight)
    # Lee 2013, section 2.3: pseudo-labels have the effect of entropy regularisation.
    learner = adapt.build(two_layers(), "pseudo_label", lr=0.1)
    before, *_, after = [softmax_entropy(learner.step(x)).mean() for _ in range(20)]
    assert after < 0.8 * before


@pytest.mark.parametrize("method", ["entropy_diversity", "shot_im"])
def test_diversity_keeps_classes_where_entropy_alone_collapses(method: str) -> None:
    stream = batches(4) * 15
    spread = {}
    for name in ("tent", method):
        adapter = adapt.build(network(), name, optimizer="adam", lr=0.1)
        outputs = [adapter.step(batch) for batch in stream]
        spread[name] = marginal_entropy(torch.cat(outputs[-4:])).item()
    assert spread["tent"] < 0.3
    assert spread[method] > 1.2


def test_marginal_entropy_is_that_of_the_mean_prediction_and_at_least_the_mean_entropy() -> None:
    logits = torch.randn(7, 5, dtype=torch.float64)
    mean = logits.softmax(1).mean(0).numpy()
    assert marginal_entropy(logits).item() == pytest.approx(-(mean * np.log(mean)).sum(), abs=1e-12)
    assert marginal_entropy(logits) >= softmax_entropy(logits).mean()


def test_conjugate_pseudo_label_solves_its_system_and_is_the_entropy_for_cross_entropy() -> None:
    logits = torch.randn(6, 5, dtype=torch.float64) * 2
    torch.testing.assert_close(conjugate_loss(logits, 0.0), softmax_entropy(logits), rtol=0, atol=1e-12)
    for row, value in zip(logits.numpy(), conjugate_loss(logits, 3.0).numpy(), strict=True):
        p = np.exp(row) / np.exp(row).sum()
        y = np.linalg.solve(np.eye(5) + 3 * np.diag(p) - 3 * np.outer(p, p), p)
        assert value == pytest.approx(np.log(np.exp(row).sum()) - y @ row + 3 * y @ (1 - p), abs=1e-12)


def test_generalised_cross_entropy_lies_between_cross_entropy_and_absolute_error() -> None:
    logits = torch.randn(6, 5, dtype=torch.float64)
    p = logits.softmax(1).max(1).values
    torch.testing.assert_close(generalised_cross_entropy(logits, 1.0), 1 - p)
    torch.testing.assert_close(generalised_cross_entropy(logits, 1e-7), -p.log(), rtol=1e-5, atol=1e-6)


def test_opinion_is_unsure_without_evidence_and_its_gradient_does_not_lengthen_the_logits() -> None:
    # COME, section 3.2: the norm of the logits, and with it the uncertainty mass, is not what is optimised.
    logits = torch.randn(6, 5, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(opinion_entropy(logits, 5).sum(), logits)
    assert (gradient * logits).sum(1).abs().max() < 1e-10
    assert gradient.abs().max() > 1e-3
    none = opinion_entropy(torch.full((1, 5), -50.0, dtype=torch.float64), 5)
    assert none.item() == pytest.approx(0, abs=1e-4)
    assert torch.isfinite(opinion_entropy(torch.tensor([[1e4, -1e4, 0.0]]), 3)).all()


def test_come_on_sar_equals_two_gradients_written_out() -> None:
    model, (x,) = two_layers(), rows(1)
    parameters = leaves(model)

    def loss(scale: Tensor, shift: Tensor) -> Tensor:
        h = opinion(written_out([*parameters[:2], scale, shift, *parameters[4:]], x))
        return h[h < 1.5].mean()

    first = torch.autograd.grad(loss(*parameters[2:4]), parameters[2:4])
    norm = sum((g**2).sum() for g in first).sqrt()
    uphill = [(p + 0.05 * g / norm).detach().requires_grad_(True) for p, g in zip(parameters[2:4], first, strict=True)]
    second = torch.autograd.grad(loss(*uphill), uphill)
    adapter = adapt.build(model, "come_sar", optimizer="sgd", lr=0.1, e_margin=1.5)
    adapter.step(x)
    for after, before, gradient in zip(
        (adapter.model[1].weight, adapter.model[1].bias), parameters[2:4], second, strict=True
    ):
        torch.testing.assert_close(after, before - 0.1 * gradient, rtol=0, atol=1e-11)
