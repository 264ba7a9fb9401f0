"""What the stream of a loop tells without labels: the formulas of `enigma.adapt.monitor`, on logits alone."""

import math
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from enigma.functionals.accuracy import accuracy_of

DECAY = 0.9
"""Weight of the past in the running means, as in `enigma.adapt.monitor`."""

Logits = Float[np.ndarray, "images classes"]


class Stream:
    """Follows the batches of a loop, or where it logs none the probe itself, of which every log shows all."""

    def __init__(self) -> None:
        self._means: dict[str, np.ndarray] = {}

    def row(
        self, logits: Logits, source: Logits | None, labels: np.ndarray | None, *, running: bool
    ) -> dict[str, float]:
        """The columns of one step in `enigma.store.scalars`.

        Args:
            logits: of the images of this step.
            source: of the model before its first step on the same images; None where nobody knows.
            labels: classes of the images; None where nobody knows.
            running: whether the images are a batch of many, whose means are remembered.
        """
        weight = DECAY if running else 0.0
        probabilities, predictions = _softmax(logits), logits.argmax(1)
        now = self._mean("prediction", probabilities.mean(0), weight)
        counts = np.bincount(predictions, minlength=logits.shape[1]) / len(logits)
        centred = logits - logits.mean(1, keepdims=True)
        entropies = -(probabilities * np.log(np.maximum(probabilities, 1e-300))).sum(1)
        found = {
            "entropy": float(entropies.mean()),
            "accuracy": math.nan if labels is None else accuracy_of(predictions, labels),
            "samples_used": float(len(logits)),
            "confidence": float(probabilities.max(1).mean()),
            "diversity": _entropy(now),
            "largest_class": float(self._mean("histogram", counts, weight).max()),
            "logit_norm": float(np.linalg.norm(centred, axis=1).mean()),
        }
        if source is None:
            return found
        before = self._mean("initial", _softmax(source).mean(0), weight)
        divergence = np.where(now > 0, now * np.log(np.maximum(now, 1e-300) / np.maximum(before, 1e-300)), 0).sum()
        return found | {
            "initial_diversity": _entropy(before),
            "histogram_shift": float(divergence),
            "flip_rate": float((predictions != source.argmax(1)).mean()),
        }

    def _mean(self, name: str, value: np.ndarray, weight: float) -> np.ndarray:
        """The running mean; the first value counts whole."""
        past = self._means.get(name)
        self._means[name] = value if past is None else weight * past + (1 - weight) * value
        return self._means[name]


def values(row: Mapping[str, float], columns: tuple[str, ...]) -> tuple[float, ...]:
    """The row in the order of `columns`; NaN for what it lacks."""
    return tuple(row.get(name, math.nan) for name in columns)


def _softmax(logits: Logits) -> Logits:
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)


def _entropy(probabilities: Float[np.ndarray, " classes"]) -> float:
    positive = probabilities[probabilities > 0]
    return float(-(positive * np.log(positive)).sum())
