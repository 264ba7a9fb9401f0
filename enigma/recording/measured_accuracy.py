"""An accuracy with its interval, and whether it can be told from guessing."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from enigma.spec.shares import percent

_CONFIDENCE = 0.95

CHANCE_LEVEL = 0.01
"""A model that guesses passes for one that does not this seldom."""


@dataclass(frozen=True)
class Accuracy:
    """A share of images that are classified right, in [0, 1], with its 95 % interval.

    The interval is Wilson's, which holds its level also for few images and near 0 and 1.

    Attributes:
        images: those with a label.
        p_value: how likely guessing is to be right on as many or more: one-sided, exact, binomial.

    Source: Wilson 1927, JASA 22(158):209.
    """

    value: float
    low: float
    high: float
    images: int
    p_value: float

    @classmethod
    def of(cls, predictions: np.ndarray, labels: np.ndarray, classes: int) -> "Accuracy | None":
        """From predicted and true classes, of which -1 is not known; None where no label is known.

        Args:
            classes: that a guess would be one of.

        >>> round(Accuracy.of(np.array([0, 1, 1]), np.array([0, 1, 2]), 10).low, 3)
        0.208
        """
        known = labels >= 0
        if not known.any():
            return None
        right, images = int((predictions == labels)[known].sum()), int(known.sum())
        test = binomtest(right, images, 1 / classes, alternative="greater")
        interval = binomtest(right, images).proportion_ci(_CONFIDENCE, method="wilson")
        return cls(right / images, float(interval.low), float(interval.high), images, float(test.pvalue))

    @property
    def is_chance(self) -> bool:
        """Whether a model that guesses could well be right as often."""
        return self.p_value >= CHANCE_LEVEL

    @property
    def interval(self) -> str:
        """In words: '10.5 to 16.5 %'."""
        return f"{percent(self.low).removesuffix(' %')} to {percent(self.high)}"

    def __str__(self) -> str:
        return f"{percent(self.value)} ({self.interval}) of {self.images:,} images"
