"""The methods equal the public reference implementations; see tests/golden/README.md."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from enigma import adapt

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = json.loads((GOLDEN / "reference_runs.json").read_text())["cases"]


class ReferenceNetwork(nn.Module):
    """The network the reference numbers were made with (three convolutions, BatchNorm, ReLU)."""

    def __init__(self, classes: int):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        self.conv2, self.bn2 = nn.Conv2d(16, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32)
        self.conv3, self.bn3 = nn.Conv2d(32, 64, 3, 2, 1, bias=False), nn.BatchNorm2d(64)
        self.fc = nn.Linear(64, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for conv, norm in ((self.conv1, self.bn1), (self.conv2, self.bn2), (self.conv3, self.bn3)):
            x = torch.relu(norm(conv(x)))
        return self.fc(x.mean((2, 3)))


@pytest.fixture(scope="module")
def numbers() -> dict[str, np.ndarray]:
    with np.load(GOLDEN / "reference_runs.npz", allow_pickle=False) as arrays:
        return dict(arrays)


def reference_network(numbers: dict[str, np.ndarray], name: str) -> nn.Module:
    network = ReferenceNetwork(1000 if name == "net1000" else 10).double()
    network.load_state_dict(
        {
            key.removeprefix(f"{name}/"): torch.from_numpy(value)
            for key, value in numbers.items()
            if key.startswith(f"{name}/")
        }
    )
    return network.eval()


@pytest.mark.parametrize("case", CASES)
def test_method_equals_reference_implementation(case: str, numbers: dict[str, np.ndarray]) -> None:
    facts = CASES[case]
    images = torch.from_numpy(numbers["images"]).double()
    batches = images.split(32)
    # The Fisher information of the reference run is that of the first three batches.
    extra = {"source_images": images[:96], "fisher_batch_size": 32} if facts["method"] == "eata" else {}
    adapter = adapt.build(reference_network(numbers, facts["net"]), facts["method"], **facts["settings"], **extra)
    rows = facts["logits_rows_kept"]
    logits, used = [], 0
    for step in range(facts["total_steps"]):
        output = adapter.step(batches[step % len(batches)])
        used += adapter.report.samples_used
        if step in facts["logits_steps"]:
            logits.append(output[:rows].numpy())
    np.testing.assert_allclose(np.stack(logits), numbers[f"{case}/logits"], rtol=0, atol=1e-8)
    moved = [p.detach().flatten() for n in ("bn1", "bn2", "bn3") for p in getattr(adapter.model, n).parameters()]
    np.testing.assert_allclose(torch.cat(moved).numpy(), numbers[f"{case}/bn_params"], rtol=0, atol=1e-8)
    if "samples_used" in facts:
        assert used == facts["samples_used"]
    if "recoveries" in facts:
        assert adapter.recoveries == facts["recoveries"]
