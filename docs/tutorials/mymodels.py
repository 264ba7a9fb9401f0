"""A network of one's own: a function without arguments that returns a torch module."""

from torch import nn


def net() -> nn.Module:
    """Two convolutions with BatchNorm, and a linear layer, whose input is the embedding."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, stride=2, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )
