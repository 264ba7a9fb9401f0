"""The order in which test images arrive: a pure function of the step, so that a run can go on anywhere."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Int64

from enigma.errors import InputError


@dataclass(frozen=True, eq=False)
class StreamOrder:
    """Endless passes over a dataset in batches of one size.

    A pass that does not fill its last batch is completed from the next pass, so every batch is full.
    'shuffled' shuffles each pass anew, 'sorted' sorts each pass by label (shuffled within a label),
    'sequential' keeps the stored order.
    """

    labels: Int64[np.ndarray, " images"]
    order: str
    batch_size: int
    seed: int

    def __post_init__(self) -> None:
        if self.batch_size > len(self.labels):
            raise InputError(
                f"Expected `batch_size` to be at most the {len(self.labels)} test images, but got {self.batch_size}."
            )

    def batch(self, step: int) -> Int64[np.ndarray, " batch"]:
        """Positions of the images of the batch at `step`, counted from 0."""
        first = step * self.batch_size
        number, offset = divmod(first, len(self.labels))
        positions = self._pass(number)[offset : offset + self.batch_size]
        missing = self.batch_size - len(positions)
        return np.concatenate([positions, self._pass(number + 1)[:missing]]) if missing else positions

    @lru_cache(maxsize=4)  # noqa: B019 - a run holds one order, and four passes are little
    def _pass(self, number: int) -> Int64[np.ndarray, " images"]:
        if self.order == "sequential":
            return np.arange(len(self.labels))
        shuffled = np.random.default_rng([self.seed, number]).permutation(len(self.labels))
        if self.order == "shuffled":
            return shuffled
        return shuffled[np.argsort(self.labels[shuffled], kind="stable")]
