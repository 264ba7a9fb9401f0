"""k-means of one frame, searched so well that the seed of the search makes no difference.

Lloyd's iteration ends in the nearest of many poor optima; on the bundled run fifty restarts still differ by 8 % of the
shift distance in some frames. So solutions are bred: the centroids of two good ones are matched, each is taken from
either, one is dropped and set down anew where images lie far from all others, and Lloyd's iteration settles the rest
(HG-means: Gribel & Vidal 2019, Pattern Recognition 88).
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans, kmeans_plusplus
from sklearn.exceptions import ConvergenceWarning

POPULATION = 12
RUNS = 120
"""Solutions that are bred, in some 1.3 s of one core for 1,000 images of 64 features in 10 clusters …"""
FEWEST_RUNS = 8
"""… and where one takes long: the mean over many clusters leaves less to chance."""
# So many solutions are looked at for a merger and a split of their clusters, and this part of the runs each.
_LOOKED_AT, _SWAPS = 6, 10
# Images x clusters x features of all solutions together: a few seconds.
_WORK = 4e8
AS_GOOD = 5e-4
"""By this share of the inertia two solutions may differ and still be as good."""
# Few images have few optima.
_IMAGES_A_RUN = 4
# An image lies between clusters when joining another costs no more than this much of what leaving its own saves.
_NEAR = 1.15

Points = Float[np.ndarray, "images features"]
Centroids = Float[np.ndarray, "clusters features"]


@dataclass(frozen=True)
class Clusters:
    """A k-means solution.

    Attributes:
        centroids: the mean of each cluster.
        labels: the cluster of each image.
        inertia: sum over images of the squared distance to the centroid.
    """

    centroids: Centroids
    labels: Integer[np.ndarray, " images"]
    inertia: float


def clusters(
    points: Points,
    count: int,
    starts: Sequence[Float[np.ndarray, "_ features"]] = (),
    *,
    preferred: Callable[[Clusters], float] = lambda found: found.inertia,
    seed: int = 0,
) -> Clusters:
    """The k-means solution of least inertia that a search finds, or another that is as good.

    Two optima whose inertia differs by less than `AS_GOOD` are none the better for it: on the bundled run two differ by
    0.007 % and lie 8 % of the shift distance apart. Which of them a search ends in would be chance, so of all such that
    it comes upon the one with the least value of `preferred` is taken.

    Args:
        points: one row an image.
        count: clusters.
        starts: centroids to begin from besides those of k-means++; only as many as `count` at a time are of use.
        preferred: what decides between solutions that are as good.
        seed: of the search.
    """
    rng, middle = np.random.default_rng(seed), points.mean(0)
    points = points - middle
    wanted = min(_WORK / (len(points) * count * points.shape[1]), len(points) / _IMAGES_A_RUN)
    runs = int(np.clip(wanted, FEWEST_RUNS, RUNS))
    size = min(POPULATION, runs // 2)
    found = [_settled(points, start - middle) for start in starts if len(start) == count][:size]
    while len(found) < size:
        start, _ = kmeans_plusplus(points, count, random_state=int(rng.integers(2**31)))
        found.append(_settled(points, start))
    for _ in range(runs - size):
        child = _settled(points, _bred(points, _parent(found, rng), _parent(found, rng), rng))
        worst = max(range(size), key=lambda index: found[index].inertia)
        # Only what is new: a population of twins breeds nothing else.
        is_known = any(np.isclose(child.inertia, one.inertia, rtol=1e-7, atol=0) for one in found)
        if child.inertia < found[worst].inertia and not is_known:
            found[worst] = child
    pool = [Clusters(one.centroids + middle, one.labels, one.inertia) for one in _with_swapped(points, found, runs)]
    least = min(one.inertia for one in pool)
    # Where there are as many places as clusters, rounding leaves inertias that lie a little below 0.
    return min((one for one in pool if one.inertia <= least + AS_GOOD * abs(least)), key=preferred)


def _settled(points: Points, start: Centroids) -> Clusters:
    """Where Lloyd's iteration leads from here, and single moves from there."""
    with warnings.catch_warnings():
        # Fewer places than clusters, as of a layer that is dead, is a finding and no fault.
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = KMeans(len(start), init=start, n_init=1, random_state=0).fit(points)
    return _polished(points, fitted.cluster_centers_, fitted.labels_.astype(np.int64))


def _polished(points: Points, centroids: Centroids, labels: Integer[np.ndarray, " images"]) -> Clusters:
    """Moves the one image whose move lowers the inertia most, until no move does (Hartigan 1975).

    Leaving a cluster of n images lowers the inertia by n / (n - 1) times the squared distance to its centroid, joining
    one raises it by n / (n + 1) times that. Lloyd's iteration stops short of such moves, hence in many more places.
    Images that lie between clusters are moved until none of them wants to; then all are looked at again.
    """
    rows, lengths = np.arange(len(points)), np.square(points).sum(1)
    sizes = np.bincount(labels, minlength=len(centroids)).astype(np.float64)
    centroids, labels, least = centroids.copy(), labels.copy(), 1e-9 * float(lengths.mean())
    near, is_whole = rows, True
    # No function of its own within the loop: it runs thousands of times.
    squared = lengths[:, None] - 2 * points @ centroids.T + np.square(centroids).sum(1)
    while True:
        own = labels[near]
        of_own, at = sizes[own], rows[: len(near)]
        # The last image of a cluster stays.
        saved = np.where(of_own > 1, squared[at, own] * of_own / np.maximum(of_own - 1, 1), -np.inf)
        added = squared * (sizes / (sizes + 1))
        added[at, own] = np.inf
        target = added.argmin(1)
        gain = saved - added[at, target]
        best = int(gain.argmax())
        if not gain[best] > least:
            if is_whole:
                return Clusters(centroids, labels, float(squared[rows, labels].sum()))
            near, is_whole = rows, True
            squared = lengths[:, None] - 2 * points @ centroids.T + np.square(centroids).sum(1)
            continue
        if is_whole:
            between = np.flatnonzero(_NEAR * saved > added.min(1))
            near, squared, is_whole = between, squared[between], False
            continue
        image, left, joined = int(near[best]), int(own[best]), int(target[best])
        centroids[left] += (centroids[left] - points[image]) / (sizes[left] - 1)
        centroids[joined] += (points[image] - centroids[joined]) / (sizes[joined] + 1)
        sizes[left], sizes[joined], labels[image] = sizes[left] - 1, sizes[joined] + 1, joined
        pair = [left, joined]
        squared[:, pair] = (
            lengths[near, None] - 2 * points[near] @ centroids[pair].T + np.square(centroids[pair]).sum(1)
        )


def _with_swapped(points: Points, found: list[Clusters], runs: int) -> list[Clusters]:
    """All of these, and others that come of merging a cluster that is hardly missed and of splitting another.

    The best optimum may lie two swaps away, beyond a worse one, so the best few that have not been looked at are, also
    those that the search itself has come upon.
    """
    pool, seen = list(found), set()
    for _ in range(_LOOKED_AT if len(found[0].centroids) > 1 else 0):
        pool.sort(key=lambda one: one.inertia)
        fresh = [one for one in pool if round(one.inertia, 6) not in seen]
        if not fresh:
            break
        seen.add(round(fresh[0].inertia, 6))
        pool += [_settled(points, start) for start in _swaps(points, fresh[0])[: max(runs // _SWAPS, 1)]]
    return pool


def _swaps(points: Points, solution: Clusters) -> list[Centroids]:
    """Where one cluster is merged and another split, for all pairs of them; the most promising first."""
    count = len(solution.centroids)
    nearest = np.sort(np.square(cdist(points, solution.centroids)), 1)
    costs = np.bincount(solution.labels, weights=nearest[:, 1] - nearest[:, 0], minlength=count)
    axes, gains = np.zeros_like(solution.centroids), np.zeros(count)
    for label in np.unique(solution.labels).tolist():
        apart = points[solution.labels == label] - solution.centroids[label]
        _, lengths, directions = np.linalg.svd(apart, full_matrices=False)
        # Half a normal distribution has its mean √(2/π) deviations from the middle.
        axes[label] = np.sqrt(2 / np.pi / len(apart)) * lengths[0] * directions[0]
        gains[label] = 2 / np.pi * lengths[0] ** 2
    change = costs[:, None] - gains
    np.fill_diagonal(change, np.inf)
    starts = []
    for pair in np.argsort(change, axis=None, kind="stable")[: count * (count - 1)].tolist():
        merged, split = divmod(pair, count)
        start = solution.centroids.copy()
        start[merged], start[split] = start[split] + axes[split], start[split] - axes[split]
        starts.append(start)
    return starts


def _parent(found: list[Clusters], rng: np.random.Generator) -> Clusters:
    """The better of two that are drawn."""
    one, other = rng.choice(len(found), 2, replace=False)
    return min(found[one], found[other], key=lambda solution: solution.inertia)


def _bred(points: Points, one: Clusters, other: Clusters, rng: np.random.Generator) -> Centroids:
    """Each centroid of either parent, and one of them set down anew, far from the others."""
    rows, columns = linear_sum_assignment(cdist(one.centroids, other.centroids))
    of_one = rng.random(len(rows)) < 0.5
    mixed = np.where(of_one[:, None], one.centroids[rows], other.centroids[columns])
    if len(mixed) < 2:
        return mixed
    kept = np.delete(mixed, rng.integers(len(mixed)), axis=0)
    squared = np.square(cdist(points, kept)).min(1)
    total = squared.sum()
    chosen = rng.choice(len(points), p=squared / total) if total > 0 else rng.integers(len(points))
    return np.concatenate([kept, points[chosen : chosen + 1]])
