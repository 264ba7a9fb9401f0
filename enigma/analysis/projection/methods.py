"""Two-dimensional pictures of the embeddings through time, each with a measure of how far to trust it.

UMAP is fitted once on the reference and the frames together, and its directions serve the default projection,
`enigma.analysis.projection.true_distances`. A UMAP fitted on the training embeddings alone puts every test point onto
the nearest training cluster, however far away it is, and so hides the very drift that entropy minimisation causes; it
is offered with that warning.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float32, Integer

from enigma.analysis.metrics.observed import source_means
from enigma.analysis.neighbors import nearest
from enigma.analysis.projection.faithfulness import neighbourhoods
from enigma.analysis.projection.names import TITLES, TRUE_DISTANCES
from enigma.analysis.projection.true_distances import true_distances
from enigma.analysis.trajectory import Projection
from enigma.spec.errors import InputError
from enigma.store.run_folder import Run

# Many neighbours, a start from PCA and room between points keep more of the distances between clusters than UMAP's
# defaults (15, spectral, 0.1) do, and fewer epochs suffice: chosen on the trial half of docs/results/projections.md.
NEIGHBORS = 150
MIN_DIST = 0.8
EPOCHS = 100

# Beyond this many points only a sample is fitted, and the others are placed among it.
MAX_FITTED = 20_000
LEAST_FRAMES = 12
"""So many frames have a part in the fit, where there are as many; then each gives only some of its images."""

PLACED_AMONG = 15
"""A point that was not fitted is placed among so many of those that were."""

Points = Float32[np.ndarray, "_ features"]
Positions = Float32[np.ndarray, "_ 2"]


@dataclass(frozen=True)
class _Cloud:
    """All embeddings of a run in one array: class means, then references, then the frames one after another.

    Attributes:
        known: which classes have a mean, because there are reference images of them.
    """

    points: Points
    steps: Integer[np.ndarray, " frames"]
    known: Bool[np.ndarray, " classes"]
    references: int

    @property
    def classes(self) -> int:
        """Class means among the points."""
        return int(self.known.sum())

    def fitted_on(self, frames: str) -> str:
        return f"reference and {frames} frames" if self.references else f"{frames} frames"

    @property
    def fixed(self) -> int:
        return self.classes + self.references

    @property
    def probes(self) -> int:
        """Test images a frame."""
        return (len(self.points) - self.fixed) // len(self.steps)

    def split(self, positions: Positions) -> tuple[Positions, Positions, np.ndarray]:
        """Means (NaN where unknown), references and frames (frames, probes, 2) of positions of all points."""
        frames = positions[self.fixed :].reshape(len(self.steps), -1, 2)
        means = np.full((len(self.known), 2), np.nan, np.float32)
        means[self.known] = positions[: self.classes]
        return means, positions[self.classes : self.fixed], frames


def pca(run: Run) -> Projection:
    """The plane of largest variance of reference and frames together; linear, at once."""
    cloud = _cloud(run)
    return _finish(run, cloud, plane(cloud.points), "pca", "PCA", cloud.fitted_on("all"), "")


def pca_of_training(run: Run) -> Projection:
    """The plane of largest variance of the reference alone, or of frame 0: it stays while a run grows."""
    cloud = _cloud(run)
    kept = slice(cloud.fixed) if cloud.references else slice(cloud.fixed, cloud.fixed + cloud.probes)
    fitted_on = "reference" if cloud.references else "frame 0"
    return _finish(run, cloud, plane(cloud.points, cloud.points[kept]), "pca", "PCA", fitted_on, "")


def umap_joint(run: Run) -> Projection:
    """UMAP (McInnes et al. 2018) fitted once on the reference and the frames together.

    The class means are no images: they are drawn at the weighted mean of the reference points nearest to them.
    """
    cloud = _cloud(run)
    rows, frames, images = _fitted_rows(cloud)
    positions = np.empty((len(cloud.points), 2), np.float32)
    positions[rows] = fitted_umap(cloud.points[rows], run.spec.seed)
    rest = np.setdiff1d(np.arange(len(cloud.points)), rows)
    positions[rest] = placed(cloud.points[rest], cloud.points[rows], positions[rows])
    references = slice(cloud.classes, cloud.fixed)
    if cloud.references:
        means = slice(None, cloud.classes)
        positions[means] = placed(cloud.points[means], cloud.points[references], positions[references])
    what = "all" if frames == len(cloud.steps) else f"{frames} of {len(cloud.steps)}"
    words = cloud.fitted_on(what) + ("" if images == cloud.probes else f", {images:,} images of each")
    return _finish(run, cloud, positions, "umap", TITLES["umap"], words, "")


def _fitted_rows(cloud: _Cloud) -> tuple[Integer[np.ndarray, " fitted"], int, int]:
    """Which points UMAP is fitted on, of how many frames, and how many images of each: evenly spread, every time."""
    reference = _evenly(np.arange(cloud.classes, cloud.fixed), MAX_FITTED // 2)
    room = MAX_FITTED - len(reference)
    frames = _evenly(np.arange(len(cloud.steps)), max(LEAST_FRAMES, room // cloud.probes))
    images = _evenly(np.arange(cloud.probes), max(1, room // len(frames)))
    chosen = [reference, *(cloud.fixed + frame * cloud.probes + images for frame in frames)]
    return np.concatenate(chosen), len(frames), len(images)


def _evenly(values: Integer[np.ndarray, " all"], most: int) -> Integer[np.ndarray, " some"]:
    """At most so many of the values, evenly spaced, the first and the last among them."""
    return values if len(values) <= most else values[np.linspace(0, len(values) - 1, most).round().astype(int)]


def umap_training(run: Run) -> Projection:
    """UMAP fitted on the reference alone; test points at the weighted mean of their nearest reference points.

    That mean is where `UMAP.transform` starts; its refinement keeps points on the fitted clusters too.
    """
    cloud = _cloud(run)
    if not cloud.references:
        raise InputError("Expected reference images for a UMAP fitted on them, but this run has none; take another.")
    positions = np.empty((len(cloud.points), 2), np.float32)
    references = slice(cloud.classes, cloud.fixed)
    positions[references] = fitted_umap(cloud.points[references], run.spec.seed)
    for rest in (slice(None, cloud.classes), slice(cloud.fixed, None)):
        positions[rest] = placed(cloud.points[rest], cloud.points[references], positions[references])
    warning = (
        "Fitted on training images only: every test point is drawn on the nearest training cluster, "
        "however far it has drifted. The collapse is hidden."
    )
    return _finish(run, cloud, positions, "umap-training", TITLES["umap-training"], "reference", warning)


PROJECTIONS: dict[str, Callable[[Run], Projection]] = {
    TRUE_DISTANCES: lambda run: true_distances(run, umap_joint(run)),
    "umap": umap_joint,
    "pca": pca,
    "umap-training": umap_training,
}


def plane(points: Points, fitted: Points | None = None) -> Positions:
    """The points in the plane of the largest variance of all of them, or of those that are `fitted`."""
    fitted = points if fitted is None else fitted
    spread = fitted - fitted.mean(0)
    centred = points - fitted.mean(0)
    _, axes = np.linalg.eigh(spread.T @ spread)
    first = axes[:, :-3:-1]
    # Eigenvectors have no sign of their own; a fixed one keeps the picture from flipping while a run grows.
    return centred @ (first * np.sign(first[np.abs(first).argmax(0), [0, 1]]))


def placed(new: Points, fitted: Points, positions: Positions) -> Positions:
    """Each new point at the mean of its nearest fitted points' positions, weighted by inverse distance.

    A point's place depends on nothing but itself: neither on its batch nor on the order.
    """
    if not len(new):
        return np.empty((0, 2), np.float32)
    indices, distances = nearest(new, fitted, min(PLACED_AMONG, len(fitted)))
    weights = 1 / np.maximum(distances, 1e-6)
    weights /= weights.sum(1, keepdims=True)
    return (positions[indices] * weights[..., None]).sum(1).astype(np.float32)


def _cloud(run: Run) -> _Cloud:
    references = run.read_arrays("reference.safetensors")["embeddings"]
    means = source_means(run)
    known = np.isfinite(means).all(1)
    frames = [frame["embeddings"] for _, frame in run.frames()]
    points = np.concatenate([means[known], references, *frames]).astype(np.float32)
    return _Cloud(points, np.array(run.frame_steps), known, len(references))


def fitted_umap(
    points: Points,
    seed: int,
    *,
    neighbors: int = NEIGHBORS,
    min_dist: float = MIN_DIST,
    epochs: int | None = EPOCHS,
    start: Literal["pca", "spectral"] = "pca",
) -> Positions:
    """UMAP with exact neighbours; the same seed gives the same positions. Points all alike lie in one place."""
    first = plane(points)
    if not float(first.std()) > 1e-6 * float(np.abs(points).max()):
        # Of these UMAP makes NaN.
        return np.zeros_like(first, dtype=np.float32)
    neighbors = min(neighbors, len(points) - 1)
    indices, distances = nearest(points, points, neighbors)
    with warnings.catch_warnings():
        # It warns that it has no Tensorflow, that a seed means one thread, and that it cannot transform: all meant.
        warnings.simplefilter("ignore")
        # UMAP takes seconds to import, so only those who fit one pay for it.
        from umap import UMAP

        reducer = UMAP(
            n_neighbors=neighbors,
            min_dist=min_dist,
            n_epochs=epochs,
            init=start if start == "spectral" else first / float(first.std()),
            random_state=seed,
            precomputed_knn=(indices.astype(np.int32), distances.astype(np.float32)),
        )
        return reducer.fit_transform(points).astype(np.float32)


def _finish(
    run: Run, cloud: _Cloud, positions: Positions, name: str, title: str, fitted_on: str, warning: str
) -> Projection:
    means, references, frames = cloud.split(np.ascontiguousarray(positions, np.float32))
    high = cloud.points[cloud.fixed :].reshape(len(cloud.steps), -1, cloud.points.shape[1])
    trust = neighbourhoods(high, cloud.points[cloud.classes : cloud.fixed], frames, references)
    return Projection(name, title, fitted_on, warning, cloud.steps, frames, references, means, trust)
