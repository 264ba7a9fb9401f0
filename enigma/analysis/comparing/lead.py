"""Which of several runs is ahead by more than chance, compared image by image.

All runs answer for the same probe images, so two of them are compared as McNemar's test does: with b images that only
the first has right and c that only the second has right, of n, the difference of their accuracies is

    (b - c) / n ± 1.96 √(b + c + 1) / n.

Each run is taken at its own best step, so a run of more frames has had more chances; the interval leaves that out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from enigma.analysis.comparing.runs import Compared, labels, same_images

_NORMAL = 1.959964

Hits = Bool[np.ndarray, " images"]


@dataclass(frozen=True)
class Lead:
    """The run of the highest accuracy and the one that comes nearest to it.

    Attributes:
        run_id: of the run that is ahead.
        name, second: what the two are called.
        gap: difference of their accuracies, in [0, 1]; `low` and `high` are its 95 % interval.
        images: on how many images both were judged.
    """

    run_id: str
    name: str
    second: str
    gap: float
    low: float
    high: float
    images: int

    @property
    def is_clear(self) -> bool:
        """Whether chance alone would hardly put it ahead."""
        return self.low > 0


@dataclass(frozen=True)
class Leads:
    """Who is ahead at the best steps and at the ends.

    Attributes:
        obstacle: why nobody can be called the winner, as the end of a sentence; empty where somebody can.
    """

    best: Lead | None = None
    final: Lead | None = None
    obstacle: str = ""

    def winner(self, column: str) -> str:
        """Id of the run that is clearly ahead in a column of the table, or nothing."""
        lead = {"best": self.best, "final": self.final}.get(column)
        return lead.run_id if lead and lead.is_clear else ""


def leads(runs: Sequence[Compared]) -> Leads:
    """Who is ahead of those with labels, at the best step of each and at the end."""
    names = dict(zip([run.run_id for run in runs], labels(runs), strict=True))
    judged = [run for run in runs if run.hits]
    if len(judged) < 2:
        return Leads()
    if not same_images(judged):
        return Leads(obstacle="the runs are not judged on the same images")
    if live := [names[run.run_id] for run in judged if run.is_live]:
        return Leads(obstacle=f"{' and '.join(live)} {'is' if len(live) == 1 else 'are'} still being recorded")
    return Leads(_lead(judged, names, "best"), _lead(judged, names, "final"))


def _lead(runs: Sequence[Compared], names: dict[str, str], time: str) -> Lead:
    """The first of the highest accuracy, beside the other whose interval reaches lowest."""
    first = max(runs, key=lambda run: run.hits[time].mean())
    others = [run for run in runs if run is not first]
    against = {run.run_id: paired(first.hits[time], run.hits[time]) for run in others}
    second = min(others, key=lambda run: against[run.run_id][1])
    gap, low, high = against[second.run_id]
    return Lead(first.run_id, names[first.run_id], names[second.run_id], gap, low, high, len(first.hits[time]))


def paired(first: Hits, second: Hits) -> tuple[float, float, float]:
    """The difference of two accuracies on the same images, and its 95 % interval.

    >>> paired(np.array([True] * 4), np.array([True, True, True, False]))[0]
    0.25
    """
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    gap = (only_first - only_second) / len(first)
    error = _NORMAL * math.sqrt(only_first + only_second + 1) / len(first)
    return gap, gap - error, gap + error
