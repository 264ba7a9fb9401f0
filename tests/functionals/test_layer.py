"""The entropy layer: its gradients, its update rule and what its second weight does."""

import copy

import pytest
import torch
from torch import nn

from enigma.functionals.binary import BITS
from enigma.functionals.layer import EntropyLayer

RATE = 0.05


def layer(features: int = 5, units: int = 3) -> EntropyLayer:
    torch.manual_seed(0)
    made = EntropyLayer(features, units).double()
    with torch.no_grad():
        made.G.normal_(std=0.3)
    return made


def inputs(batch: int = 20, features: int = 5) -> torch.Tensor:
    return torch.randn(batch, features, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def sgd(module: nn.Module, rate: float = RATE) -> torch.optim.Optimizer:
    return torch.optim.SGD(module.parameters(), lr=rate)


def test_gradients_equal_autograd_to_1e_12() -> None:
    unit = layer()
    for x in (inputs(), inputs(1), 50 * inputs()):
        by_autograd = torch.autograd.grad(unit.entropy(x).sum(), (unit.weight, unit.G, unit.bias))
        for ours, theirs in zip(unit.entropy_gradients(x), by_autograd, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def test_gradients_of_one_sample_are_the_sources_equations_written_out() -> None:
    unit, x = layer(2, 1), torch.tensor([[0.7, -1.3]], dtype=torch.float64)
    z = ((unit.weight + unit.G)[0] @ x[0] + unit.bias).item()
    d = 1 / (1 + 2.718281828459045**-z)
    factor = -BITS * z * d * (1 - d)
    gradients = unit.entropy_gradients(x)
    assert gradients.w[0].tolist() == pytest.approx([factor * 0.7, factor * -1.3], abs=1e-12)
    assert gradients.G.tolist() == gradients.w.tolist()
    assert gradients.b.item() == pytest.approx(factor, abs=1e-12)


def test_update_rule_is_plain_gradient_descent_on_the_summed_entropy() -> None:
    by_rule, by_autograd, x = layer(), layer(), inputs()
    for _ in range(20):
        by_rule.entropy_step(x, sgd(by_rule))
        optimizer = sgd(by_autograd)
        optimizer.zero_grad()
        by_autograd.entropy(x).sum().backward()
        optimizer.step()
    for ours, theirs in zip(by_rule.parameters(), by_autograd.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def test_sum_of_both_weights_moves_with_twice_the_rate_and_their_difference_is_conserved() -> None:
    unit, x = layer(), inputs()
    # One weight that moves twice as fast, and a bias that does not.
    single = nn.Linear(5, 3).double()
    with torch.no_grad():
        single.weight.copy_(unit.weight + unit.G)
        single.bias.copy_(unit.bias)
    difference = (unit.weight - unit.G).detach().clone()
    both = EntropyLayer.around(single)
    both.G.requires_grad_(False)
    doubled = torch.optim.SGD([{"params": [both.weight], "lr": 2 * RATE}, {"params": [both.bias], "lr": RATE}])
    for _ in range(100):
        unit.entropy_step(x, sgd(unit))
        both.entropy_step(x, doubled)
    torch.testing.assert_close(unit.weight + unit.G, both.weight, rtol=0, atol=1e-12)
    torch.testing.assert_close(unit.bias, both.bias, rtol=0, atol=1e-12)
    torch.testing.assert_close(unit.weight - unit.G, difference, rtol=0, atol=1e-12)


def test_one_step_on_one_sample_moves_the_activation_by_the_closed_form_and_keeps_its_sign() -> None:
    unit, x = layer(5, 1), inputs(1)
    z = unit(x).item()
    d = torch.sigmoid(torch.tensor(z, dtype=torch.float64)).item()
    expected = RATE * BITS * z * d * (1 - d) * (2 * x.square().sum().item() + 1)
    unit.entropy_step(x, sgd(unit))
    assert unit(x).item() - z == pytest.approx(expected, abs=1e-12)
    for _ in range(500):
        unit.entropy_step(x, sgd(unit, 5.0))
        assert unit(x).item() * z > 0


def test_weights_at_zero_never_move() -> None:
    unit = layer()
    with torch.no_grad():
        for parameter in unit.parameters():
            parameter.zero_()
    unit.entropy_step(inputs(), sgd(unit, 100.0))
    assert all((parameter == 0).all() for parameter in unit.parameters())


def test_frozen_weight_stays_while_the_correction_moves() -> None:
    unit, x = layer(), inputs()
    unit.weight.requires_grad_(False)
    before = copy.deepcopy(unit)
    unit.entropy_step(x, sgd(unit))
    assert torch.equal(unit.weight, before.weight)
    assert not torch.equal(unit.G, before.G)
    assert not torch.equal(unit.bias, before.bias)


@pytest.mark.parametrize("bias", [True, False])
def test_layer_around_a_linear_layer_computes_the_same(bias: bool) -> None:
    linear = nn.Linear(5, 3, bias=bias).double()
    torch.testing.assert_close(EntropyLayer.around(linear)(inputs()), linear(inputs()), rtol=0, atol=0)
