"""Estimates of the three accuracies with their intervals, for print."""

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from enigma.analysis.estimators.estimate import Estimate
from enigma.analysis.estimators.measured import TARGETS, Target
from enigma.figures.shared import palette

MOST = 8
"""Estimators of each accuracy that are drawn, the first ones."""


def estimates_paper(rows: Sequence[Estimate], truth: Mapping[Target, float], title: str) -> Figure:
    """One panel for each accuracy: a dot and an interval an estimator, and the true accuracy where it is known.

    Args:
        rows: in the order in which they are to be read.
        truth: accuracy by the labels, in [0, 1]; NaN where there are none.
        title: of the run.
    """
    figure = Figure(figsize=(10.2, 3.4), facecolor=palette.PAPER)
    for axes, target in zip(figure.subplots(1, len(TARGETS)), TARGETS, strict=True):
        _panel(axes, [row for row in rows if row.target == target][:MOST], truth.get(target, math.nan), target)
    figure.suptitle(title, fontsize=10, x=0.01, ha="left")
    figure.tight_layout(rect=(0, 0.05, 1, 1))
    return figure


def _panel(axes: Axes, rows: Sequence[Estimate], truth: float, target: Target) -> None:
    for place, row in enumerate(rows):
        color = palette.FAILURE if row.warning else palette.ACCENT
        if math.isfinite(row.low):
            axes.plot([100 * row.low, 100 * row.high], [place, place], color=color, linewidth=2, alpha=0.6)
        face = palette.PAPER if row.warning else color
        axes.plot(100 * row.accuracy, place, "o", color=color, markerfacecolor=face, markersize=5)
    if math.isfinite(truth):
        axes.axvline(100 * truth, color=palette.INK, linewidth=1)
    axes.set_yticks(range(len(rows)), [row.estimator for row in rows], fontsize=6.5)
    axes.set(xlim=(0, 100), ylim=(len(rows) - 0.5, -0.5))
    axes.set_xlabel("accuracy, %; line: by the labels; open: outside the calibration", fontsize=6.5)
    axes.set_title(f"{target}", fontsize=8.5, loc="left")
    axes.tick_params(labelsize=6.5)
    axes.spines[["top", "right"]].set_visible(False)
