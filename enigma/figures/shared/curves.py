"""One metric over the steps as a figure shows it: unit, range, axis of steps."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from enigma.analysis.metrics.registry import FIGURE, METRICS, Metric, number, shown
from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared import palette
from enigma.spec.errors import InputError

PHASE_COLORS = {1: palette.SUCCESS, 2: palette.FAILURE}
PHASE_TINTS = {1: palette.SUCCESS_TINT, 2: palette.FAILURE_TINT}

# An axis shows at least this share of the largest value, so that noise on a constant does not look like a change.
_LEAST_SHARE = 0.05


@dataclass(frozen=True)
class Curve:
    """One metric in the unit of its axis.

    Attributes:
        title: name and unit.
        values: one value a frame; NaN where undefined.
        low: lower end of the axis.
        high: upper end of the axis.
        highest_tick: where the numbers along the axis end.
        references: lines to compare the curve with, by name.
        note: the accuracy of the source model in words; empty for other metrics.
    """

    title: str
    values: Float[np.ndarray, " frames"]
    low: float
    high: float
    highest_tick: float
    references: dict[str, float]
    note: str


def curve_names(trajectory: Trajectory, names: Sequence[str] = ()) -> tuple[str, ...]:
    """Those of `names` that are known of a run, by default of the metrics of a figure; all where none is known."""
    wanted = tuple(names) or shown(FIGURE)
    known = tuple(name for name in wanted if np.isfinite(trajectory.metrics.get(name, math.nan)).any())
    return known or wanted


def stacked(trajectory: Trajectory, names: Sequence[str] = ()) -> list[Curve]:
    """The curves of a figure that has them one above the other; the first has room for the names of the phases.

    Args:
        trajectory: the run.
        names: the metrics; by default those of `curve_names`.

    Raises:
        InputError: a name is not a metric.
    """
    first, *others = [curve(trajectory, name) for name in names or curve_names(trajectory)]
    return [with_headroom(first), *others]


def curve(trajectory: Trajectory, name: str) -> Curve:
    """The metric `name` of a run; all NaN if the run does not have it.

    Raises:
        InputError: there is no such metric.
    """
    if name not in METRICS:
        raise InputError(f"Expected a metric among {', '.join(METRICS)} but got {name!r}.")
    metric = METRICS[name]
    factor = metric.factor
    missing = np.full(len(trajectory.steps), np.nan)
    values = np.asarray(trajectory.metrics.get(name, missing), dtype=np.float64) * factor
    if name != "accuracy":
        low, high = value_range(values, [], metric)
        return Curve(metric.label, values, low, high, high, {}, "")
    source = float(trajectory.source_accuracy * factor)
    low, high = value_range(values, [source], metric)
    lines = {"frame 0": float(values[0]), "source": source}
    drawn = {line: value for line, value in lines.items() if low <= value <= high}
    return Curve(metric.label, values, low, high, min(high, 100.0), drawn, f"source {number(source)} %")


def value_range(values: np.ndarray, references: Iterable[float], metric: Metric) -> tuple[float, float]:
    """Lowest and highest value of an axis, in the unit of the metric; 0 to 1 where nothing is known.

    Args:
        values: what is drawn.
        references: lines to compare it with; one that is so far that it would squeeze the values is left out.
        metric: whether the axis begins at zero, and what it spans at least.
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    near = 0.35 * (high - low)
    for value in references:
        if low - near < value < high + near:
            low, high = min(low, value), max(high, value)
    least = max(metric.least_span * metric.factor, _LEAST_SHARE * max(abs(low), abs(high))) or 1.0
    margin = 0.14 * (high - low)
    if metric.from_zero and low >= 0:
        return 0.0, max(high + margin, least)
    missing = max(least - (high - low) - 2 * margin, 0.0) / 2
    return low - margin - missing, high + margin + missing


def position(step: int) -> float:
    """Where a step lies on the shared axis: the first steps matter most, and step 0 has a place.

    >>> position(0)
    0.0
    """
    return math.log1p(step)


def positions(trajectory: Trajectory) -> Float[np.ndarray, " frames"]:
    """Where the recorded steps lie on the shared axis."""
    return np.log1p(trajectory.steps.astype(np.float64))


def axis_range(trajectory: Trajectory) -> tuple[float, float]:
    """Both ends of the shared axis; a single frame sits in the middle."""
    first, last = position(int(trajectory.steps[0])), position(int(trajectory.steps[-1]))
    return (first, last) if last > first else (first - 0.5, last + 0.5)


def ticks(last: int) -> list[int]:
    """0, the powers of ten, and the last step where there is room for its number.

    >>> ticks(300), ticks(1100), ticks(0)
    ([0, 1, 10, 100, 300], [0, 1, 10, 100, 1000], [0])
    """
    steps = [0]
    while 10 ** (len(steps) - 1) <= last:
        steps.append(10 ** (len(steps) - 1))
    if position(last) - position(steps[-1]) > 0.1 * position(last):
        steps.append(last)
    return steps


def phases(trajectory: Trajectory) -> dict[int, tuple[float, float]]:
    """Where each phase that there is beyond chance begins and ends on the axis."""
    places = positions(trajectory)
    return {phase: (float(places[a]), float(places[b])) for phase, (a, b) in trajectory.course.spans.items()}


def named_phases(trajectory: Trajectory, least: float = 0.2) -> dict[int, float]:
    """Where the name of each phase stands: in its middle. A narrow phase has no room for it; its tint remains.

    Args:
        trajectory: the run.
        least: which part of the axis a phase must take up.
    """
    low, high = axis_range(trajectory)
    spans = phases(trajectory).items()
    return {phase: (start + end) / 2 for phase, (start, end) in spans if end - start >= least * (high - low)}


def with_headroom(curve: Curve) -> Curve:
    """The same curve with room above it for the names of the phases."""
    return replace(curve, high=curve.high + 0.34 * (curve.high - curve.low))


def value_ticks(curve: Curve) -> list[float]:
    """A few round numbers along the axis of a curve."""
    spread = curve.highest_tick - curve.low
    power = 10.0 ** math.floor(math.log10(spread / 3))
    stride = min((factor * power for factor in (1, 2, 5, 10)), key=lambda stride: abs(spread / stride - 3.5))
    first, last = math.ceil(curve.low / stride - 1e-9), math.floor(curve.highest_tick / stride + 1e-9)
    return [round(count * stride, 12) for count in range(first, last + 1)]


def tick_labels(ticks: list[float]) -> list[str]:
    """Numbers along an axis, all with the same number of decimals.

    >>> tick_labels([0.15, 0.2]), tick_labels([50.0, 60.0])
    (['0.15', '0.20'], ['50', '60'])
    """
    decimals = max((len(f"{tick:g}".partition(".")[2]) for tick in ticks), default=0)
    return [f"{tick:.{decimals}f}" if "e" not in f"{tick:g}" else f"{tick:g}" for tick in ticks]


def label_above(curve: Curve, value: float) -> bool:
    """Whether the name of a line at `value` goes above it: at its right end, away from the curve."""
    return bool(curve.values[-1] < value)


def late(trajectory: Trajectory, frame: int) -> bool:
    """Whether a frame lies so far right that its value must be written to its left."""
    low, high = axis_range(trajectory)
    return float(positions(trajectory)[frame]) > low + 0.85 * (high - low)
