"""Weighted flips: accuracy from how many predictions change while a model adapts."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer

from enigma.analysis.metrics.measures import weighted_flips

IMAGES = 1000
STEPS = 990
"""Updates between the two predictions: the paper says 1,000, its code looks after 990."""


@dataclass(frozen=True)
class Published:
    """A polynomial of the paper's code from flips among 1,000 images to accuracy in percent.

    Attributes:
        coefficients: highest power first.
        is_weighted: whether flips are weighted by the confidence rank.
        rising_from: flips beyond which the polynomial rises again, against its meaning; infinite where it never does.
    """

    coefficients: tuple[float, ...]
    is_weighted: bool
    rising_from: float = float("inf")

    def percent(self, flips: float | int, images: int = IMAGES) -> float:
        """Estimated accuracy in percent; flips among fewer images are scaled to 1,000 as in the paper's table 4."""
        return float(np.polyval(self.coefficients, flips * IMAGES / images))


PUBLISHED = {
    "weighted quadratic": Published((3.55553868e-04, -3.21445023e-01, 7.56618580e01), True, 452.0),
    "linear": Published((-0.10318227, 83.55158891), False),
    "quadratic": Published((-1.01165493e-05, -9.59406999e-02, 8.25756446e01), False),
}
"""Fitted by the authors for a ResNet-50 on ImageNet validation images and ImageNet-C's four held-out corruptions, with
RDumb, 990 updates, batches of 64: another model, method or dataset needs a fit of its own."""
PAPER = Published((0.00036, -0.32, 75.66), True, 444.4)
"""The weighted quadratic with the digits that the paper prints (section 4.1)."""


def flips(
    before: Integer[np.ndarray, " images"],
    after: Integer[np.ndarray, " images"],
    confidence: Float[np.ndarray, " images"],
    *,
    weighted: bool = True,
) -> float:
    """Predictions that differ after adaptation, each weighted by the confidence rank it had before, in (0, 1].

    WF = sum_i [before_i != after_i] c_i with c_i = rank of the confidence / images, equal ones sharing their mean rank.

    The paper and its code differ. Paper: `before` is what the pre-trained model predicts, and c_i the 'confidence
    percentile'. Code: both predictions come from the model as RDumb configures it, that is with the statistics of the
    batch instead of the stored ones (frame 0 here), c_i is the rank divided by the number of images, and the sum is
    not divided by it again. Pass the source model's predictions and confidences for the paper's words, those of frame 0
    for its code. Both estimate the accuracy of the source model with its stored statistics.

    Source: Press et al. 2024 (The Entropy Enigma), section 4.1; reference code oripress/EntropyEnigma.

    >>> flips(np.array([0, 1, 2]), np.array([1, 1, 0]), np.array([0.2, 0.5, 0.9])) == 1 / 3 + 3 / 3
    True
    """
    flipped = before != after
    return weighted_flips(flipped, confidence) if weighted else float(flipped.sum())
