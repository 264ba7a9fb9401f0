"""Small networks, images and settings under which every method has something to do."""

import torch
from torch import nn

from enigma import adapt
from enigma.models.architectures import VisionTransformer
from enigma.spec.catalogue import METHODS

VIT_ONLY = ("rem",)


def network(norm: type[nn.Module] = nn.BatchNorm2d, classes: int = 5) -> nn.Module:
    torch.manual_seed(0)
    layer = nn.GroupNorm(2, 8) if norm is nn.GroupNorm else norm(8)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), layer, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, classes)
    ).double()


def vit() -> nn.Module:
    torch.manual_seed(0)
    return VisionTransformer(width=16, depth=4, heads=2, size=8, classes=5).double().eval()


NETWORKS = {"batch": network, "group": lambda: network(nn.GroupNorm), "vit": vit}
PAIRS = [(method, name) for method in METHODS for name in NETWORKS if name == "vit" or method not in VIT_ONLY]


def batches(count: int, size: int = 8) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(size, 3, 8, 8, generator=generator, dtype=torch.float64) for _ in range(count)]


def settings(name: str) -> dict:
    """Filters that let images through, few random views, a large step."""
    loose = {
        "e_margin": 5.0, "d_margin": 1.0, "entropy_margin": 5.0, "plpd_threshold": -1.0, "augmentations": 2
    }  # fmt: skip
    chosen = {s.name: loose[s.name] for s in METHODS[name].settings if s.name in loose}
    if name == "eata":
        chosen |= {"source_images": batches(2)[1]}
    return {"lr": 0.05, "optimizer": "adam", **chosen} if METHODS[name].uses_gradient else chosen


def few(count: int) -> list[torch.Tensor]:
    """Batches of four images: the fewest with which every method has something to do."""
    return batches(count, size=4)


def build(name: str, network_name: str = "batch", **more: object) -> adapt.Adapter:
    return adapt.build(NETWORKS[network_name](), name, **settings(name) | more)


def weights(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


class Flat(nn.Sequential):
    """A sequence of layers on the pixels as one row."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.flatten(1))


def two_layers(classes: int = 4) -> nn.Sequential:
    """Linear, BatchNorm, ReLU, linear: small enough to be written out by hand in a test."""
    torch.manual_seed(0)
    model = Flat(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, classes)).double()
    with torch.no_grad():
        model[1].running_mean.normal_()
        model[1].running_var.uniform_(0.5, 2)
        model[1].weight.uniform_(0.5, 1.5)
        model[1].bias.normal_(std=0.3)
    return model.eval()


def written_out(parameters: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """`two_layers` with batch statistics as a formula of its six parameters, in the order of `parameters()`."""
    weight1, bias1, scale, shift, weight2, bias2 = parameters
    hidden = x.flatten(1) @ weight1.T + bias1
    centred = hidden - hidden.mean(0)
    normal = centred / ((centred**2).mean(0) + 1e-5).sqrt()
    return (normal * scale + shift).clamp(min=0) @ weight2.T + bias2


def leaves(model: nn.Module) -> list[torch.Tensor]:
    return [parameter.detach().clone().requires_grad_(True) for parameter in model.parameters()]


def rows(count: int, size: int = 12) -> list[torch.Tensor]:
    """Batches of images of one row of two pixels, six numbers each."""
    generator = torch.Generator().manual_seed(2)
    return [torch.randn(size, 3, 1, 2, generator=generator, dtype=torch.float64) for _ in range(count)]
