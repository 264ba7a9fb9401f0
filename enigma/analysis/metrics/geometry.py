"""How the embeddings of one frame lie: classes to themselves, to each other and to the training images.

Distances are Euclidean in the space of the embeddings; variances are squared distances, summed over features.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer

from enigma.analysis.neighbors import nearest

NEIGHBORS = 10
"""Nearest training images that the distance to training looks at."""
LEAST = 5
"""Images that a class must have before its centre says anything."""

Embeddings = Float[np.ndarray, "images features"]
Groups = Integer[np.ndarray, " images"]


@dataclass(frozen=True)
class Spread:
    """How far classes have collapsed onto their means; NaN where there are fewer than two.

    Attributes:
        within: tr(S_W), mean squared distance of an image to the mean of its class.
        between: tr(S_B), mean squared distance of that mean to the mean of the class means.
        collapse: NC1 = tr(S_W S_B⁺) / classes (Papyan, Han & Donoho 2020); falls to 0 as classes collapse.
    """

    within: float
    between: float
    collapse: float


def spread(embeddings: Embeddings, groups: Groups, least: int = LEAST) -> Spread:
    """Variance within and between classes, and NC1; every class counts the same, however many images it has.

    S_W is the mean over classes of their covariances, S_B the covariance of the class means, S_B⁺ its pseudo-inverse.
    With equally many images a class these are the averages over images of the paper.

    Args:
        embeddings: one row an image.
        groups: the class of each image, true or predicted; negative for images that are left out.
        least: classes of fewer images are left out: their means are chance, and one image has no variance.

    >>> found = spread(np.array([[0.0], [2.0], [10.0], [12.0]]), np.array([0, 0, 1, 1]), least=2)
    >>> found.within, found.between, round(found.collapse, 12)
    (1.0, 25.0, 0.02)
    """
    present, counts = np.unique(groups[groups >= 0], return_counts=True)
    classes = present[counts >= least]
    if len(classes) < 2:
        return Spread(math.nan, math.nan, math.nan)
    members = [embeddings[groups == label] for label in classes]
    means = np.stack([images.mean(0) for images in members])
    centred = means - means.mean(0)
    # S_B = MᵀM / classes, so S_B⁺ acts along the right singular vectors of M, by classes over their squared lengths.
    _, lengths, directions = np.linalg.svd(centred, full_matrices=False)
    real = lengths > lengths.max() * max(centred.shape) * np.finfo(np.float64).eps
    residuals = [images - mean for images, mean in zip(members, means, strict=True)]
    within = np.mean([np.square(residual).sum(1).mean() for residual in residuals])
    along = np.mean([np.square(residual @ directions.T).mean(0) for residual in residuals], axis=0)
    collapse = float((along[real] / np.square(lengths[real])).sum()) if real.any() else math.nan
    return Spread(float(within), float(np.square(centred).sum(1).mean()), collapse)


def effective_rank(embeddings: Embeddings) -> float:
    """How many directions the embeddings spread over: exp(-Σ p log p), p the singular values divided by their sum.

    The mean is taken out first, so that what all images share counts for nothing. Source: Roy & Vetterli 2007,
    equation 4. NaN where all embeddings are the same.

    >>> round(effective_rank(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])), 12)
    2.0
    """
    centred = embeddings - embeddings.mean(0)
    # Squared singular values from the smaller Gram matrix: much cheaper than a decomposition of all embeddings.
    gram = centred @ centred.T if len(centred) < centred.shape[1] else centred.T @ centred
    squares = np.linalg.eigvalsh(gram)
    squares = squares[squares > squares.max() * len(gram) * np.finfo(np.float64).eps]
    if not len(squares):
        return math.nan
    shares = np.sqrt(squares) / np.sqrt(squares).sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def reference_distance(
    embeddings: Embeddings, references: Float[np.ndarray, "references features"], neighbors: int = NEIGHBORS
) -> float:
    """Mean distance of an image to its nearest training images under the source model; NaN where there are none.

    >>> reference_distance(np.array([[0.0, 0.0]]), np.array([[3.0, 0.0], [0.0, 4.0], [9.0, 9.0]]), 2)
    3.5
    """
    if not len(references):
        return math.nan
    _, distances = nearest(
        embeddings.astype(np.float32), references.astype(np.float32), min(neighbors, len(references))
    )
    return float(distances.mean(dtype=np.float64))


def centre_distances(
    embeddings: Embeddings, groups: Groups, means: Float[np.ndarray, "classes features"], least: int = LEAST
) -> Float[np.ndarray, " classes"]:
    """Distance of the centre of each class to its training mean; NaN for a class of fewer than `least` images.

    >>> centre_distances(np.array([[0.0, 3.0], [0.0, 5.0]]), np.array([1, 1]), np.zeros((2, 2)), 2).tolist()
    [nan, 4.0]
    """
    distances = np.full(len(means), np.nan)
    present, counts = np.unique(groups[groups >= 0], return_counts=True)
    for label in present[counts >= least]:
        distances[label] = np.linalg.norm(embeddings[groups == label].mean(0) - means[label])
    return distances
