"""Every metric of every frame, through the run folder, against independent code.

The embeddings of the made-up run lie in clusters so far apart that Ward's method, which is no k-means, finds the same
ones; they are neither the true nor the predicted classes, and frames, labels, class means and confidences all differ,
so that a metric which is given the wrong one of them is wrong.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.linalg import svdvals
from scipy.optimize import linprog
from scipy.spatial.distance import cdist
from scipy.special import log_softmax
from scipy.stats import entropy

from enigma.analysis.metrics.frame_metrics import frame_metrics, run_metrics
from enigma.analysis.metrics.registry import METRICS
from enigma.store.run_folder import Arrays, Run, frame_name

CLASSES = 10


@dataclass(frozen=True)
class Raw:
    """What lies in the run folder about one frame, read without the code in question."""

    run: Run
    step: int

    @cached_property
    def probe(self) -> Arrays:
        return self.run.read_arrays("probe.safetensors")

    @cached_property
    def kept(self) -> np.ndarray:
        return self.probe.get("unknown", np.zeros(len(self.probe["labels"]))) == 0

    @cached_property
    def labels(self) -> np.ndarray:
        return self.probe["labels"][self.kept]

    @cached_property
    def frame(self) -> Arrays:
        return self.run.frame(self.step)

    def probabilities(self, step: int) -> np.ndarray:
        """Of all images and classes."""
        frame = self.run.frame(step)
        logits = np.empty((len(self.kept), CLASSES))
        np.put_along_axis(logits, frame["top_classes"].astype(int), frame["top_logits"].astype(float), 1)
        return np.exp(log_softmax(logits, axis=1))

    @cached_property
    def p(self) -> np.ndarray:
        return self.probabilities(self.step)[self.kept]

    @cached_property
    def first(self) -> np.ndarray:
        return self.probabilities(0)[self.kept]

    @cached_property
    def points(self) -> np.ndarray:
        return self.frame["embeddings"][self.kept].astype(float)

    @cached_property
    def references(self) -> Arrays:
        return self.run.read_arrays("reference.safetensors")

    @cached_property
    def clusters(self) -> np.ndarray:
        count = CLASSES if (self.labels >= 0).all() else len(self.labels) // 10
        return fcluster(linkage(self.points, "ward"), count, "maxclust")


def silhouette(raw: Raw) -> float:
    distances, values = cdist(raw.points, raw.points), []
    for image, own in enumerate(raw.clusters):
        means = {c: distances[image, raw.clusters == c].sum() for c in np.unique(raw.clusters)}
        sizes = {c: (raw.clusters == c).sum() - (c == own) for c in means}
        within = means[own] / sizes[own]
        other = min(means[c] / sizes[c] for c in means if c != own)
        values.append((other - within) / max(other, within))
    return float(np.mean(values))


def matched(raw: Raw, means: np.ndarray) -> float:
    """Mean distance of cluster centroids to the means assigned to them, by a linear programme."""
    found = np.stack([raw.points[raw.clusters == c].mean(0) for c in np.unique(raw.clusters)])
    cost = cdist(found, means)
    rows, columns = cost.shape
    once = np.kron(np.eye(rows), np.ones(columns))
    at_most = np.kron(np.ones(rows), np.eye(columns))
    solved = linprog(cost.ravel(), A_eq=once, b_eq=np.ones(rows), A_ub=at_most, b_ub=np.ones(columns))
    return solved.fun / rows


def reference_means(raw: Raw) -> np.ndarray:
    frame = pd.DataFrame(raw.references["embeddings"].astype(float))
    return frame.groupby(raw.references["labels"]).mean().to_numpy()


def weighted_flips(raw: Raw) -> float:
    ranks = pd.Series(raw.first.max(1)).rank(pct=True)
    return float(ranks[raw.first.argmax(1) != raw.p.argmax(1)].sum())


def known(raw: Raw) -> tuple[np.ndarray, np.ndarray]:
    """Confidences of the labelled images, and which of them are right."""
    is_known = raw.labels >= 0
    return raw.p.max(1)[is_known], (raw.p.argmax(1) == raw.labels)[is_known]


def calibration_error(raw: Raw) -> float:
    confidence, right = known(raw)
    bins = pd.cut(confidence, np.linspace(0, 1, 16), labels=False)
    each = pd.DataFrame({"confidence": confidence, "right": right}).groupby(bins)
    return float((each.size() / len(right) * (each["confidence"].mean() - each["right"].mean()).abs()).sum())


def brier(raw: Raw) -> float:
    rows = [np.square(p - np.eye(CLASSES)[y]).sum() for p, y in zip(raw.p, raw.labels, strict=True) if y >= 0]
    return float(np.mean(rows))


def spread(of: str, which: str) -> Callable[[Raw], float]:
    """By the matrices of the definition."""

    def measured(raw: Raw) -> float:
        groups = raw.labels if of == "label" else raw.p.argmax(1)
        classes = [raw.points[groups == c] for c in range(CLASSES) if (groups == c).sum() >= 5]
        within = np.mean([np.cov(images.T, bias=True) for images in classes], axis=0)
        between = np.cov(np.stack([images.mean(0) for images in classes]).T, bias=True)
        collapse = np.trace(within @ np.linalg.pinv(between, rcond=1e-10)) / len(classes)
        return {"within": np.trace(within), "between": np.trace(between), "collapse": collapse}[which]

    return measured


INDEPENDENT: dict[str, Callable[[Raw], float]] = {
    "accuracy": lambda raw: known(raw)[1].mean(),
    "entropy": lambda raw: entropy(raw.p, axis=1).mean(),
    "prediction_entropy": lambda raw: entropy(raw.probabilities(raw.step).mean(0)),
    "silhouette": silhouette,
    "shift_distance": lambda raw: matched(raw, reference_means(raw)),
    "shift_distance_adapting": lambda raw: matched(raw, raw.frame["class_means"].astype(float)),
    "label_flips": lambda raw: sum(a != b for a, b in zip(raw.first.argmax(1), raw.p.argmax(1), strict=True)),
    "weighted_flips": weighted_flips,
    "calibration_error": calibration_error,
    "brier": brier,
    "confidence_gap": lambda raw: known(raw)[0].mean() - known(raw)[1].mean(),
    "reference_distance": lambda raw: np.sort(cdist(raw.points, raw.references["embeddings"]), 1)[:, :10].mean(),
    "effective_rank": lambda raw: np.exp(entropy(svdvals(raw.points - raw.points.mean(0)))),
    **{f"{which}_{of}": spread(of, which) for of in ("label", "prediction")
       for which in ("within", "between", "collapse")},
}  # fmt: skip
CLUSTERED = ("silhouette", "shift_distance", "shift_distance_adapting")


def made(run: Run, *, clusters: int, unlabelled: int, unknown: int) -> Run:
    """The folder of a run with other numbers in it: 100 images, some of them without a label or of no known class."""
    random, images, features = np.random.default_rng(clusters), 100, 12
    labels = random.permutation(np.arange(images) % CLASSES)
    labels[: unlabelled + unknown] = -1
    probe = {"labels": labels, "unknown": (np.arange(images) < unknown).astype(np.uint8)}
    run.write_arrays("probe.safetensors", run.read_arrays("probe.safetensors") | probe)
    references = {"embeddings": random.normal(size=(80, features)).astype(np.float16), "labels": np.arange(80) % 10}
    run.write_arrays("reference.safetensors", run.read_arrays("reference.safetensors") | references)
    for step in run.frame_steps:
        logits = random.normal(0, 2, (images, CLASSES)) + 2 * np.eye(CLASSES)[labels] * (labels >= 0)[:, None]
        p, order = np.exp(log_softmax(logits, axis=1)), np.argsort(-logits, axis=1)
        centres, group = random.normal(0, 20, (clusters, features)), random.permutation(np.arange(images) % clusters)
        arrays = {
            "embeddings": (centres[group] + random.normal(size=(images, features))).astype(np.float16),
            "top_logits": np.take_along_axis(logits, order, 1).astype(np.float32),
            "top_classes": order.astype(np.uint8),
            "logsumexp": np.log(np.exp(logits).sum(1)).astype(np.float32),
            "entropies": entropy(p, axis=1).astype(np.float32),
            "label_log_probabilities": np.where(labels < 0, np.nan, np.log(p[np.arange(images), labels])),
            "mean_prediction": p.mean(0),
            "class_means": random.normal(0, 5, (CLASSES, features)),
        }
        run.write_arrays(frame_name(step), {name: np.ascontiguousarray(value) for name, value in arrays.items()})
    return run


def test_every_metric_has_an_independent_route() -> None:
    assert list(INDEPENDENT) == list(METRICS)


@pytest.mark.parametrize(
    ("clusters", "unlabelled", "unknown"), [(10, 0, 0), (9, 6, 10), (10, 0, 10)], ids=["labelled", "some", "unknown"]
)
def test_every_metric_of_every_frame_is_what_independent_code_says(
    copied: Run, clusters: int, unlabelled: int, unknown: int
) -> None:
    run = made(copied, clusters=clusters, unlabelled=unlabelled, unknown=unknown)
    for step in run.frame_steps:
        found, raw = frame_metrics(run, step, METRICS), Raw(run, step)
        for name, route in INDEPENDENT.items():
            assert found[name] == pytest.approx(route(raw), rel=2e-5, abs=1e-6), (name, step)


def test_every_metric_of_a_recorded_frame_is_what_independent_code_says(tiny_run: Run) -> None:
    found = run_metrics(tiny_run, METRICS)
    for frame, step in enumerate(tiny_run.frame_steps):
        raw = Raw(tiny_run, step)
        for name in INDEPENDENT.keys() - CLUSTERED:
            assert found[name][frame] == pytest.approx(INDEPENDENT[name](raw), rel=2e-5, abs=1e-6), (name, step)


@pytest.mark.parametrize("name", METRICS)
def test_what_a_metric_needs_is_missed_and_not_made_up(copied: Run, name: str) -> None:
    """Without a label, those that need one have no value, and no other changes its mind because of it."""
    run = made(copied, clusters=10, unlabelled=100, unknown=0)
    value = frame_metrics(run, 8, [name])[name]
    needs = (
        "accuracy",
        "calibration_error",
        "brier",
        "confidence_gap",
        "within_label",
        "between_label",
        "collapse_label",
    )
    assert math.isnan(value) == (name in needs)
