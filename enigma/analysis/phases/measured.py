"""The two phases of a run: what was measured when each began and ended, and which classes merged and moved.

Phase 1 goes from step 0 to the step of highest accuracy, phase 2 from there to the end (the paper, section
3). Without labels there are no phases, and the whole run is taken as one stretch.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Integer

from enigma.analysis.metrics.frame_metrics import run_metrics
from enigma.analysis.metrics.geometry import LEAST, centre_distances
from enigma.analysis.metrics.layer_drift import Layers, layers
from enigma.analysis.metrics.observed import known_probe, rows, source_means
from enigma.analysis.metrics.observed import predicted as told_classes
from enigma.analysis.metrics.registry import EXPLANATION, shown
from enigma.analysis.phases.course import Course
from enigma.analysis.phases.evidence import Evidence, Ruler
from enigma.analysis.phases.merging import Flow, flows
from enigma.analysis.reading import phase_boundary
from enigma.spec.errors import InputError
from enigma.store.run_folder import Run


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
        measures: one value a frame for each metric that the explanation shows, NaN where undefined. Accuracy,
            calibration error and confidence gap in [-1, 1], entropies in nats.
        phases: 1 and 2, or the whole run as one where the test images have no labels.
        evidence: by how much chance may have moved accuracy and the distance to the training images.
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
    evidence: Evidence
    by_label: bool
    distances: Float[np.ndarray, "frames classes"]
    predicted: Integer[np.ndarray, "frames classes"]
    layers: Layers | None
    drift: float

    @cached_property
    def course(self) -> Course:
        """Which phases there are beyond chance."""
        return Course(self.steps, self.evidence)

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
    measures = run_metrics(run, shown(EXPLANATION), done)
    (kept, labels), means = known_probe(run), source_means(run)
    by_label = bool((labels >= 0).any())
    predictions, distances, drifts, ruler = [], [], [], Ruler(labels, means)
    for step in steps:
        frame = rows(run.frame(step), kept)
        embeddings, predicted = frame["embeddings"].astype(np.float64), frame["top_classes"][:, 0].astype(np.int64)
        predictions.append(predicted)
        ruler.add(embeddings, told_classes(frame))
        distances.append(centre_distances(embeddings, labels if by_label else predicted, means))
        drifts.append(frame.get("parameter_drift"))
    told = np.stack(predictions)
    return Phases(
        run_id=run.id,
        classes=tuple(run.facts["classes"]),
        steps=np.array(steps),
        measures=measures,
        phases=split(np.array(steps), measures["accuracy"], told),
        evidence=ruler.evidence(),
        by_label=by_label,
        distances=np.stack(distances),
        predicted=np.stack([np.bincount(frame, minlength=len(means)) for frame in told]),
        layers=layers(run, drifts),
        drift=_drift(run, steps[-1]),
    )


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


def _drift(run: Run, step: int) -> float:
    scalars = run.scalars()
    found = scalars["parameter_drift"][scalars["step"] == step]
    return float(found[-1]) if len(found) else math.nan
