"""Two-dimensional pictures of the embeddings through time, each with a measure of how far to trust it.

The default fits UMAP once on the reference and the frames together. A UMAP fitted on the training
embeddings alone puts every test point onto the nearest training cluster, however far away it is, and
so hides the very drift that entropy minimisation causes; it is offered with that warning.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Integer
from scipy.spatial import cKDTree
from scipy.stats import spearmanr
from sklearn.manifold import trustworthiness

from enigma.analysis.metrics.observed import source_means
from enigma.analysis.neighbors import nearest
from enigma.analysis.trajectory import Faithfulness, Projection
from enigma.spec.errors import InputError
from enigma.store.run_folder import Run

NEIGHBORS = 15

# Beyond this many points a joint fit takes longer than a minute on two cores: then only a sample
# of the frames is fitted, and the others are placed among it.
MAX_FITTED = 40_000

_TRUSTWORTHINESS_SAMPLE = 1500

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


def umap_joint(run: Run) -> Projection:
    """UMAP (McInnes et al. 2018) fitted once on the reference and the frames together.

    The class means are no images: they are drawn at the weighted mean of the reference points nearest to them.
    """
    cloud = _cloud(run)
    probes = (len(cloud.points) - cloud.fixed) // len(cloud.steps)
    room = max(1, (MAX_FITTED - cloud.fixed) // probes)
    fitted = np.unique(np.linspace(0, len(cloud.steps) - 1, min(room, len(cloud.steps))).round().astype(int))
    chosen = [
        np.arange(cloud.classes, cloud.fixed),
        *(cloud.fixed + frame * probes + np.arange(probes) for frame in fitted),
    ]
    rows = np.concatenate(chosen)
    positions = np.empty((len(cloud.points), 2), np.float32)
    positions[rows] = fitted_umap(cloud.points[rows], run.spec.seed)
    rest = np.setdiff1d(np.arange(cloud.fixed, len(cloud.points)), rows)
    positions[rest] = placed(cloud.points[rest], cloud.points[rows], positions[rows])
    references = slice(cloud.classes, cloud.fixed)
    positions[: cloud.classes] = placed(cloud.points[: cloud.classes], cloud.points[references], positions[references])
    what = "all" if not len(rest) else f"{len(fitted)} of {len(cloud.steps)}"
    return _finish(run, cloud, positions, "umap", "UMAP fitted jointly", cloud.fitted_on(what), "")


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
    return _finish(run, cloud, positions, "umap-training", "UMAP fitted on training only", "reference", warning)


PROJECTIONS: dict[str, Callable[[Run], Projection]] = {"umap": umap_joint, "pca": pca, "umap-training": umap_training}

TITLES = {"umap": "UMAP, fitted jointly", "pca": "PCA", "umap-training": "UMAP, training only (hides collapse)"}


def plane(points: Points) -> Positions:
    """The points in the plane of their largest variance."""
    centred = points - points.mean(0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    first = axes[:, :-3:-1]
    # Eigenvectors have no sign of their own; a fixed one keeps the picture from flipping while a run grows.
    return centred @ (first * np.sign(first[np.abs(first).argmax(0), [0, 1]]))


def placed(new: Points, fitted: Points, positions: Positions) -> Positions:
    """Each new point at the mean of its nearest fitted points' positions, weighted by inverse distance.

    A point's place depends on nothing but itself: neither on its batch nor on the order.
    """
    if not len(new):
        return np.empty((0, 2), np.float32)
    indices, distances = nearest(new, fitted, min(NEIGHBORS, len(fitted)))
    weights = 1 / np.maximum(distances, 1e-6)
    weights /= weights.sum(1, keepdims=True)
    return (positions[indices] * weights[..., None]).sum(1).astype(np.float32)


def faithfulness(
    frames: Float[np.ndarray, "frames probes features"],
    references: Points,
    frames_2d: Float[np.ndarray, "frames probes 2"],
    references_2d: Positions,
) -> Faithfulness:
    """How well the picture shows distance to training, neighbourhoods and movement; see `Faithfulness`."""
    has_distances = len(references) > 0 and len(frames) > 2
    high = [nearest(frame, references, 1)[1].mean() for frame in frames] if has_distances else []
    low = [cKDTree(references_2d).query(frame)[0].mean() for frame in frames_2d] if has_distances else []
    movement = np.linalg.norm(np.diff(frames, axis=0), axis=-1).ravel()
    movement_2d = np.linalg.norm(np.diff(frames_2d, axis=0), axis=-1).ravel()
    points = np.concatenate([references, frames.reshape(-1, frames.shape[-1])])
    points_2d = np.concatenate([references_2d, frames_2d.reshape(-1, 2)])
    sample = np.random.default_rng(0).permutation(len(points))[:_TRUSTWORTHINESS_SAMPLE]
    neighbors = min(NEIGHBORS, len(sample) // 2 - 1)
    return Faithfulness(
        distance_correlation=_spearman(np.array(high), np.array(low)) if has_distances else float("nan"),
        trustworthiness=float(trustworthiness(points[sample], points_2d[sample], n_neighbors=neighbors)),
        movement_coherence=_spearman(movement, movement_2d) if len(movement) else float("nan"),
    )


def _cloud(run: Run) -> _Cloud:
    references = run.read_arrays("reference.safetensors")["embeddings"]
    means = source_means(run)
    known = np.isfinite(means).all(1)
    frames = [frame["embeddings"] for _, frame in run.frames()]
    points = np.concatenate([means[known], references, *frames]).astype(np.float32)
    return _Cloud(points, np.array(run.frame_steps), known, len(references))


def fitted_umap(points: Points, seed: int) -> Positions:
    """UMAP with exact neighbours; the same seed gives the same positions."""
    neighbors = min(NEIGHBORS, len(points) - 1)
    indices, distances = nearest(points, points, neighbors)
    with warnings.catch_warnings():
        # It warns that it has no Tensorflow, that a seed means one thread, and that it cannot transform: all meant.
        warnings.simplefilter("ignore")
        # UMAP takes seconds to import, so only those who fit one pay for it.
        from umap import UMAP

        reducer = UMAP(
            n_neighbors=neighbors,
            random_state=seed,
            precomputed_knn=(indices.astype(np.int32), distances.astype(np.float32)),
        )
        return reducer.fit_transform(points).astype(np.float32)


def _finish(
    run: Run, cloud: _Cloud, positions: Positions, name: str, title: str, fitted_on: str, warning: str
) -> Projection:
    means, references, frames = cloud.split(np.ascontiguousarray(positions, np.float32))
    high = cloud.points[cloud.fixed :].reshape(len(cloud.steps), -1, cloud.points.shape[1])
    trust = faithfulness(high, cloud.points[cloud.classes : cloud.fixed], frames, references)
    return Projection(name, title, fitted_on, warning, cloud.steps, frames, references, means, trust)


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(spearmanr(a, b).statistic)
