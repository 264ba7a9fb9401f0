"""Which predicted classes merge into which, and from when on: from the confusion between frames."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Integer

from enigma.analysis.metrics.geometry import LEAST

MOST = 0.5
"""A class has merged when more than this share of its images is predicted as one other class …"""
FEW = 0.2
"""… and no more than this share still as itself."""

Predictions = Integer[np.ndarray, "frames probes"]


@dataclass(frozen=True)
class Flow:
    """Images that one class loses to another between two frames.

    Attributes:
        source, into: the classes, by number.
        images: how many were predicted `source` at the first frame.
        moved: how many of them are predicted `into` at the second.
        kept: how many are still predicted `source`.
        frame: for a merger, the first frame from which on it holds; else the second frame.
    """

    source: int
    into: int
    images: int
    moved: int
    kept: int
    frame: int

    @property
    def is_merger(self) -> bool:
        return self.moved > MOST * self.images and self.kept <= FEW * self.images


def flows(predictions: Predictions, first: int, last: int, least: int = LEAST) -> list[Flow]:
    """For each class predicted for at least `least` images at frame `first`: what most of those that leave it become.

    Returns:
        One flow a class, the most images first. A class that loses none flows nowhere and is left out.

    >>> flows(np.array([[0, 0, 1, 1], [0, 1, 1, 1], [1, 1, 1, 1]]), 0, 2, least=2)
    [Flow(source=0, into=1, images=2, moved=2, kept=0, frame=2)]
    """
    classes, counts = np.unique(predictions[first], return_counts=True)
    found = (_flow(predictions, int(label), first, last) for label in classes[counts >= least])
    return sorted((flow for flow in found if flow), key=lambda flow: (-flow.moved, flow.source))


def mergers(predictions: Predictions, first: int, last: int, least: int = LEAST) -> list[Flow]:
    """The flows by which a class as good as vanishes into another, the most images first.

    The frame of a merger is the first from which on it holds at every frame until `last`.
    """
    return [flow for flow in flows(predictions, first, last, least) if flow.is_merger]


def _flow(predictions: Predictions, source: int, first: int, last: int) -> Flow | None:
    members = predictions[:, predictions[first] == source]
    others = members[last][members[last] != source]
    if not len(others):
        return None
    into = int(np.bincount(others).argmax())

    def at(frame: int) -> Flow:
        now, total = members[frame], members.shape[1]
        return Flow(source, into, total, int((now == into).sum()), int((now == source).sum()), frame)

    found = at(last)
    if not found.is_merger:
        return found
    since = last
    while since - 1 > first and at(since - 1).is_merger:
        since -= 1
    return Flow(source, into, found.images, found.moved, found.kept, since)
