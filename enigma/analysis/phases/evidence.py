"""Whether test images came nearer to the training images, and accuracy changed, by more than chance.

*Centroid distance*: the mean over classes of the Euclidean distance, in embedding space, from the centroid of the
class's test images to the mean of its training images under the source model,

    d = (1/K) Σ_k ‖ mean{e_i : y_i = k} - m_k ‖.

A class of fewer than five test images has none. Where nobody knows the labels, the distance of an image to the nearest
class mean, averaged over the images, stands in; it is another measure and is named as what it is.

Every frame embeds the same probe images, so two frames are compared image by image. The interval of a change is

    change ± z · error.

*Error*: of the distance, from a bootstrap over the probe within each class (Rao & Wu 1988: n - 1 of n images are drawn,
so that small classes have no too small an error); of accuracy, that of McNemar's test, √(b + c + 1) / n for b images
that became right and c that became wrong. *Change* of the distance: without what chance adds to it, since the centroid
of n images that scatter with the covariance S lies √(‖μ - m‖² + tr S / n) from the mean, not ‖μ - m‖, and clusters
that only tighten would seem to approach. *z*: the best frame is chosen because it is best, and among twenty frames that
differ by chance alone it beats the last one by two errors more often than not. So z is such that with 95 % confidence
the intervals of all pairs of frames hold at once: Tukey's range, by the bootstrap, with the degrees of freedom of the
images that there are.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Float32, Integer
from scipy.spatial.distance import cdist
from scipy.stats import norm as normal
from scipy.stats import t as student

from enigma.analysis.metrics.geometry import LEAST

RESAMPLES = 400
CONFIDENCE = 0.95
CENTROIDS = "centroid distance"
NEAREST = "distance to the nearest class mean"
# All pairs of more frames would take long, and frames close in time move together: they add next to nothing.
_MOST_COMPARED = 32
_NORMAL = 1.959964
# A run is looked at while it grows: a word that two frames earn should not be taken back for a third. That of 99 %.
_LEAST_RANGE = 2.575829

# The largest of many ratios looks for the error that came out smallest: of so many degrees of freedom one counts. With
# it at most 8 of 100 made-up runs of 25 to 1,000 images that stay where they are have two frames that are told apart.
_SHARED = 3

Embeddings = Float[np.ndarray, "probes features"]
Samples = Float32[np.ndarray, "frames resamples"]


@dataclass(frozen=True)
class Change:
    """What a number did between two frames; all NaN where it is not known.

    Attributes:
        before, after: its values.
        low, high: the 95 % interval of `after - before`, which holds for all pairs of frames of the run at once.
    """

    before: float
    after: float
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.after - self.before

    @property
    def direction(self) -> int:
        """1 where it rose and -1 where it fell beyond chance; 0 where it may as well have stayed, or is not known."""
        return 1 if self.low > 0 and self.value > 0 else -1 if self.high < 0 and self.value < 0 else 0


@dataclass(frozen=True)
class Evidence:
    """What was measured at every frame of a run, and by how much chance may have moved it.

    Attributes:
        measure: which distance it is, `CENTROIDS` or `NEAREST`; empty where there is no training image to be near to.
        distances: one value a frame; NaN where it is not known.
        unbiased: the same without what chance adds to it.
        samples: the distance of each resample of the probe.
        right: for each image with a label, whether it is classified right; no image without labels.
        class_distances: of the centroid of each class; NaN for a class of too few images, and without labels.
        class_errors: their standard errors.
        freedom: degrees of freedom of the distance: images less centroids.
    """

    measure: str
    distances: Float[np.ndarray, " frames"]
    unbiased: Float[np.ndarray, " frames"]
    samples: Samples
    right: Bool[np.ndarray, "frames labelled"]
    class_distances: Float[np.ndarray, "frames classes"]
    class_errors: Float[np.ndarray, "frames classes"]
    freedom: int

    @cached_property
    def accuracies(self) -> Float[np.ndarray, " frames"]:
        """In [0, 1]; NaN without labels."""
        return self.right.mean(1) if self.right.shape[1] else np.full(len(self.right), np.nan)

    def distance(self, first: int, last: int) -> Change:
        """What the distance did from one frame to another, which is not the same one."""
        error = float((self.samples[last].astype(np.float64) - self.samples[first]).std())
        middle = float(self.unbiased[last] - self.unbiased[first])
        if not error and middle:
            # Images that are all alike are one image, and of one image nothing is known beyond chance.
            error = math.nan
        return _change(self.distances[first], self.distances[last], middle, self._distance_range * error)

    def share(self, first: int, last: int) -> Change:
        """By which share of itself the distance changed: from 0 to d_last / d_first - 1, with the interval of that.

        All NaN where d_first is 0: of nothing there is no share.
        """
        if not (self.distances[first] > 0 and (self.samples[first] > 0).all()):
            return Change(math.nan, math.nan, math.nan, math.nan)
        ratios = self.samples[last].astype(np.float64) / self.samples[first]
        value = float(self.distances[last] / self.distances[first] - 1)
        return _change(0.0, value, value, self._distance_range * float(ratios.std()))

    def accuracy(self, first: int, last: int) -> Change:
        """What accuracy did from one frame to another."""
        before, after = self.accuracies[first], self.accuracies[last]
        count = self.right.shape[1]
        error = math.sqrt(int((self.right[first] != self.right[last]).sum()) + 1) / count if count else math.nan
        change = _change(before, after, after - before, self._accuracy_range * error)
        return replace(change, low=max(change.low, -1.0), high=min(change.high, 1.0))

    def class_direction(self, label: int, first: int, last: int) -> int:
        """-1 where the centroid of a class came nearer by more than 1.96 errors, 1 where it left, else 0.

        The errors of both frames are added as if they were independent: since both frames show the same images, they
        err on the same side, and a change that is called one is one.
        """
        change = self.class_distances[last, label] - self.class_distances[first, label]
        error = math.hypot(self.class_errors[first, label], self.class_errors[last, label])
        return 0 if not abs(change) > _NORMAL * error else 1 if change > 0 else -1

    def of_frames(self, kept: Sequence[int] | Integer[np.ndarray, " kept"]) -> "Evidence":
        """The same of some of the frames."""
        rows = np.asarray(kept)
        return Evidence(
            self.measure, self.distances[rows], self.unbiased[rows], self.samples[rows], self.right[rows],
            self.class_distances[rows], self.class_errors[rows], self.freedom,
        )  # fmt: skip

    @cached_property
    def _distance_range(self) -> float:
        return _range(self.samples, self.freedom)

    @cached_property
    def _accuracy_range(self) -> float:
        count = self.right.shape[1]
        if not count:
            return math.nan
        drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), RESAMPLES).astype(np.float32)
        return _range(self.right.astype(np.float32) @ drawn.T / count, count - 1)


def evidence(
    embeddings: Iterable[Embeddings],
    predictions: Iterable[Integer[np.ndarray, " probes"]],
    labels: Integer[np.ndarray, " probes"],
    means: Float[np.ndarray, "classes features"],
) -> Evidence:
    """Measures one frame after the other.

    Args:
        embeddings: of the probe, one array a frame.
        predictions: the predicted class of each image, one array a frame; negative where there is none.
        labels: true classes, negative where unknown; images without one count where nobody has any.
        means: of the training images of each class under the source model; NaN for a class without any.
    """
    ruler = Ruler(labels, means)
    for frame, predicted in zip(embeddings, predictions, strict=True):
        ruler.add(frame, predicted)
    return ruler.evidence()


class Ruler:
    """Takes the measure of one frame after the other, so that no more than one need be in memory."""

    def __init__(self, labels: Integer[np.ndarray, " probes"], means: Float[np.ndarray, "classes features"]) -> None:
        self._labels, self._means = labels, means
        self._known = np.flatnonzero(np.isfinite(means).all(1))
        rng = np.random.default_rng(0)
        self._members: dict[int, np.ndarray] = {}
        self._weights: dict[int, np.ndarray] = {}
        for label in self._known.tolist():
            members = np.flatnonzero(labels == label)
            if len(members) >= LEAST:
                self._members[label], self._weights[label] = members, _weights(rng, len(members))
        self._is_labelled = bool((labels >= 0).any())
        self._all = None if self._is_labelled or not len(self._known) else _weights(rng, len(labels))
        self._rows: list[tuple[float, float, np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []

    def add(self, embeddings: Embeddings, predictions: Integer[np.ndarray, " probes"]) -> None:
        """Takes the measure of the next frame; a negative prediction is none."""
        classes = len(self._means)
        distances, unbiased, errors = (np.full(classes, np.nan) for _ in range(3))
        value, corrected, samples = math.nan, math.nan, np.full(RESAMPLES, np.nan)
        if self._all is not None:
            near = cdist(embeddings, self._means[self._known]).min(1)
            value, samples = float(near.mean()), self._all @ near
            corrected = value
        elif self._members:
            drawn = np.zeros(RESAMPLES)
            for label, members in self._members.items():
                apart = embeddings[members].astype(np.float64) - self._means[label]
                resampled = _lengths(self._weights[label], apart)
                squared, chance = np.square(apart.mean(0)).sum(), apart.var(0, ddof=1).sum() / len(members)
                distances[label], errors[label] = math.sqrt(squared), resampled.std()
                # May be negative: were it cut off at 0, a cluster that tightens would seem to approach.
                unbiased[label] = math.copysign(math.sqrt(abs(squared - chance)), squared - chance)
                drawn += resampled
            value, corrected = float(np.nanmean(distances)), float(np.nanmean(unbiased))
            samples = drawn / len(self._members)
        is_known = (self._labels >= 0) & (predictions >= 0)
        right = (predictions == self._labels)[is_known]
        self._rows.append((value, corrected, samples.astype(np.float32), right, distances, errors))

    def evidence(self) -> Evidence:
        """Of all frames so far."""
        distances, unbiased, samples, right, of_classes, errors = (
            np.stack(part) for part in zip(*self._rows, strict=True)
        )
        measure = NEAREST if self._all is not None else CENTROIDS if self._members else ""
        freedom = len(self._labels) - 1 if measure == NEAREST else sum(len(one) - 1 for one in self._members.values())
        return Evidence(measure, distances, unbiased, samples, right, of_classes, errors, freedom)


def _weights(rng: np.random.Generator, count: int) -> Float[np.ndarray, "resamples images"]:
    """How much each image weighs in each resample: n - 1 of n images, drawn with replacement; one weighs itself."""
    drawn = max(count - 1, 1)
    return rng.multinomial(drawn, np.full(count, 1 / count), RESAMPLES) / drawn


def _lengths(
    weights: Float[np.ndarray, "resamples images"], apart: Float[np.ndarray, "images features"]
) -> Float[np.ndarray, " resamples"]:
    """‖Σ w_i a_i‖ of each resample; by inner products of the images where they are fewer than the resamples."""
    if len(apart) < min(apart.shape[1], len(weights)):
        return np.sqrt(np.maximum(((weights @ (apart @ apart.T)) * weights).sum(1), 0))
    return np.linalg.norm(weights @ apart, axis=1)


def _range(samples: Float[np.ndarray, "frames resamples"], freedom: int) -> float:
    """By how many errors two frames differ at most, over all pairs of them, in 95 % of the resamples.

    An error that is estimated from few images is uncertain itself: Student's distribution in place of the normal one.
    """
    kept = np.unique(np.linspace(0, len(samples) - 1, min(len(samples), _MOST_COMPARED)).round().astype(int))
    one, other = np.triu_indices(len(kept), 1)
    if not len(one) or not np.isfinite(samples).all():
        return math.nan
    moved = (samples[kept[other]] - samples[kept[one]]).astype(np.float64)
    moved -= moved.mean(1, keepdims=True)
    errors = moved.std(1, keepdims=True)
    # Of two frames in which every image lies in the same place, nothing can be said, nor need be.
    differ = errors[:, 0] > 1e-6 * float(np.abs(samples).max())
    found = float(np.quantile(np.abs(moved[differ] / errors[differ]).max(0), CONFIDENCE)) if differ.any() else 0.0
    return float(student.isf(normal.sf(max(found, _LEAST_RANGE)), max(freedom / _SHARED, 1)))


def _change(before: float, after: float, middle: float, margin: float) -> Change:
    return Change(float(before), float(after), float(middle - margin), float(middle + margin))
