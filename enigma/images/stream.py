"""The order in which test images arrive: a pure function of the step, so that a run can go on anywhere."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from jaxtyping import Int64

from enigma.spec.errors import InputError

CONCENTRATION = 0.1


@dataclass(frozen=True, eq=False)
class StreamOrder:
    """Endless passes over a dataset in batches of one size.

    A pass that does not fill its last batch is completed from the next pass, so every batch is full.
    'shuffled' shuffles each pass anew, 'sorted' sorts each pass by label (shuffled within a label),
    'sequential' keeps the stored order, 'correlated' gives each class times of its own: its images are
    spread over the batches of a pass in proportions drawn from a symmetric Dirichlet distribution
    (Gong et al. 2022, NOTE, arXiv:2208.05117, section 4; Boudiaf et al. 2022, LAME, arXiv:2201.05718).

    Attributes:
        concentration: of that distribution; small means that a class comes all at once.
    """

    labels: Int64[np.ndarray, " images"]
    order: str
    batch_size: int
    seed: int
    concentration: float = CONCENTRATION

    def __post_init__(self) -> None:
        if self.batch_size > len(self.labels):
            raise InputError(
                f"Expected `batch_size` to be at most the {len(self.labels)} test images, but got {self.batch_size}."
            )
        if self.order in ("sorted", "correlated") and (self.labels < 0).any():
            raise InputError(
                f"Expected labels for a stream whose `order` is {self.order}, but some images have none; "
                "use shuffled or sequential."
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
        generator = np.random.default_rng([self.seed, number])
        shuffled = generator.permutation(len(self.labels))
        if self.order == "shuffled":
            return shuffled
        if self.order == "correlated":
            return shuffled[np.argsort(self._times(shuffled, generator), kind="stable")]
        return shuffled[np.argsort(self.labels[shuffled], kind="stable")]

    def _times(self, shuffled: np.ndarray, generator: np.random.Generator) -> Int64[np.ndarray, " images"]:
        """For each image of a shuffled pass, the batch its class's proportions put it into."""
        slots = -(-len(shuffled) // self.batch_size)
        times = np.empty(len(shuffled), np.int64)
        for label in np.unique(self.labels):
            members = np.flatnonzero(self.labels[shuffled] == label)
            shares = generator.dirichlet(np.full(slots, self.concentration))
            ends = np.rint(np.cumsum(shares) * len(members)).astype(np.int64)
            times[members] = np.searchsorted(ends, np.arange(len(members)), side="right").clip(max=slots - 1)
        return times


@dataclass(frozen=True, eq=False)
class Stream:
    """What arrives: one part of the test images after another, each in an order of its own.

    Attributes:
        parts: positions among all test images, for each part (a corruption at a severity).
        order: the order of each part.
        sequence: the parts as they follow one another, from the first again after the last.
        period: steps that each lasts.
    """

    parts: tuple[Int64[np.ndarray, " part"], ...]
    order: tuple[StreamOrder, ...]
    sequence: tuple[int, ...] = (0,)
    period: int = 1

    def batch(self, step: int) -> Int64[np.ndarray, " batch"]:
        """Positions of the images of the batch at `step`, counted from 0.

        A part that comes again goes on where it was left.
        """
        if len(self.sequence) == 1:
            return self.parts[0][self.order[0].batch(step)]
        part = self.part_at(step)
        visit, within = divmod(step, self.period)
        rounds, place = divmod(visit, len(self.sequence))
        earlier = rounds * self.sequence.count(part) + self.sequence[:place].count(part)
        return self.parts[part][self.order[part].batch(earlier * self.period + within)]

    def part_at(self, step: int) -> int:
        """Which part the batch at `step` is from."""
        return self.sequence[step // self.period % len(self.sequence)]

    def without(self, excluded: Int64[np.ndarray, " excluded"]) -> "Stream":
        """The same stream of the images that are left.

        Raises:
            InputError: fewer than a batch are left.
        """
        kept = [~np.isin(part, excluded) for part in self.parts]
        if any(mask.sum() < order.batch_size for mask, order in zip(kept, self.order, strict=True)):
            least = min(int(mask.sum()) for mask in kept)
            raise InputError(
                f"Expected at least a batch of {self.order[0].batch_size} images in the stream, but only {least} are "
                "left after exclusion; exclude fewer, or use a smaller `batch_size` or fewer `probes`."
            )
        return Stream(
            tuple(part[mask] for part, mask in zip(self.parts, kept, strict=True)),
            tuple(replace(o, labels=o.labels[mask]) for o, mask in zip(self.order, kept, strict=True)),
            self.sequence,
            self.period,
        )


@dataclass(frozen=True, eq=False)
class Mixture:
    """A stream of known images with unknown ones among them, as many in each batch.

    Attributes:
        known: gives the known images of a batch, so many fewer than the batch has.
        unknown: positions of the unknown images among all test images.
        order: theirs; its batch size is the number of unknown images in a batch.
    """

    known: Stream
    unknown: Int64[np.ndarray, " unknown"]
    order: StreamOrder

    def batch(self, step: int) -> Int64[np.ndarray, " batch"]:
        """Positions of the images of the batch at `step`, counted from 0; the unknown ones at places of chance."""
        mixed = np.concatenate([self.known.batch(step), self.unknown[self.order.batch(step)]])
        return np.random.default_rng([self.order.seed, 6, step]).permutation(mixed)

    def part_at(self, step: int) -> int:
        """Which part the known images of the batch at `step` are from."""
        return self.known.part_at(step)

    def without(self, excluded: Int64[np.ndarray, " excluded"]) -> "Mixture":
        """The same with fewer known images: unknown ones are not excluded."""
        return replace(self, known=self.known.without(excluded))


def imbalanced(labels: Int64[np.ndarray, " images"], ratio: float, seed: int) -> Int64[np.ndarray, " kept"]:
    """Positions of a part of the images in which class k of K has ratio^(-k / (K - 1)) times as many as class 0.

    Source: Cui et al. 2019, arXiv:1901.05555, section 5.1 (long-tailed CIFAR).

    >>> np.bincount(np.repeat([0, 1, 2], 100)[imbalanced(np.repeat([0, 1, 2], 100), 100.0, 0)]).tolist()
    [100, 10, 1]
    """
    if (labels < 0).any():
        raise InputError("Expected labels for a stream with `imbalance`, but some images have none.")
    shuffled = np.random.default_rng([seed, 2]).permutation(len(labels))
    classes = np.unique(labels)
    kept = []
    for place, label in enumerate(classes):
        members = shuffled[labels[shuffled] == label]
        share = ratio ** (-place / max(len(classes) - 1, 1))
        kept.append(members[: max(1, round(len(members) * share))])
    return np.sort(np.concatenate(kept))
