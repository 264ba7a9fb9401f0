"""The entropy functional is what it is said to be: each claim by a route of its own."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, optimize, special, stats
from torch import Tensor

from enigma.functionals.binary import binary_entropy, binary_entropy_derivative, marginal_entropy
from enigma.functionals.entropy import softmax_entropy

BITS = 1 / math.log(2)
ZS = np.array([-30.0, -8.0, -3.0, -1.5434, -1.0, -1e-3, 0.0, 0.5, 1.0, 2.5, 7.0, 20.0, 40.0])


def h(z: float | np.ndarray) -> np.ndarray:
    return binary_entropy(torch.as_tensor(z, dtype=torch.float64)).numpy()


def integrand(z: float) -> float:
    """The integrand z dD/dz, written out with SciPy's sigmoid."""
    return -BITS * z * special.expit(z) * special.expit(-z)


def test_functional_is_the_shannon_entropy_of_the_sigmoid_in_bits() -> None:
    for z in ZS[np.abs(ZS) < 20]:
        d = special.expit(z)
        assert h(z) == pytest.approx(stats.entropy([d, 1 - d], base=2), rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("z", ZS)
def test_quadrature_of_the_integral_from_minus_infinity_gives_the_functional_without_a_constant(z: float) -> None:
    by_quadrature, _ = integrate.quad(integrand, -np.inf, min(z, 0), epsabs=1e-13)
    by_quadrature += integrate.quad(integrand, 0, max(z, 0), epsabs=1e-13)[0]
    assert h(z) == pytest.approx(by_quadrature, abs=1e-11)


@pytest.mark.parametrize("z", [-3.0, 1.0, 3.0, 12.0])
def test_quadrature_of_the_integral_from_zero_gives_the_functional_minus_one_bit(z: float) -> None:
    assert integrate.quad(integrand, 0, z, epsabs=1e-13)[0] == pytest.approx(h(z) - 1, abs=1e-11)


def test_quadrature_over_d_itself_gives_the_same_as_over_z() -> None:
    over_d, _ = integrate.quad(lambda d: -BITS * special.logit(d), 0, special.expit(1.7), epsabs=1e-13)
    assert over_d == pytest.approx(float(h(1.7)), abs=1e-9)


def test_two_class_tent_is_the_functional_times_ln_2() -> None:
    torch.manual_seed(0)
    logits = 5 * torch.randn(50, 2, dtype=torch.float64)
    torch.testing.assert_close(
        binary_entropy(logits[:, 0] - logits[:, 1]), softmax_entropy(logits) * BITS, rtol=1e-12, atol=1e-14
    )


def test_derivative_equals_autograd_to_1e_12() -> None:
    z = torch.linspace(-50, 50, 2001, dtype=torch.float64, requires_grad=True)
    (by_autograd,) = torch.autograd.grad(binary_entropy(z).sum(), z)
    torch.testing.assert_close(binary_entropy_derivative(z), by_autograd, rtol=0, atol=1e-12)


def test_value_and_gradients_are_finite_and_right_up_to_ten_thousand_in_single_precision() -> None:
    z = torch.tensor([-1e4, -200.0, -90.0, -20.0, 0.0, 20.0, 90.0, 200.0, 1e4], requires_grad=True)
    value = binary_entropy(z)
    (slope,) = torch.autograd.grad(value.sum(), z, create_graph=True)
    (curvature,) = torch.autograd.grad(slope.sum(), z)
    for numbers in (value, slope, curvature, binary_entropy_derivative(z)):
        assert torch.isfinite(numbers).all()
    # Nothing cancels: the tail keeps its digits where 1 - D has rounded to zero.
    tail = (20 + 1) * math.exp(-20) * BITS
    assert value[5].item() == pytest.approx(tail, rel=1e-5)
    assert slope[5].item() == pytest.approx(-20 * math.exp(-20) * BITS, rel=1e-5)
    assert value[[0, -1]].tolist() == [0, 0]


def test_slope_is_steepest_where_z_tanh_half_z_is_one() -> None:
    root = optimize.brentq(lambda z: z * math.tanh(z / 2) - 1, 1, 2, xtol=1e-14)
    steepest = optimize.minimize_scalar(
        lambda z: binary_entropy_derivative(torch.tensor(z, dtype=torch.float64)).item(), bounds=(0, 10),
        method="bounded", options={"xatol": 1e-10},
    )  # fmt: skip
    assert steepest.x == pytest.approx(root, abs=1e-6)
    assert root == pytest.approx(1.5434, abs=5e-5)
    assert steepest.fun == pytest.approx(-0.32298, abs=5e-6)
    assert special.expit(root) == pytest.approx(0.8240, abs=5e-5)
    assert h(root) == pytest.approx(0.67134, abs=5e-6)


def test_zero_is_a_stationary_maximum_that_descent_leaves() -> None:
    z = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(binary_entropy(z).sum(), z, create_graph=True)
    (curvature,) = torch.autograd.grad(slope.sum(), z)
    assert slope.item() == 0
    assert curvature.item() == pytest.approx(-BITS / 4, abs=1e-12)
    stays, leaves = descent(torch.tensor(0.0), 2000), descent(torch.tensor(1e-6), 2000)
    assert (stays == 0).all()
    assert leaves[-1] > 3


def descent(z: Tensor, steps: int, rate: float = 0.5) -> Tensor:
    path = [z.double()]
    for _ in range(steps):
        path.append(path[-1] - rate * binary_entropy_derivative(path[-1]))
    return torch.stack(path)


@pytest.mark.parametrize("start", [-4.0, -0.5, -1e-9, 1e-9, 0.5, 4.0])
@pytest.mark.parametrize("rate", [0.01, 1.0, 100.0])
def test_descent_never_changes_the_sign_of_an_activation_and_never_brings_it_nearer_to_zero(
    start: float, rate: float
) -> None:
    path = descent(torch.tensor(start, dtype=torch.float64), 200, rate)
    assert (torch.sign(path) == math.copysign(1, start)).all()
    assert (path.abs().diff() >= 0).all()


@pytest.mark.parametrize(("weight", "above"), [(0.0, 12), (1.0, 6)])
def test_descent_sends_a_batch_to_one_side_with_a_growing_bias_and_the_marginal_entropy_keeps_it_on_both(
    weight: float, above: int
) -> None:
    x = torch.tensor([-1.3, -1.2, -1.0, -0.9, -0.8, -0.7, 0.7, 0.8, 0.9, 1.0, 1.2, 1.3], dtype=torch.float64)
    unit = torch.tensor([0.3, 0.8], dtype=torch.float64, requires_grad=True)
    path = []
    for _ in range(800):
        z = unit[0] * x + unit[1]
        (slope,) = torch.autograd.grad(binary_entropy(z).mean() - weight * marginal_entropy(z), unit)
        unit = (unit - 0.5 * slope).detach().requires_grad_()
        path.append(unit.detach())
    assert (path[-1][0] * x + path[-1][1] > 0).sum() == above
    biases = torch.stack(path)[:, 1]
    assert bool((biases.diff() > 0).all()) == (weight == 0)
    assert binary_entropy(path[-1][0] * x + path[-1][1]).mean() < 0.05


def test_marginal_entropy_equals_its_definition_and_is_safe_for_a_certain_batch() -> None:
    torch.manual_seed(0)
    z = 2 * torch.randn(30, 4, dtype=torch.float64)
    mean = torch.sigmoid(z).mean(0).numpy()
    np.testing.assert_allclose(marginal_entropy(z).numpy(), stats.entropy([mean, 1 - mean], base=2), atol=1e-12)
    certain = torch.full((8,), 1e4, requires_grad=True)
    value = marginal_entropy(certain)
    value.backward()
    assert value.item() == 0
    assert torch.isfinite(certain.grad).all()
