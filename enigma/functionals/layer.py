"""A linear layer with a second additive weight: z = (w + G) x + b, and descent on the entropy of its units.

Source: Mahi 2025, "Optimizing a Model Using Entropy: A Novel Approach". The source has one unit and one input; a batch
of inputs is their mean here, and each unit descends on its own entropy, which is descent on their sum.

w and G receive the same gradient. Under plain gradient descent their sum moves with twice the learning rate and their
difference never changes, so G adds nothing that a larger learning rate would not. It differs from w only where w is
treated otherwise: frozen (a correction added to a trained weight), decayed, or given another learning rate.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from enigma.functionals.binary import binary_entropy, binary_entropy_derivative


class Gradients(NamedTuple):
    """Gradients of the summed entropy of the units, in bits: ∂H/∂w, ∂H/∂G and ∂H/∂b."""

    w: Float[Tensor, "units features"]
    G: Float[Tensor, "units features"]
    b: Float[Tensor, " units"]


class EntropyLayer(nn.Linear):
    """z = (w + G) x + b; `weight` is w, `bias` is b, and `G` is the second weight, zero at first.

    It is a linear layer, so whatever looks for the classification layer of a model finds it.

    >>> layer = EntropyLayer(2, 1)
    >>> torch.equal(layer.G, torch.zeros(1, 2))
    True
    """

    def __init__(self, features: int, units: int):
        super().__init__(features, units)
        self.G = nn.Parameter(torch.zeros_like(self.weight))

    @classmethod
    def around(cls, linear: nn.Linear) -> "EntropyLayer":
        """A layer that computes what `linear` computes: w and b are copies of its own, b is zero where it has none."""
        layer = cls(linear.in_features, linear.out_features).to(linear.weight)
        with torch.no_grad():
            layer.weight.copy_(linear.weight)
            layer.bias.copy_(linear.bias) if linear.bias is not None else layer.bias.zero_()
        return layer

    def forward(self, input: Float[Tensor, "*batch features"]) -> Float[Tensor, "*batch units"]:
        return functional.linear(input, self.weight + self.G, self.bias)

    def entropy(self, x: Float[Tensor, "batch features"]) -> Float[Tensor, " units"]:
        """Mean binary entropy of each unit over the batch, in bits."""
        return binary_entropy(self(x)).mean(0)

    @torch.no_grad()
    def entropy_gradients(self, x: Float[Tensor, "batch features"]) -> Gradients:
        """The source's gradients, averaged over the batch, without autograd.

        ∂H/∂w_ij = ∂H/∂G_ij = -(1/ln 2) z_i D_i (1 - D_i) x_j and ∂H/∂b_i = -(1/ln 2) z_i D_i (1 - D_i).
        """
        slopes = binary_entropy_derivative(self(x))
        per_weight = slopes.T @ x / len(x)
        return Gradients(per_weight, per_weight, slopes.mean(0))

    def entropy_step(self, x: Float[Tensor, "batch features"], optimizer: torch.optim.Optimizer) -> None:
        """One update by the source's gradients: θ <- θ - η ∂H/∂θ for w, G and b when `optimizer` is plain SGD.

        Parameters that require no gradient are left alone, whatever the optimizer holds.
        """
        optimizer.zero_grad(set_to_none=True)
        for parameter, gradient in zip((self.weight, self.G, self.bias), self.entropy_gradients(x), strict=True):
            parameter.grad = gradient.clone() if parameter.requires_grad else None
        optimizer.step()
