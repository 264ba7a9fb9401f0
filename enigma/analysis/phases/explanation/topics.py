"""What the measures of a run say: accuracy, clusters, collapse, directions, nearness, calibration."""

import numpy as np

from enigma.analysis.metrics.geometry import NEIGHBORS
from enigma.analysis.metrics.registry import written
from enigma.analysis.phases.explanation.wording import NOTICEABLE, Sentence, at, course, direction, points, taken
from enigma.analysis.phases.measured import Phase, Phases

# Entropies are written with two or three digits: less than this is no change.
_UNCHANGED = 0.005
# A model is over- or underconfident when confidence and accuracy are so far apart.
_CONFIDENT = 0.05

# By whether the silhouette score, and the shift distance, fall, stay or rise.
_CLUSTERS = {
    (1, -1): "tighten around the training means",
    (1, 0): "tighten, as far from the training means as before",
    (1, 1): "tighten, but leave the training means",
    (0, -1): "move onto the training means",
    (0, 0): "stay as they are",
    (0, 1): "leave the training means",
    (-1, -1): "move onto the training means, but loosen",
    (-1, 0): "loosen",
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
        text = (
            "The test images have no labels, so accuracy is not known and the phases cannot be told apart; what "
            f"follows compares {at(found, 0)} with {at(found, last)}."
        )
        return [Sentence("Phases", text)]
    one, two = found.phases
    return [Sentence("Phase 1", _first_phase(found, one)), Sentence("Phase 2", _second_phase(found, two))]


def _first_phase(found: Phases, phase: Phase) -> str:
    accuracy = found.measures["accuracy"]
    start, best = accuracy[phase.first], accuracy[phase.last]
    highest = written("accuracy", best)
    if phase.last == phase.first:
        return f"There is no phase 1: accuracy is highest at {at(found, phase.first)}, with {highest}."
    told = f"accuracy rises from {written('accuracy', start)} to {highest}, by {points(best - start)}."
    if best - start < NOTICEABLE:
        return f"Phase 1, until {at(found, phase.last)}, is slight: {told}"
    return f"Until {at(found, phase.last)} {told}"


def _second_phase(found: Phases, phase: Phase) -> str:
    accuracy = found.measures["accuracy"]
    best, end, until = accuracy[phase.first], accuracy[phase.last], at(found, phase.last)
    highest, last = written("accuracy", best), written("accuracy", end)
    if phase.last == phase.first:
        return f"There is no phase 2 yet: accuracy is highest at the last frame, {until}, with {highest}."
    if best - end < NOTICEABLE:
        lost = "no lower than the best" if best - end < 0.0005 else f"{points(best - end)} below the best"
        return f"Phase 2 is slight: accuracy at {until} is {last}, {lost}."
    beyond = end - accuracy[0]
    side = "below" if beyond < 0 else "above"
    return (
        f"From {at(found, phase.first)} accuracy falls by {points(best - end)}, to {last} at {until}, "
        f"{points(beyond)} {side} frame 0."
    )


def clusters(found: Phases) -> list[Sentence]:
    """What the clusters of test embeddings do in each phase, and when they are nearest to the training means."""
    told = []
    for phase in taken(found):
        signs, numbers = [], []
        for name, title in (("silhouette", "silhouette score"), ("shift_distance", "shift distance")):
            before, after = found.measures[name][[phase.first, phase.last]]
            signs.append(direction(name, before, after))
            if np.isfinite([before, after]).all():
                numbers.append(f"{title} {written(name, before)} to {written(name, after)}")
        start = f"Until {at(found, phase.last)}"
        if phase.first:
            start = f"From {at(found, phase.first)} to {at(found, phase.last)}"
        if numbers:
            doing = _CLUSTERS[signs[0], signs[1]]
            told.append(f"{start} test clusters {doing}: {', '.join(numbers)}.")
    return [Sentence("Clusters", " ".join([*told, *_turn(found)]))] if told else []


def _turn(found: Phases) -> list[str]:
    """The step of least shift distance, where it is none that has been named."""
    shift = found.measures["shift_distance"]
    if not np.isfinite(shift).all():
        return []
    nearest = int(shift.argmin())
    if nearest in {frame for phase in found.phases for frame in (phase.first, phase.last)}:
        return []
    return [f"They are nearest to the means at {at(found, nearest)}, at {written('shift_distance', shift[nearest])}."]


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
