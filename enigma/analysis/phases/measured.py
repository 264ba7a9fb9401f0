"""The two phases of a run: what was measured when each began and ended, and which classes merged and moved.

Phase 1 goes from iteration 0 to the iteration of maximum accuracy, phase 2 from there to the end (the paper, section
3). Without labels there are no phases, and the whole run is taken as one stretch.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer

from enigma.analysis.assemble import phase_boundary
from enigma.analysis.metrics.confidence import brier, confidence_gap
from enigma.analysis.metrics.frame_metrics import (
    METRICS,
    Metric,
    frame_metrics,
    known_probe,
    number,
    rows,
    source_means,
)
from enigma.analysis.metrics.geometry import (
    LEAST,
    NEIGHBORS,
    Spread,
    centre_distances,
    effective_rank,
    reference_distance,
    spread,
)
from enigma.analysis.metrics.layer_drift import Layers, layers
from enigma.analysis.phases.merging import Flow, flows
from enigma.errors import InputError
from enigma.store.run_folder import Arrays, Run

_OF_METRICS = (
    "accuracy", "entropy", "prediction_entropy", "label_flips", "silhouette", "shift_distance", "calibration_error",
)  # fmt: skip

MEASURES: dict[str, Metric] = {name: METRICS[name] for name in _OF_METRICS} | {
    "brier": Metric("Brier score", "", "Mean squared distance of the probabilities from the truth; 0 is best."),
    "confidence_gap": Metric(
        "Confidence minus accuracy", "%", "Positive for a model that is more sure of itself than it is right."
    ),
    "reference_distance": Metric(
        "Distance to training", "", f"Mean distance of a test image to the {NEIGHBORS} training images nearest to it."
    ),
    "effective_rank": Metric(
        "Effective rank", "directions", "How many directions the embeddings spread over (Roy & Vetterli 2007)."
    ),
    "within_label": Metric("Variance within true classes", "", "Mean squared distance to the mean of the true class."),
    "between_label": Metric("Variance between true classes", "", "Mean squared distance of those means to their mean."),
    "collapse_label": Metric(
        "NC1, true classes", "", "Variance within over between classes: 0 when classes have collapsed onto their means."
    ),
    "within_prediction": Metric("Variance within predicted classes", "", "The same for the classes as predicted."),
    "between_prediction": Metric("Variance between predicted classes", "", "The same for the classes as predicted."),
    "collapse_prediction": Metric(
        "NC1, predicted classes", "", "Falls when images gather around what they are predicted as, right or wrong."
    ),
}
"""What is measured at every frame, in the order in which it is shown."""


@dataclass(frozen=True)
class Phase:
    """A stretch of a run.

    Attributes:
        number: 1 or 2; 0 for a whole run whose phases are not known.
        first, last: its first and last frame; the same frame for a phase without length.
        flows: what most of the images of each class that leave it become, the most images first.
    """

    number: int
    first: int
    last: int
    flows: tuple[Flow, ...]

    @property
    def mergers(self) -> list[Flow]:
        return [flow for flow in self.flows if flow.is_merger]


@dataclass(frozen=True)
class Phases:
    """What happened in a run, in numbers.

    Attributes:
        measures: name in `MEASURES` to one value a frame, NaN where undefined. Accuracy, calibration error and
            confidence gap in [-1, 1], entropies in nats.
        phases: 1 and 2, or the whole run as one where the test images have no labels.
        by_label: whether `distances` are of true classes; else they are of predicted ones.
        distances: of the centre of each class's test embeddings to its training mean under the source model; NaN for
            a class of fewer than five images.
        predicted: images predicted as each class.
        layers: the drift of each adapted tensor, where it was recorded.
        drift: Euclidean distance of all adapted parameters from the source at the last frame; NaN before a step.
    """

    run_id: str
    classes: tuple[str, ...]
    steps: Integer[np.ndarray, " frames"]
    measures: dict[str, Float[np.ndarray, " frames"]]
    phases: tuple[Phase, ...]
    by_label: bool
    distances: Float[np.ndarray, "frames classes"]
    predicted: Integer[np.ndarray, "frames classes"]
    layers: Layers | None
    drift: float

    def step(self, frame: int) -> int:
        return int(self.steps[frame])


def phases(run: Run, done: Callable[[int, int], None] = lambda frame, frames: None) -> Phases:
    """What happened in a run, from one frame after the other: no more than one is held in memory.

    Of a run with unknown images it is what happened to the known ones.

    Args:
        run: with at least one frame.
        done: told how many frames of how many have been measured.

    Raises:
        InputError: the run has no frame yet.
    """
    steps = run.frame_steps
    if not steps:
        raise InputError(f"Expected run {run.id} to have a frame, but it has none yet; wait a moment.")
    (kept, labels), means = known_probe(run), source_means(run)
    references = run.read_arrays("reference.safetensors")["embeddings"].astype(np.float64)
    by_label = bool((labels >= 0).any())
    columns: list[dict[str, float]] = []
    predictions, distances, drifts = [], [], []
    for index, step in enumerate(steps):
        frame = rows(run.frame(step), kept)
        embeddings, predicted = frame["embeddings"].astype(np.float64), frame["top_classes"][:, 0].astype(np.int64)
        known = frame_metrics(run, step)
        columns.append({name: getattr(known, name) for name in _OF_METRICS} | measured(frame, labels, references))
        predictions.append(predicted)
        distances.append(centre_distances(embeddings, labels if by_label else predicted, means))
        drifts.append(frame.get("parameter_drift"))
        done(index + 1, len(steps))
    measures = {name: np.array([column[name] for column in columns], np.float64) for name in MEASURES}
    told = np.stack(predictions)
    return Phases(
        run_id=run.id,
        classes=tuple(run.facts["classes"]),
        steps=np.array(steps),
        measures=measures,
        phases=split(np.array(steps), measures["accuracy"], told),
        by_label=by_label,
        distances=np.stack(distances),
        predicted=np.stack([np.bincount(frame, minlength=len(means)) for frame in told]),
        layers=layers(run, drifts),
        drift=_drift(run, steps[-1]),
    )


def measured(
    frame: Arrays, labels: Integer[np.ndarray, " probes"], references: Float[np.ndarray, "references features"]
) -> dict[str, float]:
    """Those measures of a frame that `enigma.analysis.metrics.frame_metrics` does not keep."""
    embeddings = frame["embeddings"].astype(np.float64)
    true, predicted = spread(embeddings, labels), spread(embeddings, frame["top_classes"][:, 0].astype(np.int64))
    return {
        "brier": brier(frame, labels),
        "confidence_gap": confidence_gap(frame, labels),
        "reference_distance": reference_distance(embeddings, references),
        "effective_rank": effective_rank(embeddings),
        **_named(true, "label"),
        **_named(predicted, "prediction"),
    }


def split(
    steps: Integer[np.ndarray, " frames"],
    accuracy: Float[np.ndarray, " frames"],
    predictions: Integer[np.ndarray, "frames probes"],
) -> tuple[Phase, ...]:
    """Both phases with what flows between classes in each, or the whole run where accuracy is not known."""
    boundary, last = phase_boundary(steps, accuracy), len(steps) - 1
    if boundary < 0:
        spans = {0: (0, last)}
    else:
        best = int(np.searchsorted(steps, boundary))
        spans = {1: (0, best), 2: (best, last)}
    return tuple(
        Phase(number, first, end, tuple(flows(predictions, first, end, LEAST)))
        for number, (first, end) in spans.items()
    )


def said(name: str, value: float, *, change: bool = False) -> str:
    """A value of a measure as it is written, with its unit where it is short; a change has a sign.

    >>> said("accuracy", 0.6293), said("shift_distance", 2.214), said("accuracy", -0.185, change=True)
    ('62.9 %', '2.21', '-18.5 points')
    """
    unit = MEASURES[name].unit
    if not math.isfinite(value):
        return "–"
    sign = "+" if change and value > 0 else ""
    if unit == "%":
        return f"{sign}{100 * value:.1f} {'points' if change else '%'}"
    return f"{sign}{value:,.0f}" if unit == "images" else sign + number(value)


def _named(values: Spread, groups: str) -> dict[str, float]:
    return {
        f"within_{groups}": values.within, f"between_{groups}": values.between, f"collapse_{groups}": values.collapse,
    }  # fmt: skip


def _drift(run: Run, step: int) -> float:
    scalars = run.scalars()
    found = scalars["parameter_drift"][scalars["step"] == step]
    return float(found[-1]) if len(found) else math.nan
