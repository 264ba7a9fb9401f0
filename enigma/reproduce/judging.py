"""From the units of a result to verdicts: each criterion against the bootstrap interval of its quantity."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from enigma.reproduce.criteria import Criteria, Criterion, criteria
from enigma.reproduce.measures import Columns, measured, needed, settled

AGREES, IN_PART, DIFFERS, UNDECIDED = "agrees", "agrees in part", "does not agree", "undecided"
GROUP, IMAGES = "group", "images"
"""The column whose values are drawn anew, and that with the number of images an accuracy is of."""
FEWEST = 3
"""Groups below which there is no interval."""


@dataclass(frozen=True)
class Judgement:
    """What became of one criterion.

    Attributes:
        quantity, paper, wanted: as the file has them, the range in words.
        ours: what was measured; None where it cannot be.
        low, high: its interval; None where there is none.
        verdict: 'agrees', 'does not agree' or 'undecided'.
        why: why it is undecided; empty otherwise.
    """

    quantity: str
    paper: float | str
    wanted: str
    ours: float | None
    low: float | None
    high: float | None
    verdict: str
    why: str = ""


def judged(name: str, units: pd.DataFrame | None) -> tuple[Judgement, ...]:
    """Every criterion of a figure or table.

    Args:
        name: such as 'figure-4'.
        units: what an interval is made of, a row a split, image, draw or seed; None where that was not recorded.
    """
    told = criteria()
    return tuple(_judged(one, units, told) for one in told.of[name])


def overall(verdicts: Sequence[str]) -> str:
    """The verdict on a figure or table from those on its criteria.

    >>> overall(["agrees", "agrees"]), overall(["agrees", "undecided"]), overall(["undecided", "does not agree"])
    ('agrees', 'agrees in part', 'does not agree')
    >>> overall(["undecided"]), overall([])
    ('undecided', 'undecided')
    """
    if AGREES in verdicts:
        return AGREES if set(verdicts) == {AGREES} else IN_PART
    return DIFFERS if DIFFERS in verdicts else UNDECIDED


def _judged(one: Criterion, units: pd.DataFrame | None, told: Criteria) -> Judgement:
    def told_as(ours: float, low: float, high: float, verdict: str, why: str = "") -> Judgement:
        known, least, most = (number if math.isfinite(number) else None for number in (ours, low, high))
        return Judgement(one.quantity, one.paper, one.wanted, known, least, most, verdict, why)

    if units is None:
        return told_as(math.nan, math.nan, math.nan, UNDECIDED, "errors by split were not recorded")
    columns = {str(name): units[name].to_numpy() for name in units}
    if not needed(one.measure) <= set(columns):
        return told_as(math.nan, math.nan, math.nan, UNDECIDED, "what it is computed from was not recorded")
    measure = settled(one.measure, columns)
    ours = measured(measure, columns)
    if not math.isfinite(ours):
        return told_as(ours, math.nan, math.nan, UNDECIDED, "the runs that it compares were not recorded")
    low, high = _of_groups(measure, columns, told) if GROUP in columns else _of_images(ours, measure, columns, told)
    if not math.isfinite(low):
        return told_as(ours, low, high, UNDECIDED, "too few were recorded for an interval")
    verdict = _against(low, high, one)
    return told_as(ours, low, high, verdict, "the interval reaches over the bound" if verdict == UNDECIDED else "")


def _against(low: float, high: float, one: Criterion) -> str:
    least = -math.inf if one.at_least is None else one.at_least
    most = math.inf if one.at_most is None else one.at_most
    if least < low and high < most:
        return AGREES
    return DIFFERS if high < least or most < low else UNDECIDED


def _of_groups(measure: dict[str, object], columns: Columns, told: Criteria) -> tuple[float, float]:
    """The percentile bootstrap: whole groups are drawn anew, because splits of one corruption are alike.

    Source: Efron & Tibshirani 1993, chapter 13.
    """
    names, places = np.unique(columns[GROUP].astype(str), return_inverse=True)
    if len(names) < FEWEST:
        return math.nan, math.nan
    members = [np.flatnonzero(places == group) for group in range(len(names))]
    random, found = np.random.default_rng(0), []
    for _ in range(told.resamples):
        drawn = np.concatenate([members[group] for group in random.integers(len(names), size=len(names))])
        found.append(measured(measure, {name: column[drawn] for name, column in columns.items()}))
    known = np.array(found)[np.isfinite(found)]
    if len(known) < told.resamples / 2:
        return math.nan, math.nan
    low, high = np.quantile(known, [(1 - told.coverage) / 2, (1 + told.coverage) / 2])
    return float(low), float(high)


def _of_images(ours: float, measure: dict[str, object], columns: Columns, told: Criteria) -> tuple[float, float]:
    """Where a single run was recorded: the draw of its images, at its widest.

    A gain, the difference of two accuracies in points, has a standard error of at most 100 sqrt(1 / 2n) for n images;
    the difference of two gains of sqrt(2) times as much.
    """
    if IMAGES not in columns:
        return math.nan, math.nan
    gains = 2 if measure["kind"] == "difference" else 1
    half = float(norm.ppf((1 + told.coverage) / 2)) * 100 * math.sqrt(gains / (2 * columns[IMAGES].min()))
    return ours - half, ours + half
