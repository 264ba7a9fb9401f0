"""`adapt.build(model, name)` and a run of the same method and model start from the same optimizer."""

import pytest
import torch
from torch import Tensor, nn

from enigma import adapt
from enigma.adapt.adapter import Adapter, ParameterAdapter
from enigma.adapt.memo import EpisodicAdapter
from enigma.models.architectures import VisionTransformer
from enigma.recording.starting_point import build_adapter
from enigma.spec.catalogue import METHODS
from enigma.spec.run_spec import RunSpec


def network(method: str, classes: int) -> nn.Module:
    torch.manual_seed(0)
    if method == "rem":
        return VisionTransformer(width=16, depth=4, heads=2, size=16, classes=classes).eval()
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, classes)
    )


def images() -> Tensor:
    return torch.rand(8, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def start(adapter: Adapter) -> tuple[str, float]:
    """Name and learning rate of a new optimizer, from what every adapter that has a gradient makes it with."""
    assert isinstance(adapter, ParameterAdapter | EpisodicAdapter)
    optimizer = adapter._make_optimizer([p for p in adapter.model.parameters() if p.requires_grad])
    return type(optimizer).__name__, optimizer.param_groups[0]["lr"]


@pytest.mark.parametrize("classes", [10, 1000])
@pytest.mark.parametrize("method", [name for name, method in METHODS.items() if method.uses_gradient])
def test_both_doors_start_from_the_same_recipe(method: str, classes: int) -> None:
    model = network(method, classes)
    direct = adapt.build(model, method, source_images=images())
    # One's own model, whose classes are known once it is open; before that and after.
    unopened = RunSpec(model="mymodels:net", method=method)
    for spec in (unopened, unopened.resolved(classes)):
        assert start(build_adapter(spec.adaptation, model, images)) == start(direct)


def test_demonstration_is_the_one_exception() -> None:
    model = network("tent", 10)
    assert start(adapt.build(model, "tent")) == ("Adam", 1e-3)
    assert start(build_adapter(RunSpec().adaptation, model, images)) == ("Adam", 3e-3)
