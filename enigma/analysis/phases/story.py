"""Two or three sentences on what happened in a run, made from its numbers and no further than these are certain."""

import numpy as np

from enigma.analysis.phases.course import Course, distance_told, in_points, points, verdict
from enigma.analysis.trajectory import Trajectory
from enigma.spec.shares import percent

# The entropy of the mean prediction has no error here; predictions that gather on few classes lose far more, in nats.
_GATHERED = 0.05


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
    """The two phases in the paper's words, where there are any beyond chance."""
    course = trajectory.course
    if course.best < 0:
        return _without_labels(trajectory)
    if not course.last:
        start = percent(float(course.evidence.accuracies[0]))
        return f"Only frame 0 is recorded so far: accuracy is {start} before any update."
    return " ".join([*_success(course), *_failure(trajectory, course)])


def _success(course: Course) -> list[str]:
    """From frame 0 to the best one."""
    if not course.best:
        return [f"There is no phase 1: no frame is better than frame 0, at {percent(course.evidence.accuracies[0])}."]
    change, at = course.evidence.accuracy(0, course.best), f"step {course.steps[course.best]:,}"
    if 1 in course.spans:
        told = (
            f"Until {at} (phase 1, success) accuracy rises from {percent(change.before)} to {percent(change.after)}, "
            f"by {points(change.value)} {in_points(change)}"
        )
    else:
        told = (
            f"No phase 1 beyond chance: the best frame, {at} at {percent(change.after)}, is {points(change.value)} "
            f"above frame 0 {in_points(change)}"
        )
    return [told + _distance(course, 0, course.best)]


def _failure(trajectory: Trajectory, course: Course) -> list[str]:
    """From the best frame to the last one."""
    if course.best == course.last:
        return ["No phase 2 so far: the last frame is the best."]
    change, until = course.since_best(course.last), f"step {course.steps[course.last]:,}"
    if not change.direction:
        told = (
            f"No phase 2 beyond chance: at {until} accuracy is {percent(change.after)}, {points(change.value)} below "
            f"the best {in_points(change)}"
        )
        if 2 in course.spans:
            fallen, when = course.since_best(course.lowest), f"step {course.steps[course.lowest]:,}"
            told = (
                f"Then (phase 2, failure) accuracy falls to {percent(fallen.after)} at {when}, by "
                f"{points(fallen.value)} {in_points(fallen)}, and comes back to {percent(change.after)} at {until}"
            )
        return [told + _distance(course, course.best, course.last)]
    entropy = trajectory.metrics["entropy"]
    told = (
        f"Then (phase 2, failure) accuracy falls to {percent(change.after)} at {until}, by {points(change.value)} "
        f"{in_points(change)}, while entropy goes from {entropy[course.best]:.2f} to {entropy[-1]:.2f} nats"
    )
    return [told + _distance(course, course.best, course.last)]


def _without_labels(trajectory: Trajectory) -> str:
    """What can be said when nobody knows the right answers."""
    entropy, mean = (trajectory.metrics[name] for name in ("entropy", "prediction_entropy"))
    course = trajectory.course
    if not trajectory.has_predictions:
        return _without_predictions(course)
    parts = ["The test images have no labels, so accuracy and the two phases are not known."]
    if course.last:
        parts.append(f"Entropy goes from {entropy[0]:.2f} to {entropy[-1]:.2f} nats{_distance(course, 0, course.last)}")
        verb = "falls: predictions gather on fewer classes" if mean[-1] < mean[0] - _GATHERED else "keeps its height"
        parts.append(f"The entropy of the mean prediction, {mean[0]:.2f} nats at first and {mean[-1]:.2f} now, {verb}.")
    if not np.isfinite(course.evidence.distances).any():
        parts.append("Without reference images there are no class means to be near to, and no shift distance.")
    return " ".join(parts)


def _without_predictions(course: Course) -> str:
    """What can be said of embeddings alone."""
    told = "No logits were logged, so predictions, entropy and the two phases are not known."
    if not course.evidence.measure or not course.last:
        return told
    change, until = course.evidence.distance(0, course.last), f"step {course.steps[course.last]:,}"
    meant = verdict(course.evidence, change)
    return f"{told} Until {until} the {course.evidence.measure} {distance_told(change)}{f': {meant}' if meant else ''}."


def _distance(course: Course, first: int, last: int) -> str:
    """What the distance to the training images did in the meantime; ends the sentence."""
    if not course.evidence.measure:
        return "."
    change = course.evidence.distance(first, last)
    meant = verdict(course.evidence, change)
    return f"; the {course.evidence.measure} {distance_told(change)}{f': {meant}' if meant else ''}."
