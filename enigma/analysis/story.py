"""Two or three sentences on what happened in a run, made from its numbers."""

import numpy as np

from enigma.analysis.trajectory import Trajectory

# Accuracy moves by about this much from one probe to another: less is not called a rise or a fall.
_NOTICEABLE = 0.01


def story(trajectory: Trajectory) -> str:
    """What to look for, in the paper's words.

    A run rises when its best accuracy is at least one point above frame 0, and falls when it ends at
    least one point below the best.
    """
    accuracy, steps = trajectory.metrics["accuracy"], trajectory.steps
    best, boundary = float(accuracy.max()), trajectory.phase_boundary
    if len(steps) == 1:
        return f"Only frame 0 is recorded so far: accuracy is {best:.1%} before any update."
    rise, fall = best - accuracy[0], best - accuracy[-1]
    entropy = float(trajectory.metrics["entropy"][-1])
    parts = []
    if rise >= _NOTICEABLE:
        parts.append(
            f"Until step {boundary} (phase 1) test points move onto the training clusters around the stars: "
            f"accuracy rises from {accuracy[0]:.1%} to {best:.1%}"
            + _shift_sentence(trajectory, 0, int(accuracy.argmax()))
        )
    else:
        parts.append(f"There is no phase 1 here: frame 0, at {accuracy[0]:.1%}, is within a point of the best.")
    if fall >= _NOTICEABLE:
        parts.append(
            f"Then (phase 2) clusters leave theirs: entropy keeps falling, to {entropy:.2f} nats, "
            f"but accuracy falls too, to {accuracy[-1]:.1%}" + _shift_sentence(trajectory, int(accuracy.argmax()), -1)
        )
    else:
        parts.append(f"No phase 2 within {steps[-1]:,} steps: the last frame is at {accuracy[-1]:.1%}.")
    return " ".join(parts)


def _shift_sentence(trajectory: Trajectory, first: int, last: int) -> str:
    shift = trajectory.metrics["shift_distance"]
    if not np.isfinite(shift[[first, last]]).all():
        return "."
    verb = "falls" if shift[last] < shift[first] else "grows"
    return f"; the shift distance {verb} from {shift[first]:.2f} to {shift[last]:.2f}."
