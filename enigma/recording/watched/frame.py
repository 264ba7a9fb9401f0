"""What a frame of a loop that is watched holds, in the form of `enigma.recording.evaluation`, without torch."""

import numpy as np
from jaxtyping import Float, Float32

from enigma.store.run_folder import Arrays

# As many as `enigma.recording.evaluation.TOP`, for the same reason.
_TOP = 10
# So many numbers are worked on at a time, so that a large vocabulary takes no memory.
_AT_ONCE = 4_000_000


def outputs(logits: Float[np.ndarray, "images classes"]) -> Arrays:
    """What of the logits is kept: top_logits and top_classes, largest first, logsumexp, entropies, mean_prediction."""
    images, classes = logits.shape
    count, rows = min(_TOP, classes), max(1, _AT_ONCE // classes)
    parts = [_outputs(logits[begin : begin + rows].astype(np.float64), count) for begin in range(0, images, rows)]
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0] if name != "sums"}
    mean = np.sum([part["sums"] for part in parts], 0) / images
    whole = {name: value.astype(np.float32) for name, value in found.items() if name != "top_classes"}
    top_classes = found["top_classes"].astype(np.uint8 if classes <= 256 else np.int32)
    return {**whole, "top_classes": top_classes, "mean_prediction": mean.astype(np.float32)}


def _outputs(logits: Float[np.ndarray, "rows classes"], count: int) -> Arrays:
    largest = np.argpartition(-logits, count - 1, axis=1)[:, :count]
    values = np.take_along_axis(logits, largest, 1)
    order = np.argsort(-values, axis=1, kind="stable")
    peak = logits.max(1, keepdims=True)
    shifted = np.exp(logits - peak)
    total = shifted.sum(1, keepdims=True)
    normaliser = peak + np.log(total)
    probabilities = shifted / total
    # Where a probability is 0 so is its part, though its logarithm is not finite enough to say so.
    entropies = -(probabilities * (logits - normaliser)).sum(1)
    return {
        "top_logits": np.take_along_axis(values, order, 1),
        "top_classes": np.take_along_axis(largest, order, 1),
        "logsumexp": normaliser[:, 0],
        "entropies": np.maximum(entropies, 0),
        "sums": probabilities.sum(0),
    }


def unpredicted(images: int, classes: int) -> Arrays:
    """What stands for the outputs of a model that logged none: nothing is known, all are of the last class."""
    missing = np.full(images, np.nan, np.float32)
    return {
        "top_logits": np.full((images, 1), np.nan, np.float32),
        "top_classes": np.full((images, 1), classes - 1, np.uint8 if classes <= 256 else np.int32),
        "logsumexp": missing,
        "entropies": missing,
        "mean_prediction": np.full(classes, np.nan, np.float32),
    }


def frame(
    embeddings: Float[np.ndarray, "probes features"],
    logits: Float[np.ndarray, "probes classes"] | None,
    labels: np.ndarray,
    classes: int,
) -> Arrays:
    """The arrays of one frame.

    Args:
        embeddings: of the probe.
        logits: of the probe; None where they were not logged.
        labels: of the probe; -1 where unknown.
        classes: how many there are.
    """
    found = unpredicted(len(embeddings), classes) if logits is None else outputs(logits)
    likely = np.full(len(labels), np.nan, np.float32)
    if logits is not None:
        known = np.flatnonzero(labels >= 0)
        likely[known] = logits[known, labels[known]] - found["logsumexp"][known]
    # What the reference would be under this state of the model nobody has measured.
    means = np.full((classes, embeddings.shape[1]), np.nan, np.float32)
    return {
        "embeddings": compact(embeddings),
        **found,
        "label_log_probabilities": likely,
        "class_means": means,
    }


def compact(embeddings: Float[np.ndarray, "images features"]) -> np.ndarray:
    """Half precision, which keeps three digits, unless a value is too large for it."""
    largest = float(np.abs(embeddings).max(initial=0.0))
    return embeddings.astype(np.float16 if largest < np.finfo(np.float16).max else np.float32)


def as_single(values: np.ndarray) -> Float32[np.ndarray, "..."]:
    """In single precision, as logits are stored."""
    return values.astype(np.float32)
