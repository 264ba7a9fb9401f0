"""One frame of a run as the metrics see it: the arrays of the frame, and what they are compared with."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Integer

from enigma.analysis.metrics.clustering import Clusters, clusters
from enigma.analysis.metrics.geometry import Spread, spread
from enigma.analysis.metrics.measures import shift_distance
from enigma.store.run_folder import Arrays, Run

_OF_AN_IMAGE = ("embeddings", "top_logits", "top_classes", "logsumexp", "entropies", "label_log_probabilities")


@dataclass(frozen=True)
class Setting:
    """What all frames of a run are compared with.

    Attributes:
        kept: which images of the probe the model knows: all, where the run has no unknown ones.
        labels: of those, -1 where unlabelled.
        first: frame 0, or the first one of a loop that was watched from a later step on.
        references: training embeddings under the source model.
        means: their class means, NaN for a class without images.
    """

    kept: Bool[np.ndarray, " probes"]
    labels: Integer[np.ndarray, " known"]
    first: Arrays
    references: Float[np.ndarray, "references features"]
    means: Float[np.ndarray, "classes features"]


@dataclass(frozen=True)
class Observed:
    """One frame; what several metrics need is worked out once.

    Attributes:
        frame: the arrays of the known images at this frame.
        setting: what they are compared with.
    """

    frame: Arrays
    setting: Setting

    @property
    def has_predictions(self) -> bool:
        """Whether the model told what it predicts; a loop that is watched need not."""
        return has_predictions(self.frame)

    @property
    def labels(self) -> Integer[np.ndarray, " known"]:
        return self.setting.labels

    @cached_property
    def embeddings(self) -> Float[np.ndarray, "known features"]:
        """In double precision."""
        return self.frame["embeddings"].astype(np.float64)

    @cached_property
    def predictions(self) -> Integer[np.ndarray, " known"]:
        return self.frame["top_classes"][:, 0].astype(np.int64)

    @cached_property
    def flipped(self) -> Bool[np.ndarray, " known"]:
        """Which predictions differ from those of frame 0."""
        return self.predictions != self.setting.first["top_classes"][:, 0]

    @cached_property
    def confidences(self) -> Float[np.ndarray, " known"]:
        return confidences(self.frame)

    @cached_property
    def first_confidences(self) -> Float[np.ndarray, " known"]:
        """Those of frame 0."""
        return confidences(self.setting.first)

    @property
    def is_labelled(self) -> Bool[np.ndarray, " known"]:
        return self.labels >= 0

    @property
    def is_right(self) -> Bool[np.ndarray, " known"]:
        return self.predictions == self.labels

    @cached_property
    def spread_of_labels(self) -> Spread:
        return spread(self.embeddings, self.labels)

    @cached_property
    def spread_of_predictions(self) -> Spread:
        return spread(self.embeddings, self.predictions)

    @cached_property
    def clusters(self) -> Clusters:
        """The k-means clusters of the embeddings, as many as there are classes; seeded.

        The search begins from the classes as they are and as they were predicted at frame 0, among other places. Of
        solutions that are as good the one nearest to the training means is taken.
        """
        count = _clusters(self.labels, len(self.frame["mean_prediction"]))
        known = self.setting.means[np.isfinite(self.setting.means).all(1)]
        groups = (self.labels, self.setting.first["top_classes"][:, 0].astype(np.int64))
        starts = [known, *(_means_of(self.embeddings, group) for group in groups)]
        return clusters(self.embeddings, count, starts, preferred=nearness(self.setting.means))


def nearness(means: Float[np.ndarray, "classes features"]) -> Callable[[Clusters], float]:
    """How clusters are preferred that are as good: by their shift distance where it is known, else by inertia."""
    if not np.isfinite(means).all(1).any():
        return lambda found: found.inertia
    return lambda found: shift_distance(found.centroids, means)


def _means_of(
    embeddings: Float[np.ndarray, "images features"], groups: Integer[np.ndarray, " images"]
) -> Float[np.ndarray, "groups features"]:
    """The mean of each group that has an image; negative groups are none."""
    present = np.unique(groups[groups >= 0])
    means = [embeddings[groups == group].mean(0) for group in present]
    return np.array(means).reshape(len(present), embeddings.shape[1])


def setting(run: Run) -> Setting:
    """Reads what all frames of a run are compared with."""
    kept, labels = known_probe(run)
    references = run.read_arrays("reference.safetensors")["embeddings"].astype(np.float64)
    return Setting(kept, labels, rows(run.frame(run.frame_steps[0]), kept), references, source_means(run))


def observed(run: Run, step: int, compared_with: Setting) -> Observed:
    """Reads one frame."""
    return Observed(rows(run.frame(step), compared_with.kept), compared_with)


def known_probe(run: Run) -> tuple[Bool[np.ndarray, " probes"], Integer[np.ndarray, " known"]]:
    """Which images of the probe are not unknown to the model, which is all where a run has no unknown ones; labels."""
    probe = run.read_arrays("probe.safetensors")
    kept = probe["unknown"] == 0 if "unknown" in probe else np.ones(len(probe["labels"]), bool)
    return kept, probe["labels"][kept]


def rows(frame: Arrays, kept: Bool[np.ndarray, " probes"]) -> Arrays:
    """A frame of some of the probe's images."""
    return frame | {name: frame[name][kept] for name in _OF_AN_IMAGE if name in frame}


def has_predictions(frame: Arrays) -> bool:
    """Whether a frame holds predictions; without logits, entropies are NaN and all classes the same."""
    return bool(np.isfinite(frame["entropies"]).any())


def predicted(frame: Arrays) -> Integer[np.ndarray, " probes"]:
    """The predicted class of each image; -1 where the frame holds no predictions."""
    classes = frame["top_classes"][:, 0].astype(np.int64)
    return classes if has_predictions(frame) else np.full_like(classes, -1)


def confidences(frame: Arrays) -> Float[np.ndarray, " probes"]:
    """Largest probability of each prediction: exp(max logit - logsumexp)."""
    return np.exp(frame["top_logits"][:, 0].astype(np.float64) - frame["logsumexp"])


def source_means(run: Run) -> Float[np.ndarray, "classes features"]:
    """Class means of the reference embeddings under the source model: the stars of the paper's figure 1.

    NaN for a class without reference images.
    """
    reference = run.read_arrays("reference.safetensors")
    embeddings, labels = reference["embeddings"].astype(np.float64), reference["labels"]
    means = np.full((len(run.facts["classes"]), embeddings.shape[1]), np.nan)
    for label in np.unique(labels[labels >= 0]):
        means[label] = embeddings[labels == label].mean(0)
    return means


def _clusters(labels: Integer[np.ndarray, " probes"], classes: int) -> int:
    """As many as there are classes; without labels those of the model, but no more than ten images each allow."""
    known = labels[labels >= 0]
    wanted = len(np.unique(known)) if len(known) == len(labels) else min(classes, max(2, len(labels) // 10))
    return min(wanted, len(labels) - 1)
