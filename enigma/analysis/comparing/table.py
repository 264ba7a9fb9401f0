"""The table of a comparison: a row of numbers a run, and which columns say something."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from enigma.analysis.comparing.runs import Compared, labels
from enigma.analysis.reading import phase_boundary


@dataclass(frozen=True)
class Row:
    """The numbers of one run; accuracies in [0, 1], regret in points of a hundred.

    Attributes:
        regret: 100 x (best accuracy of this run - its final accuracy).
        regret_overall: 100 x (best accuracy of all compared runs - final accuracy of this one).
        fall: largest fall of accuracy below the best so far, in points.
        first_entropy, entropy: mean entropy of the predictions at the first and at the last frame, in nats.
        first_prediction_entropy, prediction_entropy: entropy of the mean prediction there, in nats.
        flips: probe images whose prediction at the last frame differs from frame 0.

    Entropies and flips need no labels. What needs them is NaN without, and `best_step` is -1.
    """

    run_id: str
    name: str
    source: float
    first: float
    best: float
    best_step: int
    final: float
    final_step: int
    regret: float
    regret_overall: float
    fall: float
    first_entropy: float
    entropy: float
    first_prediction_entropy: float
    prediction_entropy: float
    flips: float
    seconds: float

    @property
    def has_accuracy(self) -> bool:
        return math.isfinite(self.best)


def rows(runs: Sequence[Compared]) -> list[Row]:
    """The table, one row a run in the given order."""
    best = [float(run.metrics["accuracy"].max()) for run in runs]
    overall = max((value for value in best if math.isfinite(value)), default=math.nan)
    return [_row(run, name, overall) for run, name in zip(runs, labels(runs), strict=True)]


def _row(run: Compared, name: str, overall: float) -> Row:
    accuracy = run.metrics["accuracy"]
    best, final = float(accuracy.max()), float(accuracy[-1])
    return Row(
        run_id=run.run_id,
        name=name,
        source=run.source_accuracy,
        first=float(accuracy[0]),
        best=best,
        best_step=phase_boundary(run.steps, accuracy),
        final=final,
        final_step=int(run.steps[-1]),
        regret=100 * (best - final),
        regret_overall=100 * (overall - final),
        fall=largest_fall(accuracy),
        first_entropy=float(run.metrics["entropy"][0]),
        entropy=float(run.metrics["entropy"][-1]),
        first_prediction_entropy=float(run.metrics["prediction_entropy"][0]),
        prediction_entropy=float(run.metrics["prediction_entropy"][-1]),
        flips=float(run.metrics["label_flips"][-1]),
        seconds=run.seconds,
    )


def columns(table: Sequence[Row]) -> tuple[str, ...]:
    """The columns that say something: accuracies where a run has them, entropy and flips where one has none."""
    with_accuracy = any(row.has_accuracy for row in table)
    without = not all(row.has_accuracy for row in table)
    return (
        *(("source", "first", "best", "best_step", "final") if with_accuracy else ()),
        "final_step",
        *(("regret", "regret_overall") if with_accuracy else ()),
        *(("entropy", "flips") if without else ()),
        "prediction_entropy",
        "seconds",
    )


def lacking(table: Sequence[Row]) -> str:
    """Why there are no accuracies, or not of every run; empty where nothing is missing."""
    names = [row.name for row in table if not row.has_accuracy]
    if not names:
        return ""
    if len(names) == len(table):
        return "Without accuracy, because the test images have no labels: entropies and flips need none."
    return f"–: the test images of {', '.join(names)} have no labels, so there is no accuracy."


def largest_fall(accuracy: Float[np.ndarray, " frames"]) -> float:
    """100 x the largest difference between the best accuracy so far and the accuracy, in points.

    >>> largest_fall(np.array([0.5, 0.75, 0.5, 0.625]))
    25.0
    """
    return float(100 * (np.maximum.accumulate(accuracy) - accuracy).max())
