"""The course of a run in words, each from a measured change beyond its error: success, failure, approach, or neither.

Phase 1 goes from step 0 to the step of best accuracy and phase 2 from there to the end (the paper, section 3). A run
has a phase 1, *success*, where its best accuracy is above that of frame 0 beyond chance, and a phase 2, *failure*,
where accuracy then falls below the best beyond chance. Test images *approach* the training images where their centroid
distance has fallen beyond chance, and *leave* where it has grown; see `enigma.analysis.phases.evidence`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Integer

from enigma.analysis.phases.evidence import CENTROIDS, Change, Evidence
from enigma.spec.shares import percent

UNKNOWN, NONE = "–", "no change"
_LABELS = {0: NONE, 1: "1 success", 2: "2 failure"}
_NOT_YET = {1: "1 no gain yet", 2: "2 no loss yet"}


@dataclass(frozen=True)
class Course:
    """What a run did from frame to frame, as far as it is beyond chance."""

    steps: Integer[np.ndarray, " frames"]
    evidence: Evidence

    @cached_property
    def best(self) -> int:
        """The first frame of best accuracy; -1 without labels."""
        accuracies = self.evidence.accuracies
        return int(accuracies.argmax()) if np.isfinite(accuracies).all() else -1

    @property
    def last(self) -> int:
        return len(self.steps) - 1

    @cached_property
    def lowest(self) -> int:
        """The frame of least accuracy from the best one on."""
        return self.best + int(self.evidence.accuracies[self.best :].argmin())

    @cached_property
    def spans(self) -> dict[int, tuple[int, int]]:
        """First and last frame of each phase that there is beyond chance."""
        found = {}
        if self.best > 0 and self.evidence.accuracy(0, self.best).direction > 0:
            found[1] = (0, self.best)
        if 0 <= self.best < self.last and self.evidence.accuracy(self.best, self.lowest).direction < 0:
            found[2] = (self.best, self.last)
        return found

    def phase(self, frame: int) -> int:
        """1 or 2 for a frame of a phase that there is; else 0."""
        return 1 if 1 in self.spans and frame <= self.best else 2 if 2 in self.spans and frame > self.best else 0

    def label(self, frame: int) -> str:
        """The phase of a frame and what it has come to there, in a word or two."""
        if self.best < 0 or not self.last:
            return UNKNOWN
        phase = self.phase(frame)
        if not frame:
            return "1 start" if phase else UNKNOWN
        change = self.evidence.accuracy(0, frame) if phase == 1 else self.since_best(frame)
        return _LABELS[phase] if not phase or change.direction else _NOT_YET[phase]

    def since_best(self, frame: int) -> Change:
        """What accuracy has done since the best frame, which is an earlier one."""
        return self.evidence.accuracy(self.best, frame)

    def told(self, frame: int) -> str:
        """Accuracy and distance of a frame beside those it is judged by: frame 0, or the best one once it is past."""
        if not frame:
            return "Before any update."
        first = self.best if 0 < self.best < frame else 0
        since = f"step {self.steps[first]:,}" if first else "frame 0"
        sentences = []
        if self.best >= 0:
            change = self.evidence.accuracy(first, frame)
            side = "below" if change.value < 0 else "above"
            beyond = ("a loss beyond chance", "within chance", "a gain beyond chance")[change.direction + 1]
            sentences.append(f"Accuracy is {points(change.value)} {side} {since} {in_points(change)}: {beyond}.")
        if self.evidence.measure:
            change = self.evidence.distance(first, frame)
            name = f"Since {since} the {self.evidence.measure}"
            meant = verdict(self.evidence, change)
            sentences.append(f"{name} {distance_told(change)}{f': {meant}' if meant else ''}.")
        return " ".join(sentences)


def verdict(evidence: Evidence, change: Change) -> str:
    """What a change of the distance means; empty where it is within chance.

    The nearest class mean is not always that of an image's own class, so without labels no more is said than that.
    """
    if not change.direction:
        return ""
    if evidence.measure == CENTROIDS:
        return "test images approach" if change.direction < 0 else "test images leave"
    return "nearer to a class mean" if change.direction < 0 else "further from every class mean"


def points(value: float) -> str:
    """The size of a difference between accuracies as it is written.

    >>> points(-0.185)
    '18.5 points'
    """
    return f"{100 * abs(value):.1f} points"


def in_points(change: Change) -> str:
    """The interval of a change of accuracy.

    >>> in_points(Change(0.629, 0.69, 0.0198, 0.1022))
    '(95 % interval +2.0 to +10.2)'
    """
    return _interval(100 * change.low, 100 * change.high, 1)


def in_units(change: Change) -> str:
    """The interval of a change of distance.

    >>> in_units(Change(2.29, 1.75, -0.576, -0.522))
    '(95 % interval −0.58 to −0.52)'
    """
    return _interval(change.low, change.high, 2)


def _interval(low: float, high: float, digits: int) -> str:
    return f"(95 % interval {low:+.{digits}f} to {high:+.{digits}f})".replace("-", "−")


def distance_told(change: Change) -> str:
    """A change of distance: its verb, both ends, its share and its interval.

    >>> distance_told(Change(2.29, 1.75, -0.576, -0.522))
    'falls from 2.29 to 1.75, by 0.54 (95 % interval −0.58 to −0.52) or 24 %'
    >>> distance_told(Change(2.29, 2.25, -0.1, 0.02))
    'does not change beyond chance, from 2.29 to 2.25 (95 % interval −0.10 to +0.02)'
    """
    ends = f"from {change.before:.2f} to {change.after:.2f}"
    if not change.direction:
        return f"does not change beyond chance, {ends} {in_units(change)}"
    share = f" or {percent(abs(change.value) / change.before, 0)}" if change.before else ""
    verb = "falls" if change.direction < 0 else "grows"
    return f"{verb} {ends}, by {abs(change.value):.2f} {in_units(change)}{share}"
