"""The entropy functional of one unit: H = -(1/ln 2) ∫ z dD with D = sigmoid(z), in bits.

With D = sigmoid(z) the integral is the binary Shannon entropy of D up to the constant of integration:

    -(1/ln 2) ∫ z dD = -D log2 D - (1 - D) log2(1 - D) + c.

The source leaves the limits of the integral out, so c is open; c = 0 when the integral starts at z = -inf or ends at
z = +inf, and c = -1 bit when it starts at z = 0. Here c = 0, so that H lies in [0, 1] bit. A softmax over the two
logits (z, 0) has the same entropy, so minimising H is Tent on two classes, divided by ln 2. |dH/dz| is largest at
|z| = 1.5434, where z tanh(z / 2) = 1; H is concave inside and convex outside. z = 0 is the maximum: a stationary
point that gradient descent leaves at the slightest push and never reaches.

Source: Mahi 2025, "Optimizing a Model Using Entropy: A Novel Approach", quantiota.ai, 9 February 2025. That the
functional is Shannon's entropy is said there nowhere; `tests/functionals/test_binary.py` proves it.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import logsigmoid

BITS = 1 / math.log(2)
"""Bits in a nat."""


def binary_entropy(z: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """H(z) = [D ln(1 + e^-z) + (1 - D) ln(1 + e^z)] / ln 2, the binary Shannon entropy of D = sigmoid(z), in bits.

    Every term is positive, so nothing cancels: finite, and exact to the last digits, for any finite z, and
    differentiable twice everywhere.

    >>> binary_entropy(torch.tensor([0.0, 1.0, -1.0, 1e4])).tolist()
    [1.0, 0.8399415612220764, 0.8399415612220764, 0.0]
    """
    return BITS * (torch.sigmoid(z) * -logsigmoid(z) + torch.sigmoid(-z) * -logsigmoid(-z))


def binary_entropy_derivative(z: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """dH/dz = -(1/ln 2) z D (1 - D), in bits per unit of z; the source's equation for every gradient.

    1 - D is sigmoid(-z), which keeps its digits where D rounds to 1.

    >>> round(binary_entropy_derivative(torch.tensor(1.5434)).item(), 5)
    -0.32298
    """
    return -BITS * z * torch.sigmoid(z) * torch.sigmoid(-z)


def marginal_entropy(z: Float[Tensor, "batch *units"]) -> Float[Tensor, "*units"]:  # noqa: F821
    """Binary entropy of the mean output over the batch, H_b(mean D), in bits.

    It is 1 bit where half of the batch is on each side and 0 where every image has the same certain output. Maximising
    it beside the mean of H keeps the biases from running away: with H alone the smallest value on any data is reached
    by b = ±inf, which is certain and says nothing.

    >>> marginal_entropy(torch.tensor([-3.0, 3.0])).item()
    1.0
    """
    # log of a mean of sigmoids, so that a batch that is certain of one side keeps its last digits.
    size = math.log(len(z))
    log_d = torch.logsumexp(logsigmoid(z), 0) - size
    log_rest = torch.logsumexp(logsigmoid(-z), 0) - size
    return BITS * (log_d.exp() * -log_d + log_rest.exp() * -log_rest)
