"""What a screen or an export needs of one run, as plain NumPy: the meeting point of analysis and figures."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Integer

PHASE_NAMES = {1: "phase 1 · success", 2: "phase 2 · failure"}


@dataclass(frozen=True)
class Faithfulness:
    """How far a projection can be trusted; every number is in [-1, 1], higher is better, NaN where undefined.

    Attributes:
        distance_correlation: Spearman correlation, over the frames, between the mean distance of the
            probe to its nearest reference point on screen and the same distance in embedding space.
        trustworthiness: share of neighbours on screen that are neighbours in embedding space, in
            [0, 1] (Venna & Kaski 2001).
        movement_coherence: Spearman correlation, over points and consecutive frames, between movement
            on screen and movement in embedding space.
    """

    distance_correlation: float
    trustworthiness: float
    movement_coherence: float


@dataclass(frozen=True)
class Projection:
    """Two-dimensional positions of everything the page draws, in one fixed coordinate system."""

    name: str
    title: str
    fitted_on: str
    warning: str
    steps: Integer[np.ndarray, " frames"]
    probes: Float32[np.ndarray, "frames probes 2"]
    references: Float32[np.ndarray, "references 2"]
    means: Float32[np.ndarray, "classes 2"]
    faithfulness: Faithfulness


@dataclass(frozen=True)
class Trajectory:
    """One run through its frames.

    Attributes:
        metrics: name to one value a frame; the names are the keys of `enigma.analysis.metrics.frame_metrics.METRICS`.
            Accuracy in [0, 1], entropies in nats.
        distances: Euclidean distance, in embedding space, of each probe image to the training class mean of its
            class under the source model; of its predicted class where its own is unknown.
        source_accuracy: accuracy of the unadapted model with its stored normalisation statistics.
            NaN, as the accuracies in `metrics`, where the test images have no labels.
        phase_boundary: the step of best probe accuracy; phase 1 ends and phase 2 begins there. -1 without labels.
        thumbnails: a WebP picture that holds the probe images row by row, `thumbnail_columns` a row,
            each `thumbnail_size` pixels wide and high.
        marks: what the stream told without labels, 'stop' and 'alarm', and the step it told of; see
            `enigma.functionals.stopping`.
    """

    run_id: str
    title: str
    classes: tuple[str, ...]
    steps: Integer[np.ndarray, " frames"]
    labels: Integer[np.ndarray, " probes"]
    reference_labels: Integer[np.ndarray, " references"]
    predictions: Integer[np.ndarray, "frames probes"]
    confidences: Float32[np.ndarray, "frames probes"]
    entropies: Float32[np.ndarray, "frames probes"]
    distances: Float32[np.ndarray, "frames probes"]
    projection: Projection
    metrics: dict[str, np.ndarray]
    source_accuracy: float
    phase_boundary: int
    thumbnails: bytes
    thumbnail_columns: int
    thumbnail_size: int
    marks: tuple[tuple[str, int], ...] = ()

    def frame_at(self, step: int) -> int:
        """Index of the last frame at or before `step` (0 when `step` lies before the first)."""
        return max(0, int(np.searchsorted(self.steps, step, side="right")) - 1)
