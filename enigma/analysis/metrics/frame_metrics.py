"""What is measured at every frame.

Probabilities come from the stored logits, distances are Euclidean in the space of the embeddings.
Accuracy and calibration error are in [0, 1], entropies in nats.
"""

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Integer
from scipy.optimize import linear_sum_assignment
from scipy.stats import rankdata
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from enigma.functionals.accuracy import accuracy_of
from enigma.store.run_folder import Arrays, Run

ENTROPY_BINS = 20
CALIBRATION_BINS = 15

_OF_AN_IMAGE = ("embeddings", "top_logits", "top_classes", "logsumexp", "entropies", "label_log_probabilities")


@dataclass(frozen=True)
class Metric:
    """How a metric is called on screen, its unit and what to look for."""

    title: str
    unit: str
    help: str


METRICS: dict[str, Metric] = {
    "accuracy": Metric("Accuracy", "%", "Share of probe images classified right. Rises in phase 1, falls in phase 2."),
    "entropy": Metric("Entropy", "nats", "Mean entropy of the predictions: what is minimised. Falls throughout."),
    "silhouette": Metric(
        "Silhouette score", "", "How tight the k-means clusters of the test embeddings are. Rises in both phases."
    ),
    "shift_distance": Metric(
        "Shift distance",
        "",
        "Mean distance between test clusters and the training class means of the source model. "
        "Falls while test embeddings move onto the training embeddings, grows when they leave.",
    ),
    "shift_distance_adapting": Metric(
        "Shift distance, means re-embedded",
        "",
        "The same against training class means embedded by the adapting model: the training images move along.",
    ),
    "prediction_entropy": Metric(
        "Entropy of the mean prediction", "nats", "Needs no labels. Falls when predictions collapse onto few classes."
    ),
    "label_flips": Metric("Label flips", "images", "Probe images whose prediction differs from frame 0."),
    "weighted_flips": Metric(
        "Weighted flips", "", "Label flips, each weighted by the confidence rank of the image at frame 0."
    ),
    "calibration_error": Metric("Expected calibration error", "%", "How far confidence is from accuracy."),
}


@dataclass(frozen=True)
class FrameMetrics:
    """All metrics of one frame, and two histograms; NaN where labels or reference images are missing."""

    step: int
    accuracy: float
    entropy: float
    silhouette: float
    shift_distance: float
    shift_distance_adapting: float
    prediction_entropy: float
    label_flips: float
    weighted_flips: float
    calibration_error: float
    entropy_histogram: tuple[int, ...]
    predicted_classes: tuple[int, ...]


def frame_metrics(run: Run, step: int) -> FrameMetrics:
    """The metrics of the frame at `step`; kept in the run folder, so they are computed once.

    Of a run with unknown images they are those of the known ones, but for the entropy of the mean prediction.
    """
    name = f"metrics/{step:06d}.json"
    if run.has(name):
        stored: dict[str, Any] = json.loads((run.path / name).read_text(encoding="utf-8"))
        stored |= {key: tuple(values) for key, values in stored.items() if isinstance(values, list)}
        return FrameMetrics(**stored)
    kept, labels = known_probe(run)
    frame, first = (rows(run.frame(one), kept) for one in (step, 0))
    metrics = compute(frame, first, labels, source_means(run), step)
    run.write(name, json.dumps(asdict(metrics)).encode())
    return metrics


def known_probe(run: Run) -> tuple[Bool[np.ndarray, " probes"], Integer[np.ndarray, " known"]]:
    """Which images of the probe are not unknown to the model, which is all where a run has no unknown ones; labels."""
    probe = run.read_arrays("probe.safetensors")
    kept = probe["unknown"] == 0 if "unknown" in probe else np.ones(len(probe["labels"]), bool)
    return kept, probe["labels"][kept]


def rows(frame: Arrays, kept: Bool[np.ndarray, " probes"]) -> Arrays:
    """A frame of some of the probe's images."""
    return frame | {name: frame[name][kept] for name in _OF_AN_IMAGE if name in frame}


def compute(
    frame: Arrays,
    first: Arrays,
    labels: Integer[np.ndarray, " probes"],
    means: Float[np.ndarray, "classes features"],
    step: int,
) -> FrameMetrics:
    """The metrics of one frame, given the first frame, the labels and the source model's class means."""
    embeddings = frame["embeddings"].astype(np.float64)
    predictions, classes = frame["top_classes"][:, 0].astype(np.int64), len(frame["mean_prediction"])
    known = labels >= 0
    clusters = KMeans(_clusters(labels, classes), n_init=4, random_state=0).fit(embeddings)
    flipped = predictions != first["top_classes"][:, 0]
    entropies = frame["entropies"]
    return FrameMetrics(
        step=step,
        accuracy=accuracy_of(predictions, labels),
        entropy=float(entropies.mean(dtype=np.float64)),
        silhouette=silhouette(embeddings, clusters.labels_),
        shift_distance=shift_distance(clusters.cluster_centers_, means),
        shift_distance_adapting=shift_distance(clusters.cluster_centers_, frame["class_means"]),
        prediction_entropy=entropy_of(frame["mean_prediction"]),
        label_flips=float(flipped.sum()),
        weighted_flips=weighted_flips(flipped, confidences(first)),
        calibration_error=calibration_error(confidences(frame)[known], (predictions == labels)[known]),
        entropy_histogram=tuple(np.histogram(entropies, ENTROPY_BINS, (0, math.log(classes)))[0].tolist()),
        predicted_classes=tuple(np.bincount(predictions, minlength=classes).tolist()),
    )


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


def silhouette(embeddings: Float[np.ndarray, "probes features"], clusters: Integer[np.ndarray, " probes"]) -> float:
    """Mean of (b - a) / max(a, b), a = distance within the cluster, b = to the nearest other (Rousseeuw 1987).

    NaN where k-means found a single cluster. Source: the paper, section 3; k is the number of classes.
    """
    return float(silhouette_score(embeddings, clusters)) if len(np.unique(clusters)) > 1 else math.nan


def shift_distance(
    centroids: Float[np.ndarray, "clusters features"], means: Float[np.ndarray, "classes features"]
) -> float:
    """Mean Euclidean distance between k-means centroids and the class means assigned to them.

    The assignment is the one-to-one matching of least mean distance (Hungarian method).
    Source: the paper, section 3; it names neither the metric nor whether the means move with the model.
    NaN where there are no means, for want of reference images.

    >>> shift_distance(np.array([[0.0, 3.0], [4.0, 0.0]]), np.array([[4.0, 0.0], [0.0, 0.0]]))
    1.5
    """
    distances = np.linalg.norm(centroids[:, None] - means[None], axis=-1)
    distances = distances[:, np.isfinite(distances).all(0)]
    if not distances.size:
        return math.nan
    return float(distances[linear_sum_assignment(distances)].mean())


def entropy_of(probabilities: Float[np.ndarray, " classes"]) -> float:
    """Entropy of one distribution in nats; 0 log 0 is 0.

    >>> round(entropy_of(np.array([0.5, 0.5, 0.0])), 4)
    0.6931
    """
    positive = probabilities[probabilities > 0].astype(np.float64)
    return float(-(positive * np.log(positive)).sum())


def weighted_flips(flipped: np.ndarray, confidence: Float[np.ndarray, " probes"]) -> float:
    """Sum over flipped images of c_i = rank of the confidence at frame 0 / images, ties averaged.

    Source: the paper, section 4.1, as its code does it: rank() / n, not divided by n again.

    >>> weighted_flips(np.array([True, False, True]), np.array([0.2, 0.5, 0.9])) == 1 / 3 + 3 / 3
    True
    """
    return float((rankdata(confidence) / len(confidence))[flipped].sum())


def calibration_error(confidence: Float[np.ndarray, " probes"], correct: np.ndarray) -> float:
    """Expected calibration error with 15 equal bins: sum over bins of share x |accuracy - confidence|.

    Source: Guo et al. 2017, arXiv:1706.04599, equation 3; bins are closed above.

    >>> calibration_error(np.array([0.9, 0.9]), np.array([True, False])) == abs(0.5 - 0.9)
    True
    """
    edges = np.linspace(0, 1, CALIBRATION_BINS + 1)[1:-1]
    bins = np.searchsorted(edges, confidence, side="left")
    gaps = np.bincount(bins, weights=correct.astype(np.float64) - confidence, minlength=CALIBRATION_BINS)
    return float(np.abs(gaps).sum() / len(confidence)) if len(confidence) else math.nan


def number(value: float) -> str:
    """A value with about three digits.

    >>> number(65.43), number(0.2591), number(float("nan"))
    ('65.4', '0.259', '–')
    """
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    return f"{value:.{0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3}f}"
