"""What an estimator sees: the logits of one model on some images, with labels only where they calibrate."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from jaxtyping import Float, Integer
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from enigma.analysis.metrics.observed import has_predictions
from enigma.functionals.accuracy import accuracy_of
from enigma.spec.errors import InputError
from enigma.store.run_folder import Arrays, Run


@dataclass(frozen=True, eq=False)
class Outputs:
    """One model on some images; equal to itself only, so that what is computed of it can be kept.

    Attributes:
        logits: exact up to ten classes; beyond, runs keep the ten largest, and what is
            left of the probability is spread evenly over the other classes.
        labels: -1 where the label is not known. Estimators look at those of calibration images only.
        dropout: `enigma.functionals.dropout.dropout_disagreement`; None where it was not measured.
    """

    logits: Float[np.ndarray, "images classes"]
    labels: Integer[np.ndarray, " images"]
    dropout: tuple[float, float] | None = None

    @cached_property
    def log_probabilities(self) -> Float[np.ndarray, "images classes"]:
        return log_softmax(self.logits, axis=1)

    @cached_property
    def probabilities(self) -> Float[np.ndarray, "images classes"]:
        return np.exp(self.log_probabilities)

    @property
    def predictions(self) -> Integer[np.ndarray, " images"]:
        return self.logits.argmax(1)

    @property
    def confidences(self) -> Float[np.ndarray, " images"]:
        return self.probabilities.max(1)

    @property
    def accuracy(self) -> float:
        """Share of the images with a label that are classified right; NaN without labels."""
        return accuracy_of(self.predictions, self.labels)

    def part(self, images: Integer[np.ndarray, " chosen"]) -> "Outputs":
        """Some of the images, without the disagreement, which is of all of them."""
        return Outputs(self.logits[images], self.labels[images])

    def at(self, temperature: float) -> "Outputs":
        """The same with all logits divided by `temperature`."""
        return self if temperature == 1 else replace(self, logits=self.logits / temperature)


def source_outputs(run: Run) -> Outputs:
    """The unadapted model, with its stored statistics, on the probe of a run.

    Of a loop that was watched without them it is the model of its first frame.

    Raises:
        InputError: the run was recorded before these logits were kept.
    """
    probe = run.read_arrays("probe.safetensors")
    if "source_top_logits" not in probe and run.spec.watched is not None:
        return frame_outputs(run, run.frame_steps[0])
    if "source_top_logits" not in probe:
        raise InputError(
            f"Expected run {run.id} to hold the source model's logits, but it was recorded before they were kept; "
            "record it again to estimate the source model's accuracy."
        )
    kept = {name: probe[f"source_{name}"] for name in ("top_logits", "top_classes", "logsumexp")}
    return Outputs(_logits(kept, len(run.facts["classes"])), probe["labels"])


def frame_outputs(run: Run, step: int) -> Outputs:
    """The model as it was at one recorded step on the probe of a run.

    Raises:
        InputError: a loop that was watched, and logged no logits.
    """
    frame, labels = run.frame(step), run.read_arrays("probe.safetensors")["labels"]
    if not has_predictions(frame):
        raise InputError(
            f"Expected run {run.id} to hold logits, but its loop logged none; log them to estimate accuracy."
        )
    dropout = tuple(frame["dropout"].tolist()) if "dropout" in frame else None
    return Outputs(_logits(frame, len(run.facts["classes"])), labels, dropout)


def temperature(outputs: Outputs) -> float:
    """The temperature that makes the labels of a calibration set likeliest.

    Minimises the mean of -log softmax(logits / T)[label] over T in [0.05, 20].

    Source: Guo et al. 2017, arXiv:1706.04599, section 4.2.
    """
    known = outputs.labels >= 0
    logits, labels = outputs.logits[known], outputs.labels[known]

    def loss(log_temperature: float) -> float:
        return -log_softmax(logits / np.exp(log_temperature), axis=1)[np.arange(len(labels)), labels].mean()

    return float(np.exp(minimize_scalar(loss, bounds=np.log([0.05, 20.0]), method="bounded").x))


def _logits(kept: Arrays, classes: int) -> Float[np.ndarray, "images classes"]:
    top, columns = kept["top_logits"].astype(np.float64), kept["top_classes"].astype(np.int64)
    normaliser = kept["logsumexp"].astype(np.float64)[:, None]
    left = np.full((len(top), classes), -np.inf)
    if classes > top.shape[1]:
        rest = np.clip(1 - np.exp(top - normaliser).sum(1, keepdims=True), 1e-12, None)
        left = np.broadcast_to(np.log(rest / (classes - top.shape[1])) + normaliser, left.shape).copy()
    np.put_along_axis(left, columns, top, axis=1)
    return left
