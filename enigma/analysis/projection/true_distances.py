"""Directions of another projection, distances of the embedding space.

A projection to two dimensions cannot keep all distances, and what UMAP gives up is the one that the two phases are
about: how far test images are from the training images of their class. Here each image, training or test, stays in the
direction from its class mean in which another projection shows it, and lies at its true distance from that mean, in one
unit for the whole picture. What remains false is the distance between images, above all of different classes.
"""

import dataclasses

import numpy as np
from jaxtyping import Float, Integer

from enigma.analysis.distances import Means, ToMeans, to_means
from enigma.analysis.metrics.observed import source_means
from enigma.analysis.projection.faithfulness import neighbourhoods
from enigma.analysis.projection.names import TITLES, TRUE_DISTANCES
from enigma.analysis.trajectory import Projection
from enigma.store.run_folder import Run

# So much of the median distance of a training image as it was laid out is kept: with room between the clusters an image
# has more of its true neighbours beside it, but in small clusters neither the training images nor an approach of a
# quarter can be seen. See docs/results/projections.md.
_KEPT = 0.8
# The directions of a class are spread at most so many times as wide as they were.
_WIDEST = 8.0
_HALVINGS = 40

NO_TRAINING_IMAGES = "This run has no training images, so there are no distances to them to draw."

Frames = Float[np.ndarray, "frames probes features"]
Positions = Float[np.ndarray, "... 2"]
Classes = Integer[np.ndarray, "frames probes"]


def true_distances(run: Run, directions: Projection) -> Projection:
    """Puts each image at its true distance from the training mean of its class.

    With m the mean of a class in embedding space, m' where `directions` has the mean of its training images, a the
    angle of an image x as seen from m' and s the unit (`Projection.scale`), the image is drawn at

        m' + s |x - m| (cos a', sin a')        a' = b + q (a - b)

    where b is the mean angle of the class's test images at that frame, weighted by their distances. The factor q
    gathers or spreads them until their centroid is as far from m' as it is from m in truth, relative to their mean
    distance; of training images q is 1. The unit s makes the median distance of a training image 0.8 of what it was.

    An image of unknown class, or of a class without training images, belongs to the nearest mean at each frame.
    A run without training images is drawn as `directions` has it, and says so.
    """
    reference = run.read_arrays("reference.safetensors")
    means = source_means(run)
    known = np.flatnonzero(np.isfinite(means).all(1))
    if not len(known):
        return dataclasses.replace(directions, name=TRUE_DISTANCES, warning=NO_TRAINING_IMAGES)
    frames = np.stack([frame["embeddings"] for _, frame in run.frames()]).astype(np.float64)
    references, labels = reference["embeddings"].astype(np.float64), reference["labels"]
    drawn = directions.references.astype(np.float64)
    centres = np.full((len(means), 2), np.nan)
    centres[known] = [drawn[labels == label].mean(0) for label in known]
    probes_to = to_means(frames, _with_a_mean(run.read_arrays("probe.safetensors")["labels"], means), means)
    references_to = to_means(references[None], _with_a_mean(labels, means), means)
    around = centres[references_to.classes[0]]
    true, as_drawn = references_to.distances[0].astype(np.float64), np.linalg.norm(drawn - around, axis=1)
    scale = float(_KEPT * np.median(as_drawn) / np.median(true)) if np.median(true) > 0 else 1.0
    probes = _placed(directions.probes.astype(np.float64), frames, probes_to, means, centres, scale)
    laid_out = around + scale * true[:, None] * _unit(_angles(drawn - around))
    return Projection(
        name=TRUE_DISTANCES,
        title=_title(directions),
        fitted_on=directions.fitted_on,
        warning="",
        steps=directions.steps,
        probes=probes.astype(np.float32),
        references=laid_out.astype(np.float32),
        means=centres.astype(np.float32),
        trustworthiness=neighbourhoods(frames, references, probes, laid_out),
        scale=scale,
    )


def _with_a_mean(labels: Integer[np.ndarray, " images"], means: Means) -> Integer[np.ndarray, " images"]:
    """The labels; -1, as of an image of unknown class, where the class has no training image."""
    known = np.isfinite(means).all(1)
    return np.where((labels >= 0) & known[np.clip(labels, 0, len(means) - 1)], labels, -1)


def _placed(drawn: Positions, frames: Frames, to: ToMeans, means: Means, centres: Positions, scale: float) -> Positions:
    classes, distances = to.classes, to.distances.astype(np.float64)
    angles = _angles(drawn - centres[classes])
    # One number for the images of one class at one frame.
    groups = classes + len(means) * np.arange(len(frames))[:, None]
    count = len(frames) * len(means)
    target = _centroid_distances(frames, classes, means) / np.maximum(_sums(groups, distances, count), 1e-300)
    middle = np.angle(_resultant(angles, distances, groups, count))[groups]
    # Angles from the middle, in (-pi, pi].
    aside = np.angle(np.exp(1j * (angles - middle)))
    factors = _factors(aside, distances, groups, target)
    return centres[classes] + scale * distances[..., None] * _unit(middle + factors[groups] * aside)


def _factors(
    aside: Float[np.ndarray, "frames probes"],
    distances: Float[np.ndarray, "frames probes"],
    groups: Integer[np.ndarray, "frames probes"],
    target: Float[np.ndarray, " groups"],
) -> Float[np.ndarray, " groups"]:
    """How many times as wide a group's angles have to be for its centroid to lie at `target` of its mean distance."""
    total = np.maximum(_sums(groups, distances, len(target)), 1e-300)

    def reached(factors: np.ndarray) -> np.ndarray:
        return np.abs(_resultant(factors[groups] * aside, distances, groups, len(target))) / total

    low, high = np.zeros_like(target), np.ones_like(target)
    while (too_near_together := (reached(high) > target) & (high < _WIDEST)).any():
        low[too_near_together] = high[too_near_together]
        high[too_near_together] *= 1.2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        wider = reached(middle) > target
        low, high = np.where(wider, middle, low), np.where(wider, high, middle)
    return (low + high) / 2


def _centroid_distances(frames: Frames, classes: Classes, means: Means) -> Float[np.ndarray, " groups"]:
    """Of each class at each frame: the sum of its images' offsets from their mean, as a length; 0 where it has none."""
    found = np.zeros((len(frames), len(means)))
    for frame, owner, lengths in zip(frames, classes, found, strict=True):
        for label in np.unique(owner):
            lengths[label] = np.linalg.norm((frame[owner == label] - means[label]).sum(0))
    return found.ravel()


def _sums(groups: np.ndarray, values: np.ndarray, count: int) -> Float[np.ndarray, " groups"]:
    return np.bincount(groups.ravel(), values.ravel(), count)


def _resultant(angles: np.ndarray, lengths: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """The sum of the vectors of a group, as complex numbers."""
    return _sums(groups, lengths * np.cos(angles), count) + 1j * _sums(groups, lengths * np.sin(angles), count)


def _angles(offsets: Positions) -> np.ndarray:
    return np.arctan2(offsets[..., 1], offsets[..., 0])


def _unit(angles: np.ndarray) -> Positions:
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def _title(directions: Projection) -> str:
    """Names the directions where they are not those of the UMAP that is meant."""
    title = TITLES[TRUE_DISTANCES]
    if directions.name == "umap":
        # What was said of later frames holds here too.
        return title + directions.title.removeprefix(TITLES["umap"])
    return f"{title}, directions of {TITLES[directions.name]}"
