"""A small made-up run: three classes that first approach their training classes and then leave them."""

from dataclasses import replace

import numpy as np
import pytest

from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared.provenance import Origin
from enigma.spec.run_spec import RunSpec
from tests import factories


@pytest.fixture(scope="session")
def trajectory() -> Trajectory:
    return factories.small()


@pytest.fixture
def single_frame(trajectory: Trajectory) -> Trajectory:
    """A run that has only begun; a score is undefined."""
    first = slice(0, 1)
    return replace(
        trajectory,
        steps=trajectory.steps[first],
        predictions=trajectory.predictions[first],
        confidences=trajectory.confidences[first],
        entropies=trajectory.entropies[first],
        distances=trajectory.distances[first],
        distance_classes=trajectory.distance_classes[first],
        projection=replace(
            trajectory.projection, steps=trajectory.steps[first], probes=trajectory.projection.probes[first]
        ),
        metrics={name: values[first] for name, values in trajectory.metrics.items()}
        | {"silhouette": np.array([np.nan])},
        phase_boundary=0,
        evidence=trajectory.evidence.of_frames([0]),
    )


@pytest.fixture
def hostile(trajectory: Trajectory) -> Trajectory:
    """Names that are markup in HTML, TeX or a template, and labels nobody knows."""
    labels = trajectory.labels.copy()
    labels[:5] = -1
    classes = ('<script>alert("x")</script>', "$\\frac{1}$ %{x}", '_a,"b"\n\x07')
    return replace(trajectory, classes=classes, title="</title><img src=x onerror=alert(1)> $5_", labels=labels)


@pytest.fixture(scope="session")
def origin(trajectory: Trajectory) -> Origin:
    """Where the made-up run says it comes from."""
    spec = RunSpec(method="rdumb", settings={"reset_every": 200, "betas": (0.8, 0.99)}, lr=1e-4, frames=(0, 1, 500))
    versions = {"enigma": "0.1.0", "torch": "2.14.1"}
    return Origin(trajectory.run_id, trajectory.title, spec, versions, {"model": "5c710ffb7e1f"})
