"""How classes mix among test images, in embedding space and on a picture.

A picture that places every image by its class, as true distances do, draws classes apart that lie among each other.
"""

import math

import numpy as np
from jaxtyping import Float, Integer

from enigma.analysis.neighbors import nearest

NEIGHBORS = 15
# Of more images this many, evenly spread, say the same.
_MOST = 2000


def own_class_share(points: Float[np.ndarray, "images dimensions"], labels: Integer[np.ndarray, " images"]) -> float:
    """Which share of the 15 images nearest to an image has its class, averaged over the images of known class.

    1 where classes lie apart, and as much as a class has of all images where they mix; NaN for fewer than 30 images.
    """
    known = np.flatnonzero(labels >= 0)
    if len(known) > _MOST:
        known = known[np.linspace(0, len(known) - 1, _MOST).astype(int)]
    if len(known) < 2 * NEIGHBORS:
        return math.nan
    found, _ = nearest(points[known], points[known], NEIGHBORS + 1)
    others = np.where(found != np.arange(len(known))[:, None], labels[known][found], -1)
    same = (others == labels[known][:, None]).sum(1) / (others >= 0).sum(1)
    return float(same.mean())
