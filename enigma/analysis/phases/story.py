"""Two or three sentences on what happened in a run, made from its numbers."""

import numpy as np

from enigma.analysis.trajectory import Trajectory

# Accuracy moves by about this much from one probe to another: less is not called a rise or a fall.
_NOTICEABLE = 0.01


def story(trajectory: Trajectory) -> str:
    """What to look for: the two phases, and what the stream told of them without labels."""
    return " ".join(filter(None, (_phases(trajectory), _told(dict(trajectory.marks)))))


def _told(marks: dict[str, int]) -> str:
    """What the dashed lines in the curves are."""
    if not marks:
        return ""
    stop = marks.get("stop")
    alarm = f"a collapse alarm rings at step {marks['alarm']:,}" if "alarm" in marks else ""
    if stop is None:
        advice = ""
    elif stop == 0:
        advice = "the stream says not to adapt at all"
    else:
        advice = f"the stream says to stop after step {stop:,}"
    return f"Without labels (dashed lines): {', and '.join(filter(None, (advice, alarm)))}."


def _phases(trajectory: Trajectory) -> str:
    """The two phases in the paper's words.

    A run rises when its best accuracy is at least one point above frame 0, and falls when it ends at
    least one point below the best.
    """
    accuracy, steps = trajectory.metrics["accuracy"], trajectory.steps
    if trajectory.phase_boundary < 0:
        return _without_labels(trajectory)
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


def _without_labels(trajectory: Trajectory) -> str:
    """What can be said when nobody knows the right answers."""
    entropy, mean = (trajectory.metrics[name] for name in ("entropy", "prediction_entropy"))
    parts = ["The test images have no labels, so accuracy and the two phases are not known."]
    if len(entropy) > 1:
        verb = "falls" if entropy[-1] < entropy[0] else "rises"
        shift = _shift_sentence(trajectory, 0, -1)
        parts.append(f"Entropy {verb} from {entropy[0]:.2f} to {entropy[-1]:.2f} nats{shift}")
        verb = "falls: predictions gather on fewer classes" if mean[-1] < mean[0] - 0.05 else "keeps its height"
        parts.append(f"The entropy of the mean prediction, {mean[0]:.2f} nats at first and {mean[-1]:.2f} now, {verb}.")
    if not np.isfinite(trajectory.metrics["shift_distance"]).any():
        parts.append("Without reference images there are no stars and no shift distance.")
    return " ".join(parts)


def _shift_sentence(trajectory: Trajectory, first: int, last: int) -> str:
    shift = trajectory.metrics["shift_distance"]
    if not np.isfinite(shift[[first, last]]).all():
        return "."
    verb = "falls" if shift[last] < shift[first] else "grows"
    return f"; the shift distance {verb} from {shift[first]:.2f} to {shift[last]:.2f}."
