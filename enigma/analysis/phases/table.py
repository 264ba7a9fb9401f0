"""Both phases as a table and as JSON."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from enigma.analysis.metrics.registry import EXPLANATION, METRICS, Metric, shown, written
from enigma.analysis.phases.evidence import Change
from enigma.analysis.phases.explanation import explanation
from enigma.analysis.phases.measured import Phase, Phases

MOST_LAYERS = 10
_HEADINGS = {0: "Whole run", 1: "Phase 1", 2: "Phase 2"}
_WITHOUT_PHASE = {1: "Up to the best step", 2: "From the best step on"}


@dataclass(frozen=True)
class Row:
    """A measure at the start and the end of each phase, and its change; all NaN in a phase without length.

    Attributes:
        values: start, end and change for each phase.
        texts: the same as they are written, with their unit.
    """

    name: str
    metric: Metric
    values: tuple[tuple[float, float, float], ...]
    texts: tuple[tuple[str, str, str], ...]


def table(found: Phases) -> list[Row]:
    """One row a measure that is known at all, in the order of the registry."""
    rows = []
    for name in shown(EXPLANATION):
        values = tuple(_ends(found, name, phase) for phase in found.phases)
        texts = tuple((written(name, a), written(name, b), written(name, c, change=True)) for a, b, c in values)
        if np.isfinite(found.measures[name]).any():
            rows.append(Row(name, METRICS[name], values, texts))
    return rows


def ends(found: Phases) -> list[int]:
    """The last frame of each phase that has a length."""
    return [phase.last for phase in found.phases if phase.last > phase.first]


def layer_rows(found: Phases, most: int = MOST_LAYERS) -> list[tuple[str, tuple[str, ...]]]:
    """The tensors that have drifted most in the end: name, and ||θ - θ₀|| / ||θ₀|| in percent at the end of each phase.

    Empty where the run did not record it, or where nothing moved.
    """
    if found.layers is None or not ends(found):
        return []
    last = found.layers.relative[-1]
    ranked = [index for index in np.argsort(-last, kind="stable").tolist() if last[index] > 0][:most]
    return [
        (found.layers.names[index], tuple(_percent(found.layers.relative[frame, index]) for frame in ends(found)))
        for index in ranked
    ]


def heading(found: Phases, phase: Phase) -> str:
    """'Phase 1, step 0 to 13'; what is within chance is called no phase."""
    names = _HEADINGS if phase.number in (0, *found.course.spans) else _WITHOUT_PHASE
    return f"{names[phase.number]}, {span(found, phase)}"


def span(found: Phases, phase: Phase) -> str:
    """'step 0 to 13', or that a phase has no length."""
    if phase.last == phase.first:
        return "no length"
    return f"step {found.step(phase.first):,} to {found.step(phase.last):,}"


def as_json(found: Phases) -> dict[str, Any]:
    """Everything as numbers and sentences; None for what is not known."""
    return {
        "run": found.run_id,
        "sentences": [{**asdict(sentence), "steps": list(sentence.steps)} for sentence in explanation(found)],
        "phases": [_phase(found, index, phase) for index, phase in enumerate(found.phases)],
        "frames": {
            "step": found.steps.tolist(),
            **{name: [_or_none(value) for value in values] for name, values in found.measures.items()},
        },
        "layers": _layers(found),
        "parameter_drift": _or_none(found.drift),
    }


def _percent(value: float) -> str:
    return f"{100 * value:.1f}" if math.isfinite(value) else "–"


def _ends(found: Phases, name: str, phase: Phase) -> tuple[float, float, float]:
    if phase.last == phase.first:
        return math.nan, math.nan, math.nan
    start, end = (float(found.measures[name][frame]) for frame in (phase.first, phase.last))
    return start, end, end - start


def _phase(found: Phases, index: int, phase: Phase) -> dict[str, Any]:
    measures = {
        row.name: dict(zip(("start", "end", "change"), map(_or_none, row.values[index]), strict=True))
        for row in table(found)
    }
    mergers = [
        {"class": found.classes[flow.source], "into": found.classes[flow.into], "images": flow.images,
         "moved": flow.moved, "kept": flow.kept, "step": found.step(flow.frame)}
        for flow in phase.mergers
    ]  # fmt: skip
    centres = {
        name: {"start": _or_none(start), "end": _or_none(end)}
        for name, start, end in zip(found.classes, *found.distances[[phase.first, phase.last]], strict=True)
    }
    changes = {}
    if phase.last > phase.first:
        changes = {"accuracy": _change(found.evidence.accuracy(phase.first, phase.last))} if phase.number else {}
        if found.evidence.measure:
            changes[found.evidence.measure] = _change(found.evidence.distance(phase.first, phase.last))
    return {
        "phase": phase.number or None, "start_step": found.step(phase.first), "end_step": found.step(phase.last),
        "is_beyond_chance": phase.number in found.course.spans if phase.number else None, "changes": changes,
        "measures": measures, "mergers": mergers, "centre_distances": centres,
    }  # fmt: skip


def _change(change: Change) -> dict[str, float | None]:
    """Both ends, and the 95 % interval of the change between them."""
    return {
        "start": _or_none(change.before), "end": _or_none(change.after), "low": _or_none(change.low),
        "high": _or_none(change.high),
    }  # fmt: skip


def _layers(found: Phases) -> list[dict[str, Any]] | None:
    """Drift at the last frame that recorded it."""
    if found.layers is None:
        return None
    recorded = np.flatnonzero(np.isfinite(found.layers.distance).any(1))
    if not len(recorded):
        return []
    frame = int(recorded[-1])
    drift = zip(found.layers.names, found.layers.relative[frame], found.layers.distance[frame], strict=True)
    return [
        {"name": name, "relative": _or_none(relative), "distance": _or_none(distance), "step": found.step(frame)}
        for name, relative, distance in drift
    ]


def _or_none(value: float) -> float | None:
    """JSON has no NaN."""
    return float(value) if math.isfinite(value) else None
