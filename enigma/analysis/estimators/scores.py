"""Scores that rise or fall with accuracy but are none: a regression over labelled splits makes them one."""

import numpy as np
from scipy.special import logsumexp

from enigma.analysis.estimators.outputs import Outputs

TAYLOR_BELOW = 5.0


def nuclear_norm(test: Outputs) -> float:
    """Sum of the singular values of the predictions, divided by its largest possible value: in (0, 1].

    Large where predictions are confident and spread over the classes: ||P||_* / sqrt(n min(n, K)).
    Source: Deng et al. 2023, arXiv:2302.01094, equation 4.

    >>> nuclear_norm(Outputs(np.array([[99.0, 0.0], [0.0, 99.0]]), np.array([-1, -1])))
    1.0
    """
    images, classes = test.probabilities.shape
    norm = np.linalg.norm(test.probabilities, "nuc")
    return round(float(norm / np.sqrt(images * min(images, classes))), 12)


def mano(test: Outputs) -> float:
    """Normalised L4 norm of the logits made positive: (sum_ij q_ij^4 / (n K))^(1/4).

    q is the softmax where the logits are far from uniform (their cross-entropy to the uniform distribution is above 5),
    else 1 + z + z^2 / 2, less its smallest value, divided by its sum.
    Source: Xie et al. 2024 (MaNo), arXiv:2405.18979, section 4; reference code Renchunzi-Xie/MaNo.
    """
    if -test.log_probabilities.mean() > TAYLOR_BELOW:
        normalised = test.probabilities
    else:
        positive = 1 + test.logits + test.logits**2 / 2
        positive = positive - positive.min(1, keepdims=True)
        normalised = positive / np.maximum(positive.sum(1, keepdims=True), 1e-12)
    return float((normalised**4).mean() ** 0.25)


def energy(test: Outputs) -> float:
    """MDE: how unevenly the free energy Z = -log sum_c exp(z_c) is spread over the images.

    -1/n sum_i log softmax(Z)_i, less log n so that it does not depend on the number of images; 0 where all are equal.
    Source: Peng et al. 2024, arXiv:2401.12689, equation 6.
    """
    free = -logsumexp(test.logits, axis=1)
    return float(logsumexp(free) - free.mean() - np.log(len(free)))


SCORES = {"nuclear norm": nuclear_norm, "MaNo": mano, "energy (MDE)": energy}
