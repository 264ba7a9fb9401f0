"""Classification by distance: the heads and losses of IsoMax, IsoMax+ and DisMax.

A head replaces the last linear layer, `entropic_loss` the cross-entropy. The logits are minus distances to
learned prototypes. Training multiplies them by the entropic scale E_s = 10; prediction does not, which leaves
the predictions of high entropy: what makes entropy tell unknown inputs from known ones.

Sources: Macêdo et al. 2022 (IsoMax), arXiv:2006.04005; Macêdo & Ludermir 2021 (IsoMax+), arXiv:2105.14399;
Macêdo et al. 2022 (DisMax), arXiv:2205.05874.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, kl_div, normalize, one_hot

ENTROPIC_SCALE = 10.0


class DistanceHead(nn.Module, ABC):
    """A classification layer whose logits are minus distances to prototypes, divided by a temperature (abstract).

    Attributes:
        weight: the prototypes, of shape (classes, features), where a linear layer has its weight.
        temperature: 1 in training and in the papers' scores; calibrated after training, see `calibrated`.
    """

    temperature: Tensor

    def __init__(self, features: int, classes: int):
        super().__init__()
        self.in_features, self.out_features = features, classes
        self.weight = nn.Parameter(torch.empty(classes, features))
        self.register_buffer("temperature", torch.ones(()))

    def forward(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "batch classes"]:
        # Mixed precision would round away the small differences between distances that decide.
        with torch.autocast(features.device.type, enabled=False):
            return -self.distances(features.to(self.weight.dtype)) / self.temperature

    @abstractmethod
    def distances(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "batch classes"]:
        """How far each image is from each class; what that means is up to the head."""


class IsoMax(DistanceHead):
    """d_j = ||f - p_j||, the Euclidean distance; prototypes begin at zero, so the first prediction is uniform."""

    def __init__(self, features: int, classes: int):
        super().__init__(features, classes)
        nn.init.zeros_(self.weight)

    def distances(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "batch classes"]:
        return _euclidean(features, self.weight)


class IsoMaxPlus(DistanceHead):
    """d_j = |s| ||f/||f|| - p_j/||p_j||||: distances on the unit sphere, with one learned scale s.

    Prototypes begin normally distributed, s at 1.
    """

    def __init__(self, features: int, classes: int):
        super().__init__(features, classes)
        nn.init.normal_(self.weight)
        self.distance_scale = nn.Parameter(torch.ones(1))

    def distances(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "batch classes"]:
        return self.distance_scale.abs() * _euclidean(normalize(features), normalize(self.weight))


class DisMax(IsoMaxPlus):
    """d_j = D_j + mean_k D_k with D_j = |s| ||f/||f|| - p_j/||p_j|||| / sqrt(2).

    The mean leaves every prediction as it is; it makes the largest logit tell how far an image is from all classes.
    """

    def distances(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "batch classes"]:
        own = super().distances(features) / math.sqrt(2)
        return own + own.mean(1, keepdim=True)


HEADS: dict[str, Callable[[int, int], nn.Module]] = {
    "softmax": nn.Linear, "isomax": IsoMax, "isomaxplus": IsoMaxPlus, "dismax": DisMax,
}  # fmt: skip


def entropic_loss(
    logits: Float[Tensor, "batch classes"], targets: Int64[Tensor, " batch"], scale: float = ENTROPIC_SCALE
) -> Float[Tensor, ""]:
    """Mean of -log softmax(E_s z)_y over the batch, in nats; with E_s = 1 the usual cross-entropy.

    The reference code takes the softmax first and its logarithm after; the logarithm of the softmax in one
    operation is the same number, and finite where a probability is too small for the format.
    """
    return cross_entropy(scale * logits, targets)


def fractional_loss(
    logits: Float[Tensor, "batch classes"],
    targets: Int64[Tensor, " whole"],
    shares: Float[Tensor, "mixed classes"],
    scale: float = ENTROPIC_SCALE,
    alpha: float = 1.0,
) -> Float[Tensor, ""]:
    """The loss of DisMax with fractional probabilities: (cross-entropy of whole images + alpha KL of mixed) / 2, nats.

    Args:
        logits: of the whole images, then of the mixed ones, which `quadrants` makes.
        targets: classes of the whole images.
        shares: what each mixed image holds of each class.

    Source: arXiv:2205.05874, section 2.2 ("FPR"); reference code dlmacedo/robust-deep-learning.
    """
    whole, mixed = logits[: len(targets)], logits[len(targets) :]
    divergence = kl_div(torch.log_softmax(scale * mixed, 1), shares, reduction="batchmean")
    return (entropic_loss(whole, targets, scale) + alpha * divergence) / 2


def quadrants(
    images: Float[Tensor, "batch channels height width"],
    targets: Int64[Tensor, " batch"],
    classes: int,
    generator: torch.Generator | None = None,
) -> tuple[Float[Tensor, "batch channels height width"], Float[Tensor, "batch classes"]]:
    """Images put together from the quadrants of four, each of another shuffle of the batch, and their class shares.

    Every quadrant counts a quarter; quarters of one class add up.
    """
    orders = [torch.randperm(len(images), generator=generator) for _ in range(4)]
    middle = (images.shape[2] // 2, images.shape[3] // 2)
    mixed = images.clone()
    for place, order in enumerate(orders):
        rows = slice(None, middle[0]) if place < 2 else slice(middle[0], None)
        columns = slice(None, middle[1]) if place % 2 == 0 else slice(middle[1], None)
        mixed[:, :, rows, columns] = images[order][:, :, rows, columns]
    return mixed, torch.stack([one_hot(targets[order], classes) for order in orders]).float().mean(0)


def calibrated(logits: Float[Tensor, "images classes"], targets: Int64[Tensor, " images"]) -> float:
    """The temperature T > 0 that minimises the mean cross-entropy of z / T on images that trained nothing.

    Source: Guo et al. 2017, arXiv:1706.04599, section 4.2.

    >>> torch.manual_seed(0) and None
    >>> z = torch.randn(4000, 3)
    >>> y = torch.distributions.Categorical(logits=z).sample()
    >>> abs(calibrated(5 * z, y) - 5) < 0.5
    True
    """
    from scipy.optimize import minimize_scalar

    z = logits.double()
    found = minimize_scalar(lambda log_t: cross_entropy(z / math.exp(log_t), targets).item(), bounds=(-7.0, 7.0))
    return math.exp(found.x)


def _euclidean(
    features: Float[Tensor, "batch features"], prototypes: Float[Tensor, "classes features"]
) -> Float[Tensor, "batch classes"]:
    # By matrix multiplication, as cdist prefers, far points would lose their distances to rounding.
    return torch.cdist(features, prototypes, compute_mode="donot_use_mm_for_euclid_dist")
