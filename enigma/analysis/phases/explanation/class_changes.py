"""What happened to the classes: which merged, which moved, how predictions concentrate."""

import numpy as np

from enigma.analysis.metrics.geometry import LEAST
from enigma.analysis.metrics.registry import written
from enigma.analysis.phases.explanation.wording import STILL, Sentence, at, count, few, taken
from enigma.analysis.phases.measured import Phase, Phases
from enigma.analysis.phases.merging import Flow


def merging(found: Phases) -> list[Sentence]:
    """Which classes merged into which, and from when on; else the largest flow there is."""
    told = [_mergers(found, phase) for phase in taken(found) if phase.mergers]
    return [Sentence("Mergers", " ".join(told) if told else _no_merger(found))]


def _mergers(found: Phases, phase: Phase) -> str:
    flows, since = phase.mergers, at(found, min(flow.frame for flow in phase.mergers))
    if len(flows) == 1:
        flow, source, into = flows[0], found.classes[flows[0].source], found.classes[flows[0].into]
        return (
            f"From {since} {source} merges into {into}: of {flow.images:,} images predicted {source} at "
            f"{at(found, phase.first)}, {flow.moved:,} are {into} and {flow.kept:,} still {source} at "
            f"{at(found, phase.last)}."
        )
    named = [
        f"{found.classes[flow.source]} into {found.classes[flow.into]} ({flow.moved:,} of {flow.images:,} images, "
        f"{at(found, flow.frame)})"
        for flow in flows
    ]
    return (
        f"From {since}, {count(len(flows))} of the classes predicted at {at(found, phase.first)} merge: {few(named)}."
    )


def _no_merger(found: Phases) -> str:
    flows = [(flow, phase) for phase in taken(found) for flow in phase.flows]
    if flows:
        flow, phase = max(flows, key=lambda pair: pair[0].moved / pair[0].images)
        return (
            f"No class merges into another: the largest share that one loses to another is {_share(flow)} of "
            f"{found.classes[flow.source]}, to {found.classes[flow.into]}, between {at(found, phase.first)} and "
            f"{at(found, phase.last)}."
        )
    if (found.predicted[[phase.first for phase in taken(found)]] >= LEAST).any():
        return f"No class merges into another: none that is predicted for {LEAST} images or more loses any."
    return f"Whether classes merge cannot be told: none is predicted for {LEAST} images or more at {at(found, 0)}."


def _share(flow: Flow) -> str:
    return f"{100 * flow.moved / flow.images:.0f} % ({flow.moved:,} of {flow.images:,} images)"


def classes_moved(found: Phases) -> list[Sentence]:
    """Which classes' centres came nearer to their training means in a phase, or moved away."""
    told = [text for phase in taken(found) if (text := _moved(found, phase))]
    return [Sentence("Class centres", " ".join(told))] if told else []


def _moved(found: Phases, phase: Phase) -> str:
    before, after = found.distances[[phase.first, phase.last]]
    known = np.flatnonzero(np.isfinite(before) & np.isfinite(after))
    if not len(known):
        return ""
    change = (after - before)[known] / np.maximum(before[known], np.finfo(np.float64).tiny)
    signs = _directions(found, phase, known, change)
    nearer, further = known[signs < 0], known[signs > 0]
    span = f"From {at(found, phase.first)} to {at(found, phase.last)}"
    kind = "" if found.by_label else ", as predicted,"

    def numbers(label: int) -> str:
        return f"{written('shift_distance', before[label])} to {written('shift_distance', after[label])}"

    def named(labels: np.ndarray) -> str:
        ranked = labels[np.argsort(-np.abs(after - before)[labels], kind="stable")]
        return few([f"{found.classes[label]} ({numbers(label)})" for label in ranked.tolist()])

    if not len(nearer) + len(further):
        most = int(known[np.argmax(np.abs(change))])
        than = "beyond chance" if found.by_label else f"by more than {100 * STILL:.0f} % of its distance"
        return (
            f"{span}, no class{kind} comes nearer to its training mean or leaves it {than}; the most is "
            f"{found.classes[most]}, {numbers(most)}."
        )
    away = len(further) >= len(nearer)
    chosen = further if away else nearer
    counted = f"all {len(known):,}" if len(chosen) == len(known) > 1 else f"{len(chosen):,} of {len(known):,}"
    share = f"{counted} classes{kind} {'move' if len(chosen) > 1 else 'moves'}"
    return f"{span}, {share} {'away from' if away else 'nearer to'} the training mean: {named(chosen)}."


def _directions(found: Phases, phase: Phase, known: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Which classes came nearer (-1) or went away (1) by more than their error.

    Classes as predicted are other images at each frame, whose error is not known: they must move by a twentieth.
    """
    if not found.by_label:
        return np.where(np.abs(change) > STILL, np.sign(change), 0)
    return np.array([found.evidence.class_direction(int(label), phase.first, phase.last) for label in known])


def concentration(found: Phases) -> list[Sentence]:
    """How many classes are still predicted, and whether the mean prediction loses its entropy."""
    last, entropy = len(found.steps) - 1, found.measures["prediction_entropy"]
    shares = found.predicted / found.predicted.sum(1, keepdims=True)
    most = int(shares[last].argmax())
    now, before = (found.predicted[[last, 0]] > 0).sum(1)
    text = (
        f"At {at(found, last)}, {now:,} of {len(found.classes):,} classes are predicted at all ({before:,} at "
        f"{at(found, 0)}); {found.classes[most]} takes {100 * shares[last, most]:.1f} % of the images, "
        f"{100 * shares[0, most]:.1f} % at {at(found, 0)}."
    )
    lost = entropy[0] - entropy[last]
    ends = f"{written('prediction_entropy', entropy[0])} to {written('prediction_entropy', entropy[last])} nats"
    if lost > STILL:
        half = int((entropy <= entropy[0] - lost / 2).argmax())
        text += f" The entropy of the mean prediction falls from {ends}, half of it by {at(found, half)}."
    else:
        text += f" The entropy of the mean prediction does not collapse: {ends}."
    return [Sentence("Predictions", text)]
