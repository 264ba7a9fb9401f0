"""A small made-up run: three classes that first approach their training classes and then leave them."""

from dataclasses import replace

import numpy as np
import pytest

from enigma.analysis.trajectory import Faithfulness, Projection, Trajectory
from enigma.figures.shared.provenance import Origin
from enigma.spec.run_spec import RunSpec

STEPS = np.array([0, 1, 10, 30, 100])
PROBES, REFERENCES = 60, 45
CLASSES = ("cat", "dog", "bird")


@pytest.fixture
def trajectory() -> Trajectory:
    rng = np.random.default_rng(0)
    labels, reference_labels = np.arange(PROBES) % 3, np.arange(REFERENCES) % 3
    means = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 3.0]], dtype=np.float32)
    drift = np.array([2.0, 1.0, 0.5, 1.0, 3.0])[:, None, None]
    probes = means[labels] + drift * rng.normal(size=(len(STEPS), PROBES, 2))
    predictions = np.stack([np.where(rng.random(PROBES) < 0.3, (labels + 1) % 3, labels) for _ in STEPS])
    accuracy = np.array([0.62, 0.65, 0.7, 0.72, 0.6])
    return Trajectory(
        run_id="0123456789ab",
        title="Tent · Gaussian noise 3",
        classes=CLASSES,
        steps=STEPS,
        labels=labels,
        reference_labels=reference_labels,
        predictions=predictions,
        confidences=rng.uniform(0.4, 1, (len(STEPS), PROBES)).astype(np.float32),
        entropies=rng.uniform(0, 1, (len(STEPS), PROBES)).astype(np.float32),
        distances=np.linalg.norm(probes - means[labels], axis=-1).astype(np.float32),
        projection=Projection(
            name="umap",
            title="UMAP fitted jointly",
            fitted_on="reference and all frames",
            warning="",
            steps=STEPS,
            probes=probes.astype(np.float32),
            references=(means[reference_labels] + rng.normal(0, 0.3, (REFERENCES, 2))).astype(np.float32),
            means=means,
            faithfulness=Faithfulness(0.9, 0.8, float("nan")),
        ),
        metrics={
            "accuracy": accuracy,
            "entropy": np.array([0.9, 0.8, 0.6, 0.4, 0.1]),
            "silhouette": np.array([0.2, 0.22, 0.3, 0.33, 0.4]),
            "shift_distance": np.array([1.8, 1.6, 1.2, 1.5, 4.0]),
        },
        source_accuracy=0.6,
        phase_boundary=30,
        thumbnails=b"",
        thumbnail_columns=1,
        thumbnail_size=32,
    )


@pytest.fixture
def single_frame(trajectory: Trajectory) -> Trajectory:
    """A run that has only begun; a score is undefined."""
    first = slice(0, 1)
    return replace(
        trajectory,
        steps=STEPS[first],
        predictions=trajectory.predictions[first],
        confidences=trajectory.confidences[first],
        entropies=trajectory.entropies[first],
        distances=trajectory.distances[first],
        projection=replace(trajectory.projection, steps=STEPS[first], probes=trajectory.projection.probes[first]),
        metrics={name: values[first] for name, values in trajectory.metrics.items()}
        | {"silhouette": np.array([np.nan])},
        phase_boundary=0,
    )


@pytest.fixture
def hostile(trajectory: Trajectory) -> Trajectory:
    """Names that are markup in HTML, TeX or a template, and labels nobody knows."""
    labels = trajectory.labels.copy()
    labels[:5] = -1
    classes = ('<script>alert("x")</script>', "$\\frac{1}$ %{x}", '_a,"b"\n\x07')
    return replace(trajectory, classes=classes, title="</title><img src=x onerror=alert(1)> $5_", labels=labels)


@pytest.fixture
def origin(trajectory: Trajectory) -> Origin:
    """Where the made-up run says it comes from."""
    spec = RunSpec(method="rdumb", settings={"reset_every": 200, "betas": (0.8, 0.99)}, lr=1e-4, frames=(0, 1, 500))
    versions = {"enigma": "0.1.0", "torch": "2.14.1"}
    return Origin(trajectory.run_id, trajectory.title, spec, versions, {"model": "5c710ffb7e1f"})
