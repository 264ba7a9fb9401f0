"""What happened in a run, in words made from its numbers."""

import math
from collections.abc import Callable

import numpy as np

from enigma.analysis.metrics.layer_drift import Layers
from enigma.analysis.metrics.registry import number, written
from enigma.analysis.phases.explanation.class_changes import classes_moved, concentration, merging
from enigma.analysis.phases.explanation.topics import (
    calibration,
    clusters,
    collapse,
    directions,
    is_still,
    nearness,
    opening,
)
from enigma.analysis.phases.explanation.wording import STEP, Sentence, at, few
from enigma.analysis.phases.measured import Phases

__all__ = ["STEP", "Sentence", "explanation"]


def explanation(found: Phases) -> list[Sentence]:
    """What happened, when, and to which classes and layers: topic by topic, with the numbers that show it.

    What is not known, for want of labels or of training images, is left out, or its absence explained.
    """
    if len(found.steps) == 1:
        return [_only_frame(found)]
    if is_still(found):
        return [*opening(found), *_layers(found)]
    parts: tuple[Callable[[Phases], list[Sentence]], ...] = (
        opening, clusters, merging, classes_moved, concentration, collapse, directions, nearness, calibration, _layers,
    )  # fmt: skip
    if not np.isfinite(found.measures["entropy"]).any():
        # A loop that logged no logits.
        parts = (opening, clusters, classes_moved, collapse, directions, nearness, _layers)
    return [sentence for part in parts for sentence in part(found)]


def _only_frame(found: Phases) -> Sentence:
    accuracy, entropy = found.measures["accuracy"][0], written("entropy", found.measures["entropy"][0])
    if not math.isfinite(found.measures["entropy"][0]):
        return Sentence("Phases", f"Only the frame at {at(found, 0)} is recorded so far, and no logits were logged.")
    right = f"accuracy is {written('accuracy', accuracy)} and " if math.isfinite(accuracy) else ""
    return Sentence("Phases", f"Only the frame at {at(found, 0)} is recorded so far: {right}entropy is {entropy} nats.")


def _layers(found: Phases) -> list[Sentence]:
    if found.layers is None:
        if not math.isfinite(found.drift):
            return []
        text = (
            "This run was recorded before the drift of each layer was: all adapted parameters together are "
            f"{number(found.drift)} away from the source, a Euclidean distance, at {at(found, -1)}."
        )
        return [Sentence("Layers", text)]
    return [Sentence("Layers", _drifted(found, found.layers))]


def _drifted(found: Phases, layers: Layers) -> str:
    recorded = np.flatnonzero(np.isfinite(layers.distance).any(1)) if layers.names else [len(found.steps) - 1]
    frame = int(recorded[-1])
    relative, distance, when = layers.relative[frame], layers.distance[frame], at(found, frame)
    moved = np.flatnonzero(distance > 0)
    if not len(moved):
        return f"No parameter moves: {len(layers.names):,} adapted tensors are as in the source model at {when}."
    ranked = [int(index) for index in np.argsort(-relative, kind="stable") if relative[index] > 0]
    told = [f"{layers.names[index]} (by {100 * relative[index]:.1f} % of its norm)" for index in ranked]
    from_zero = sorted((index for index in moved if not np.isfinite(relative[index])), key=lambda i: -distance[i])
    text = f"Of {len(layers.names):,} adapted tensors those that drift most by {when} are {few(told)}." if told else ""
    if from_zero:
        named = few([f"{layers.names[index]} (by {number(float(distance[index]))})" for index in from_zero])
        text = f"{text} From zero, {named} moved by {when}.".strip()
    return text
