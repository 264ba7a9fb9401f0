"""Which probe images change their prediction, when, and between which classes.

A *flip* is what the paper counts: the prediction at a frame differs from the prediction at frame 0. An image of
unknown class (label -1) can flip, but is neither right nor wrong.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Integer

from enigma.analysis.trajectory import Trajectory

NEVER = -1
"""Stands for the frame of a flip that did not happen."""


@dataclass(frozen=True)
class Group:
    """Some of the probe images in an order of their own.

    Attributes:
        help: which images belong to it, and which comes first.
        needs_labels: whether it can be told only where the true classes are known.
    """

    title: str
    help: str
    needs_labels: bool = False


GROUPS: dict[str, Group] = {
    "selected": Group("Selected", "The images selected on the Watch page, in the order of the probe."),
    "first-to-flip": Group("First to flip", "Images whose prediction ever leaves that of frame 0, the earliest first."),
    "last-to-flip": Group("Last to flip", "The same images, the latest first."),
    "flipped-to-wrong": Group(
        "Flipped to wrong", "At this step the prediction is another one than at frame 0, and wrong.", True
    ),
    "flipped-to-right": Group(
        "Flipped to right", "At this step the prediction is another one than at frame 0, and right.", True
    ),
    "most-changed": Group("Most changed", "All images, the largest change of entropy since frame 0 first."),
    "highest-entropy": Group("Highest entropy", "All images, the most uncertain at this step first."),
    "never-right": Group("Never right", "Wrong at every recorded step; the most confident at this step first.", True),
    "always-right": Group(
        "Always right", "Right at every recorded step; the least confident at this step first.", True
    ),
}

SORTS = {
    "group": "As the group is ordered",
    "entropy": "Entropy, highest first",
    "confidence": "Confidence, highest first",
    "flip": "Step of the first flip",
    "probe": "Place in the probe",
}


@dataclass(frozen=True)
class Pair:
    """How many images went from one predicted class at frame 0 to another.

    Attributes:
        to_right: how many of them are right after it.
        to_wrong: how many of them are wrong after it; what is left has no known class.
    """

    before: int
    after: int
    count: int
    to_right: int
    to_wrong: int


@dataclass(frozen=True)
class Stretch:
    """Consecutive frames with one prediction for an image."""

    first: int
    frames: int
    predicted: int


def flipped(trajectory: Trajectory, frame: int) -> Bool[np.ndarray, " probes"]:
    """Which images are predicted differently from frame 0."""
    return trajectory.predictions[frame] != trajectory.predictions[0]


def first_flips(trajectory: Trajectory) -> Integer[np.ndarray, " probes"]:
    """The first frame at which each prediction differs from that of frame 0; `NEVER` where none does."""
    differs = trajectory.predictions != trajectory.predictions[0]
    return np.where(differs.any(axis=0), differs.argmax(axis=0), NEVER)


def members(
    trajectory: Trajectory, group: str, frame: int, selected: tuple[int, ...] = ()
) -> Integer[np.ndarray, " members"]:
    """The images of one of `GROUPS` at a frame, in its order; equals keep the order of the probe.

    Args:
        trajectory: the run.
        group: one of `GROUPS`.
        frame: the index of a frame.
        selected: places in the probe, for the group of that name; those outside the probe are left out.
    """
    count = len(trajectory.labels)
    known, right = trajectory.labels >= 0, trajectory.predictions == trajectory.labels
    first, confidence = first_flips(trajectory), trajectory.confidences[frame]
    if group == "selected":
        return np.array(sorted({place for place in selected if 0 <= place < count}), dtype=np.int64)
    chosen, keys = {
        "first-to-flip": (first != NEVER, first),
        "last-to-flip": (first != NEVER, -first),
        "flipped-to-wrong": (flipped(trajectory, frame) & known & ~right[frame], first),
        "flipped-to-right": (flipped(trajectory, frame) & known & right[frame], first),
        "most-changed": (np.ones(count, bool), -np.abs(trajectory.entropies[frame] - trajectory.entropies[0])),
        "highest-entropy": (np.ones(count, bool), -trajectory.entropies[frame]),
        "never-right": (known & ~right.any(axis=0), -confidence),
        "always-right": (known & right.all(axis=0), confidence),
    }[group]
    return _ordered(np.flatnonzero(chosen), keys)


def arranged(
    trajectory: Trajectory, images: Integer[np.ndarray, " members"], sort: str, frame: int
) -> Integer[np.ndarray, " members"]:
    """The same images in the order that one of `SORTS` names."""
    first = first_flips(trajectory)
    keys = {
        "entropy": -trajectory.entropies[frame],
        "confidence": -trajectory.confidences[frame],
        # Those that never flip come after all that do.
        "flip": np.where(first == NEVER, len(trajectory.steps), first),
        "probe": np.arange(len(first)),
    }
    return images if sort == "group" else _ordered(images, keys[sort])


def _ordered(
    images: Integer[np.ndarray, " members"], keys: Float[np.ndarray, " probes"] | Integer[np.ndarray, " probes"]
) -> Integer[np.ndarray, " members"]:
    # NumPy puts what is not a number last, which is where it belongs.
    return images[np.argsort(keys[images], kind="stable")]


def pairs(trajectory: Trajectory, frame: int) -> list[Pair]:
    """Which classes flip into which between frame 0 and `frame`: the most frequent pair first."""
    moved = np.flatnonzero(flipped(trajectory, frame))
    before, after = trajectory.predictions[0][moved], trajectory.predictions[frame][moved]
    labels = trajectory.labels[moved]
    found = []
    for pair in np.unique(np.stack([before, after], axis=1), axis=0):
        same = (before == pair[0]) & (after == pair[1])
        right = int((labels[same] == pair[1]).sum())
        wrong = int(((labels[same] >= 0) & (labels[same] != pair[1])).sum())
        found.append(Pair(int(pair[0]), int(pair[1]), int(same.sum()), right, wrong))
    return sorted(found, key=lambda pair: (-pair.count, pair.before, pair.after))


def stretches(trajectory: Trajectory, image: int) -> list[Stretch]:
    """The predictions for one image over the frames, equal neighbours joined."""
    predictions = trajectory.predictions[:, image]
    starts = [0, *(np.flatnonzero(np.diff(predictions)) + 1).tolist()]
    ends = [*starts[1:], len(predictions)]
    return [Stretch(start, end - start, int(predictions[start])) for start, end in zip(starts, ends, strict=True)]


def table(trajectory: Trajectory, images: Integer[np.ndarray, " members"], frame: int) -> pd.DataFrame:
    """One row an image: what the grid of images shows. An unknown class and a flip that never came are empty."""
    # The last name answers for -1, which is an unknown class.
    names = np.array([*trajectory.classes, ""], dtype=object)
    first = first_flips(trajectory)[images]
    steps = pd.array(trajectory.steps[first], dtype="Int64")
    steps[first == NEVER] = pd.NA
    return pd.DataFrame(
        {
            "run_id": trajectory.run_id,
            "step": trajectory.steps[frame],
            "probe": images,
            "true_class": names[trajectory.labels[images]],
            "predicted_at_frame_0": names[trajectory.predictions[0][images]],
            "predicted": names[trajectory.predictions[frame][images]],
            "confidence": trajectory.confidences[frame][images],
            "entropy_at_frame_0": trajectory.entropies[0][images],
            "entropy": trajectory.entropies[frame][images],
            "first_flip_step": steps,
        }
    )
