"""The three bundled classifiers: one for each normalisation layer that test-time adaptation tunes.

They are small enough to adapt on two CPU cores and differ mainly in how they normalise, because that
is what decides how entropy minimisation behaves: batch statistics follow the test stream, group and
layer statistics do not.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from enigma.functionals.isomax import HEADS
from enigma.spec.errors import InputError


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut (He et al. 2016, figure 2)."""

    def __init__(self, inputs: int, outputs: int, stride: int, norm: Callable[[int], nn.Module]):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = norm(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = norm(outputs)
        self.shortcut: nn.Module = nn.Identity()
        if inputs != outputs or stride != 1:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), norm(outputs))

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(self.norm2(self.conv2(y)) + self.shortcut(x))


class ResNet(nn.Module):
    """Stem, one residual block a stage, mean over height and width, linear classifier."""

    def __init__(self, norm: Callable[[int], nn.Module], widths: tuple[int, ...] = (24, 48, 96), classes: int = 10):
        super().__init__()
        self.stem = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        self.norm = norm(widths[0])
        inputs = (widths[0], *widths[:-1])
        strides = (1, *(2 for _ in widths[1:]))
        self.stages = nn.Sequential(
            *(ResidualBlock(i, o, s, norm) for i, o, s in zip(inputs, widths, strides, strict=True))
        )
        self.classifier: nn.Module = nn.Linear(widths[-1], classes)

    def forward(self, x: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch classes"]:
        x = torch.relu(self.norm(self.stem(x)))
        return self.classifier(self.stages(x).mean((2, 3)))


class VisionTransformer(nn.Module):
    """Convolutional patches, pre-norm transformer encoder, mean over tokens, LayerNorm, linear classifier.

    Two convolutions of stride 2 make one token of 4x4 pixels; they train faster than one patch
    projection on few images (Xiao et al. 2021, arXiv:2106.14881). LayerNorm is the only normalisation.
    """

    def __init__(self, width: int = 64, depth: int = 4, heads: int = 4, size: int = 32, classes: int = 10):
        super().__init__()
        self.patches = nn.Sequential(
            nn.Conv2d(3, width // 2, 3, 2, 1), nn.GELU(), nn.Conv2d(width // 2, width, 3, 2, 1)
        )
        self.positions = nn.Parameter(torch.randn(1, (size // 4) ** 2, width) * 0.02)
        self.blocks = nn.Sequential(
            *(
                nn.TransformerEncoderLayer(
                    width, heads, 3 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
                )
                for _ in range(depth)
            )
        )
        self.norm = nn.LayerNorm(width)
        self.classifier: nn.Module = nn.Linear(width, classes)

    def forward(self, x: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch classes"]:
        tokens = self.patches(x).flatten(2).transpose(1, 2) + self.positions
        return self.classifier(self.norm(self.blocks(tokens).mean(1)))


def _group_norm(channels: int) -> nn.Module:
    return nn.GroupNorm(8, channels)


ARCHITECTURES: dict[str, Callable[[], nn.Module]] = {
    "resnet-bn": lambda: ResNet(nn.BatchNorm2d),
    "resnet-gn": lambda: ResNet(_group_norm),
    "vit-ln": VisionTransformer,
}


def built(architecture: str, head: str = "softmax", classes: int = 10) -> nn.Module:
    """An architecture with another classification layer, one of `HEADS`, or another number of classes.

    Raises:
        InputError: there is no such head.
    """
    if head not in HEADS:
        raise InputError(f"Expected a head among {', '.join(HEADS)}, but got {head!r}.")
    network = ARCHITECTURES[architecture]()
    last = network.classifier
    assert isinstance(last, nn.Linear)
    if head != "softmax" or classes != last.out_features:
        network.classifier = HEADS[head](last.in_features, classes)
    return network
