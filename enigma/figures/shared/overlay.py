"""What the overlay of several runs shows, before either library draws it: lines, marks, panels, the axis of steps."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer

from enigma.analysis.comparing.runs import Series
from enigma.analysis.metrics import registry
from enigma.analysis.metrics.registry import METRICS
from enigma.figures.shared import curves, groups, palette
from enigma.spec.errors import InputError

SCALES = ("log", "linear")

# As many lines as can be told apart; those beyond are grey.
DISTINCT = 8
# At least 10 units apart in Oklab, also for people with protanopia, deuteranopia and tritanopia (simulated
# after Machado 2009), with a contrast of at least 2.9 to the light and to the dark page.
COLORS = ("#186C6C", "#FC4800", "#9C78FC", "#B4300C", "#309C60", "#8418FC", "#C060B4", "#9C30B4")
# Lengths of strokes and gaps in pixels; none is a solid line.
DASHES: tuple[tuple[int, ...], ...] = (
    (), (9, 4), (2, 3), (9, 3, 2, 3), (15, 4), (15, 3, 2, 3), (5, 2), (9, 3, 2, 3, 2, 3),
)  # fmt: skip
MARKERS = ("disc", "square", "diamond", "triangle", "cross", "wedge", "plus", "star")


@dataclass(frozen=True)
class Scheme:
    """The colours of everything but the lines, on light or on dark."""

    paper: str
    ink: str
    muted: str
    line: str
    training: str


LIGHT = Scheme(palette.PAPER, palette.INK, palette.MUTED, palette.LINE, palette.TRAINING)
DARK = Scheme(
    palette.DARK.background, palette.DARK.text, palette.DARK.muted, palette.DARK.border, palette.DARK.training
)


@dataclass(frozen=True)
class Mark:
    """How a run is drawn everywhere: colour, dash and marker; grey ones are told apart on hover only."""

    color: str
    dash: tuple[int, ...]
    marker: str

    @property
    def is_grey(self) -> bool:
        return not self.marker


def marks(count: int) -> list[Mark]:
    """One mark for each line.

    >>> [mark.marker for mark in marks(9)][-2:]
    ['star', '']
    """
    own = [Mark(*mark) for mark in zip(COLORS, DASHES, MARKERS, strict=True)]
    return [*own, *[Mark(palette.NEUTRAL, (), "")] * (count - DISTINCT)][:count]


@dataclass(frozen=True)
class Line:
    """One run, or the mean of several, in one panel.

    Attributes:
        places: where the steps lie on the axis.
        spread: half the width of the band, in the unit of the panel; None for a single run.
    """

    name: str
    mark: Mark
    steps: Integer[np.ndarray, " frames"]
    places: Float[np.ndarray, " frames"]
    values: Float[np.ndarray, " frames"]
    spread: Float[np.ndarray, " frames"] | None


@dataclass(frozen=True)
class Panel:
    """One metric of all runs.

    Attributes:
        references: horizontal lines by name: the source model and frame 0, where all runs share them.
        note: the accuracy of the source model in words; empty for other metrics.
    """

    title: str
    lines: tuple[Line, ...]
    low: float
    high: float
    ticks: tuple[float, ...]
    references: dict[str, float]
    note: str


@dataclass(frozen=True)
class StepAxis:
    """The axis that all panels share."""

    low: float
    high: float
    ticks: dict[float, str]


def step_axis(shown: Sequence[Series], scale: str) -> StepAxis:
    """From step 0 to the last step of any run.

    Raises:
        InputError: `scale` is unknown.
    """
    if scale not in SCALES:
        raise InputError(f"Expected a scale among {', '.join(SCALES)} but got {scale!r}.")
    last = max(int(line.steps[-1]) for line in shown)
    high = float(_places(np.array([last]), scale)[0]) or 1.0
    steps = curves.ticks(last) if scale == "log" else _round_steps(last)
    margin = 0.02 * high
    return StepAxis(-margin, high + margin, {float(_places(np.array([s]), scale)[0]): f"{s:,}" for s in steps})


def panels(shown: Sequence[Series]) -> tuple[str, ...]:
    """The metrics of a comparison in which a run has a value: no accuracy without labels, say."""
    return tuple(
        name for name in registry.shown(registry.COMPARE) if any(np.isfinite(one.metrics[name]).any() for one in shown)
    )


def panel(shown: Sequence[Series], name: str, scale: str) -> Panel:
    """The metric `name` of all runs.

    Raises:
        InputError: there is no such metric.
    """
    if name not in METRICS:
        raise InputError(f"Expected a metric among {', '.join(METRICS)} but got {name!r}.")
    metric = METRICS[name]
    lines = tuple(
        Line(
            groups.printable(one.name), mark, one.steps, _places(one.steps, scale), metric.factor * one.metrics[name],
            metric.factor * one.spread[name] if one.spread else None,
        )
        for one, mark in zip(shown, marks(len(shown)), strict=True)
    )  # fmt: skip
    note = ""
    references: dict[str, float] = {}
    if name == "accuracy":
        note, references = _references(shown)
    values = np.concatenate([line.values + sign * _half(line) for line in lines for sign in (-1, 1)])
    low, high = curves.value_range(values, references.values(), metric)
    references = {text: value for text, value in references.items() if low <= value <= high}
    frame = curves.Curve(
        metric.label, lines[0].values, low, high, min(high, 100.0) if metric.unit == "%" else high, {}, ""
    )
    return Panel(metric.label, lines, low, high, tuple(curves.value_ticks(frame)), references, note)


def _references(shown: Sequence[Series]) -> tuple[str, dict[str, float]]:
    """The source model's accuracy in words, and horizontal lines for what all runs share that have labels."""
    labelled = [one for one in shown if np.isfinite(one.source_accuracy)]
    if not labelled:
        return "", {}
    source = [100 * one.source_accuracy for one in labelled]
    first = [100 * float(one.metrics["accuracy"][0]) for one in labelled]
    shared = {"source": source, "frame 0": first}
    lines = {text: values[0] for text, values in shared.items() if max(values) - min(values) < 0.05}
    low, high = curves.number(min(source)), curves.number(max(source))
    return f"source {low} %" if low == high else f"source {low} to {high} %", lines


def _half(line: Line) -> Float[np.ndarray, " frames"]:
    return np.zeros_like(line.values) if line.spread is None else line.spread


def _places(steps: np.ndarray, scale: str) -> Float[np.ndarray, " frames"]:
    return np.log1p(steps.astype(np.float64)) if scale == "log" else steps.astype(np.float64)


def _round_steps(last: int) -> list[int]:
    """0 and about four round numbers up to `last`."""
    if last < 1:
        return [0]
    power = 10 ** math.floor(math.log10(last / 4)) if last >= 4 else 1
    stride = next(factor * power for factor in (1, 2, 5, 10) if last / (factor * power) <= 5)
    return list(range(0, last + 1, stride))
