"""What a screen or an export needs of one run, as plain NumPy: the meeting point of analysis and figures."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float32, Int32, Integer

from enigma.analysis.phases.course import Course
from enigma.analysis.phases.evidence import Evidence, evidence
from enigma.analysis.projection.faithfulness import Faithfulness, faithfulness
from enigma.analysis.projection.mixing import own_class_share

PHASE_NAMES = {1: "phase 1 · success", 2: "phase 2 · failure"}
"""Only of phases that there are beyond chance: the keys of `Trajectory.course.spans`."""


@dataclass(frozen=True)
class Projection:
    """Two-dimensional positions of everything the page draws, in one fixed coordinate system.

    Attributes:
        name: a key of `enigma.analysis.projection.methods.PROJECTIONS`.
        title: what is drawn, in words; where another projection stands in, of that one.
        scale: how long one unit of distance in embedding space is on the picture, for distances of images to the mean
            of their class; NaN where distances on the picture are not true.
        trustworthiness: see `enigma.analysis.projection.faithfulness.neighbourhoods`.
    """

    name: str
    title: str
    fitted_on: str
    warning: str
    steps: Integer[np.ndarray, " frames"]
    probes: Float32[np.ndarray, "frames probes 2"]
    references: Float32[np.ndarray, "references 2"]
    means: Float32[np.ndarray, "classes 2"]
    trustworthiness: float
    scale: float = math.nan


@dataclass(frozen=True)
class Trajectory:
    """One run through its frames.

    Attributes:
        metrics: name to one value a frame; the names are the keys of `enigma.analysis.metrics.frame_metrics.METRICS`.
            Accuracy in [0, 1], entropies in nats.
        distances: Euclidean distance, in embedding space, of each probe image to the training class mean of its
            class under the source model; to the nearest class mean where its class is unknown. NaN where that class
            has no training image. See `enigma.analysis.distances`.
        distance_classes: the class whose mean that is; -1 where there is none.
        reference_distances: the same distance of each training image to the mean of its class.
        source_accuracy: accuracy of the unadapted model with its stored normalisation statistics.
            NaN, as the accuracies in `metrics`, where the test images have no labels.
        phase_boundary: the step of best probe accuracy; phase 1 ends and phase 2 begins there. -1 without labels.
        evidence: by how much chance may have moved accuracy and the distance to the training images.
        thumbnails: a WebP picture that holds the probe images row by row, `thumbnail_columns` a row,
            each `thumbnail_size` pixels wide and high.
        marks: what the stream told without labels, 'stop' and 'alarm', and the step it told of; see
            `enigma.functionals.stopping`.
        own_class_share: of the last frame in embedding space; see `enigma.analysis.projection.mixing`.
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
    distance_classes: Int32[np.ndarray, "frames probes"]
    reference_distances: Float32[np.ndarray, " references"]
    projection: Projection
    metrics: dict[str, np.ndarray]
    source_accuracy: float
    phase_boundary: int
    evidence: Evidence
    thumbnails: bytes
    thumbnail_columns: int
    thumbnail_size: int
    marks: tuple[tuple[str, int], ...] = ()
    own_class_share: float = math.nan

    @cached_property
    def has_predictions(self) -> bool:
        """Whether it was recorded what the model predicts; of a loop that is watched it need not be.

        Without, entropies and confidences are NaN, and all predictions the same class.
        """
        return bool(np.isfinite(self.entropies).any())

    @cached_property
    def course(self) -> Course:
        """What the run did beyond chance: which phases there are, and what to call each frame."""
        return Course(self.steps, self.evidence)

    @cached_property
    def faithfulness(self) -> Faithfulness:
        """How far the projection can be trusted, of the frames that there are."""
        drawn = self.projection.probes.astype(np.float64)
        means = np.concatenate([self.projection.means.astype(np.float64), np.full((1, 2), np.nan)])
        measured = evidence(drawn, self.predictions, self.labels, means[:-1])
        # Class -1, of an image without one, is the last row: it has no mean.
        lengths = np.linalg.norm(drawn - means[self.distance_classes], axis=-1)
        true = self.distances.astype(np.float64)
        own_class = self.own_class_share, own_class_share(drawn[-1], self.labels)
        return faithfulness(self.course, measured, true, lengths, self.projection.trustworthiness, own_class)

    def frame_at(self, step: int) -> int:
        """Index of the last frame at or before `step` (0 when `step` lies before the first)."""
        return max(0, int(np.searchsorted(self.steps, step, side="right")) - 1)
