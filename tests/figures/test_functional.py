"""The browser's mathematics equals Python's; needs node."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import torch
from scipy import optimize

from enigma.functionals.binary import binary_entropy, binary_entropy_derivative, marginal_entropy
from enigma.functionals.layer import EntropyLayer

NODE = shutil.which("node")
HERE = Path(__file__).parent


def neuron_after(points: torch.Tensor, start: dict, rate: float, steps: int) -> list[float]:
    """The neuron after descent by autograd."""
    layer = EntropyLayer(2, 1).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([start["w"]], dtype=torch.float64))
        layer.G.copy_(torch.tensor([start["g"]], dtype=torch.float64))
        layer.bias.fill_(start["b"])
    optimizer = torch.optim.SGD(layer.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        layer.entropy(points).sum().backward()
        optimizer.step()
    return [*layer.weight[0].tolist(), *layer.G[0].tolist(), layer.bias.item()]


def unit_after(inputs: torch.Tensor, start: dict, rate: float, weight: float, steps: int) -> tuple[list[float], float]:
    """Slope and bias after descent by autograd on mean entropy - weight * marginal entropy; then the latter."""
    s, b = (torch.tensor(start[name], dtype=torch.float64, requires_grad=True) for name in "sb")
    optimizer = torch.optim.SGD([s, b], lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        z = s * inputs + b
        (binary_entropy(z).mean() - weight * marginal_entropy(z)).backward()
        optimizer.step()
    return [s.item(), b.item()], marginal_entropy((s * inputs + b).detach()).item()


@pytest.mark.skipif(NODE is None, reason="node is not installed; the browser code is tested with it")
def test_browser_computes_what_python_computes(tmp_path: Path) -> None:
    torch.manual_seed(0)
    z = torch.cat([torch.linspace(-30, 30, 121), torch.tensor([1e4, -1e4, 1.5434])]).double()
    points, inputs = torch.randn(40, 2, dtype=torch.float64), torch.randn(24, dtype=torch.float64) + 0.4
    neuron, unit = {"w": [0.3, -0.2], "g": [0.1, 0.4], "b": 0.2}, {"s": 0.5, "b": 0.9}
    after, marginal = unit_after(inputs, unit, 0.3, 0.7, 50)
    expected = {
        "z": z.tolist(),
        "entropy": binary_entropy(z).tolist(),
        "slope": binary_entropy_derivative(z).tolist(),
        "steepest": optimize.brentq(lambda z: z * torch.tensor(z / 2).double().tanh().item() - 1, 1, 2, xtol=1e-13),
        "points": points.tolist(),
        "neuron": neuron,
        "neuronAfter": neuron_after(points, neuron, 0.3, 50),
        "inputs": inputs.tolist(),
        "unit": unit,
        "unitAfter": after,
        "marginal": marginal,
    }
    (tmp_path / "expected.json").write_text(json.dumps(expected))
    done = subprocess.run(
        [str(NODE), "--test", str(HERE / "functional.test.mjs")], capture_output=True, text=True,
        env={**os.environ, "EXPECTED": str(tmp_path / "expected.json")},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "everything agrees with Python" in done.stdout
