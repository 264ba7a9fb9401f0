"""What the measures of a run say: accuracy, clusters, collapse, directions, nearness, calibration."""

import numpy as np

from enigma.analysis.metrics.geometry import NEIGHBORS
from enigma.analysis.metrics.registry import written
from enigma.analysis.phases.course import in_points, in_units, points
from enigma.analysis.phases.explanation.wording import Sentence, at, course, direction, taken
from enigma.analysis.phases.measured import Phase, Phases

# Entropies are written with two or three digits: less than this is no change.
_UNCHANGED = 0.005
# A model is over- or underconfident when confidence and accuracy are so far apart.
_CONFIDENT = 0.05

# By whether the silhouette score falls, stays or rises, and whether the distance to the training means does so beyond
# chance.
_CLUSTERS = {
    (1, -1): "tighten and approach the training means",
    (1, 0): "tighten, no nearer to the training means beyond chance",
    (1, 1): "tighten, but leave the training means",
    (0, -1): "approach the training means",
    (0, 0): "stay as they are, within chance",
    (0, 1): "leave the training means",
    (-1, -1): "approach the training means, but loosen",
    (-1, 0): "loosen, no nearer to the training means beyond chance",
    (-1, 1): "loosen and leave the training means",
}


def is_still(found: Phases) -> bool:
    """Whether no prediction changes and entropy stays where it is."""
    flips, entropy = found.measures["label_flips"], found.measures["entropy"]
    return bool(flips.max() == 0 and np.ptp(entropy) < _UNCHANGED)


def opening(found: Phases) -> list[Sentence]:
    """Both phases by their accuracy, or why they cannot be told."""
    last, accuracy = len(found.steps) - 1, found.measures["accuracy"]
    if is_still(found):
        steady = f" and accuracy stays at {written('accuracy', accuracy[-1])}" if np.isfinite(accuracy[-1]) else ""
        entropy = written("entropy", found.measures["entropy"][-1])
        text = f"Nothing happens: up to {at(found, last)} no prediction flips, entropy stays at {entropy} nats{steady}."
        return [Sentence("Phases", text)]
    if found.phases[0].number == 0:
        is_known = np.isfinite(found.measures["entropy"]).any()
        why = "The test images have no labels" if is_known else "No logits were logged"
        text = (
            f"{why}, so accuracy is not known and the phases cannot be told apart; what "
            f"follows compares {at(found, 0)} with {at(found, last)}."
        )
        return [Sentence("Phases", text)]
    one, two = found.phases
    return [Sentence("Phase 1", _first_phase(found, one)), Sentence("Phase 2", _second_phase(found, two))]


def _first_phase(found: Phases, phase: Phase) -> str:
    accuracy = found.measures["accuracy"]
    best = written("accuracy", accuracy[phase.last])
    if phase.last == phase.first:
        return f"There is no phase 1: accuracy is highest at {at(found, phase.first)}, with {best}."
    change = found.evidence.accuracy(phase.first, phase.last)
    if 1 not in found.course.spans:
        return (
            f"There is no phase 1 beyond chance: accuracy is highest at {at(found, phase.last)}, with {best}, "
            f"{points(change.value)} above frame 0 {in_points(change)}."
        )
    return (
        f"Until {at(found, phase.last)} accuracy rises from {written('accuracy', accuracy[phase.first])} to {best}, by "
        f"{points(change.value)} {in_points(change)}."
    )


def _second_phase(found: Phases, phase: Phase) -> str:
    accuracy, course = found.measures["accuracy"], found.course
    end, until = accuracy[phase.last], at(found, phase.last)
    best, last = written("accuracy", accuracy[phase.first]), written("accuracy", end)
    if phase.last == phase.first:
        return f"There is no phase 2 yet: accuracy is highest at the last frame, {until}, with {best}."
    change = found.evidence.accuracy(phase.first, phase.last)
    if not change.direction and 2 in course.spans:
        fallen = course.since_best(course.lowest)
        return (
            f"From {at(found, phase.first)} accuracy falls by {points(fallen.value)} {in_points(fallen)}, to "
            f"{written('accuracy', fallen.after)} at {at(found, course.lowest)}, and comes back to {last} at {until}."
        )
    if not change.direction:
        return (
            f"There is no phase 2 beyond chance: accuracy at {until} is {last}, {points(change.value)} below the best "
            f"{in_points(change)}."
        )
    beyond = end - accuracy[0]
    side = "below" if beyond < 0 else "above"
    return (
        f"From {at(found, phase.first)} accuracy falls by {points(change.value)} {in_points(change)}, to {last} at "
        f"{until}, {points(beyond)} {side} frame 0."
    )


def clusters(found: Phases) -> list[Sentence]:
    """What the test images do in each phase, and when they are nearest to the training means."""
    told = []
    for phase in taken(found):
        start = f"Until {at(found, phase.last)}"
        if phase.first:
            start = f"From {at(found, phase.first)} to {at(found, phase.last)}"
        silhouette = found.measures["silhouette"][[phase.first, phase.last]]
        tighter, nearer, numbers = direction("silhouette", *silhouette), 0, []
        if found.evidence.measure:
            change = found.evidence.distance(phase.first, phase.last)
            nearer = change.direction
            ends = f"{change.before:.2f} to {change.after:.2f} {in_units(change)}"
            numbers.append(f"{found.evidence.measure} {ends}")
        for name, title in (("silhouette", "silhouette score"), ("shift_distance", "shift distance")):
            before, after = found.measures[name][[phase.first, phase.last]]
            if np.isfinite([before, after]).all():
                numbers.append(f"{title} {written(name, before)} to {written(name, after)}")
        if numbers:
            told.append(f"{start} test clusters {_doing(found, tighter, nearer)}: {', '.join(numbers)}.")
    return [Sentence("Clusters", " ".join([*told, *_turn(found)]))] if told else []


def _doing(found: Phases, tighter: int, nearer: int) -> str:
    """What clusters do; without labels "the training means" is whichever is nearest to an image."""
    if not found.evidence.measure:
        return {1: "tighten", 0: "stay as tight as they are", -1: "loosen"}[tighter]
    words = _CLUSTERS[tighter, nearer]
    return words if found.by_label else words.replace("the training means", "the nearest training means")


def _turn(found: Phases) -> list[str]:
    """The step of least distance, where it is none that has been named and nearer than those beyond chance."""
    evidence = found.evidence
    if not evidence.measure:
        return []
    nearest, best = int(evidence.distances.argmin()), found.phases[0].last
    if nearest in {frame for phase in found.phases for frame in (phase.first, phase.last)}:
        return []
    if evidence.distance(best, nearest).direction >= 0 or evidence.distance(0, nearest).direction >= 0:
        return []
    return [f"They are nearest to the means at {at(found, nearest)}, at {evidence.distances[nearest]:.2f}."]


def collapse(found: Phases) -> list[Sentence]:
    """Neural collapse onto the classes as predicted, and as they are."""
    predicted, true = course(found, "collapse_prediction"), course(found, "collapse_label")
    told = []
    if predicted:
        told.append(f"NC1 of the classes as predicted, variance within over variance between them, {predicted}.")
    if true:
        told.append(f"NC1 of the true classes {true}.")
    last = taken(found)[-1]
    ends = {name: found.measures[name][[last.first, last.last]] for name in ("collapse_prediction", "collapse_label")}
    if predicted and true and direction("collapse_prediction", *ends["collapse_prediction"]) < 0:
        sign = direction("collapse_label", *ends["collapse_label"])
        if sign > 0:
            told.append(f"From {at(found, last.first)} images gather around classes that are not their own.")
    return [Sentence("Neural collapse", " ".join(told))] if told else []


def directions(found: Phases) -> list[Sentence]:
    """The effective rank."""
    told = course(found, "effective_rank")
    return [Sentence("Effective rank", f"The number of directions that embeddings spread over {told}.")] if told else []


def nearness(found: Phases) -> list[Sentence]:
    """The distance to the nearest training images."""
    told = course(found, "reference_distance")
    text = f"The mean distance of a test image to the {NEIGHBORS} training images nearest to it {told}."
    return [Sentence("Training images", text)] if told else []


def calibration(found: Phases) -> list[Sentence]:
    """Whether confidence keeps pace with accuracy."""
    told = course(found, "confidence_gap")
    if not told:
        return []
    last = taken(found)[-1].last
    gap = found.measures["confidence_gap"][last]
    verdict = (
        "overconfident" if gap > _CONFIDENT else "underconfident" if gap < -_CONFIDENT else "about as sure as right"
    )
    error, brier = (written(name, found.measures[name][last]) for name in ("calibration_error", "brier"))
    text = (
        f"Mean confidence minus accuracy {told}: the model ends {verdict}, with an expected calibration error of "
        f"{error} and a Brier score of {brier} ({written('brier', found.measures['brier'][0])} at {at(found, 0)})."
    )
    return [Sentence("Calibration", text)]
