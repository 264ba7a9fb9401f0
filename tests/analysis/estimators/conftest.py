"""Outputs of a made-up model: Gaussian classes seen through growing noise."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from enigma.analysis.estimators.outputs import Outputs
from enigma.store.home import Home
from enigma.store.run_folder import Run


@pytest.fixture(scope="module")
def bundled_run() -> Run:
    return Home(Path("nowhere")).example()


@pytest.fixture
def made() -> Callable[[float], Outputs]:
    """From a noise level to 600 images of 5 classes; the logits are log-likelihoods at noise 1, so they overrate."""

    def outputs(noise: float, seed: int = 0) -> Outputs:
        random = np.random.default_rng(seed)
        labels = random.permutation(np.arange(600) % 5)
        points = 2 * np.eye(5)[labels] + noise * random.standard_normal((600, 5))
        return Outputs(2 * points, labels)

    return outputs
