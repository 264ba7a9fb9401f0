"""Which images a picture draws too near their class mean or too far from it."""

import numpy as np
from jaxtyping import Float64

from enigma.analysis.trajectory import Trajectory


def doubt(trajectory: Trajectory) -> Float64[np.ndarray, "frames probes"]:
    """By what power of two each image is drawn too far from its class mean; negative where it is drawn too near.

    log2((p / d) / m): p the distance of the image to its class mean on the picture, d the same distance in embedding
    space, and m the median of p / d over the training images of the picture, which is where a picture has its
    measure. 0 is as far as for training images, 1 twice as far as it should be beside them, -1 half as far. The class
    mean is that of `trajectory.distances`: the own one, or the nearest where the class is unknown. NaN where there is
    no such mean, where the image lies on it, and everywhere without training images.
    """
    projection, references = trajectory.projection, trajectory.reference_labels
    measure = _ratios(projection.references, projection.means, references, trajectory.reference_distances)
    measure = measure[np.isfinite(measure) & (measure > 0)]
    ratios = _ratios(projection.probes, projection.means, trajectory.distance_classes, trajectory.distances)
    ratios[~(np.isfinite(ratios) & (ratios > 0))] = np.nan
    return np.log2(ratios / (np.median(measure) if len(measure) else np.nan))


def _ratios(places: np.ndarray, means: np.ndarray, classes: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """Distance on the picture to the mean of each class, over that in embedding space."""
    from_mean = places.astype(np.float64) - np.where((classes >= 0)[..., None], means[classes], np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.linalg.norm(from_mean, axis=-1) / distances
