"""A comparison in words, made from its numbers."""

import math
from collections.abc import Sequence

from enigma.analysis.comparing.table import Row

# As in the story of one run: accuracy moves by about this much from one probe to another.
NOTICEABLE = 1.0
# More runs than this are told of together.
_EACH = 4


def verdict(table: Sequence[Row], probes: int) -> list[str]:
    """Which run is best at its best step, which at the end, and which collapse.

    A run *collapses* when it ends at least one point below its own frame 0, it *falls* when it ends at
    least one point below its best. Names are as in the table.

    Args:
        table: one row a run, of `enigma.analysis.comparing.runs.rows`.
        probes: the smallest number of probe images of any run; sets how large a difference must be.

    Returns:
        Sentences, the most important first.
    """
    known = [row for row in table if row.has_accuracy]
    without = [row for row in table if not row.has_accuracy]
    if not known and len(without) > 1:
        return ["Without labels there is no accuracy: which run is best cannot be told.", *map(_unlabelled, without)]
    return [*(_labelled(known, probes) if known else []), *map(_unlabelled, without)]


def _unlabelled(row: Row) -> str:
    """What changed, by the numbers that need no labels."""
    if not row.final_step:
        return f"{row.name} has only frame 0 so far, at an entropy of {row.entropy:.2f} nats; it has no labels."
    return (
        f"{row.name} has no labels: by step {row.final_step:,}, entropy went from {row.first_entropy:.2f} to "
        f"{row.entropy:.2f} nats and that of the mean prediction from {row.first_prediction_entropy:.2f} to "
        f"{row.prediction_entropy:.2f}; {row.flips:,.0f} prediction{'s' if row.flips != 1 else ''} flipped."
    )


def _labelled(table: Sequence[Row], probes: int) -> list[str]:
    if len(table) == 1:
        return [_told(table[0])]
    each = [_told(row) for row in table] if len(table) <= _EACH else _grouped(table)
    lasts = sorted({row.final_step for row in table})
    ends = f"The ends are not at one step: the runs go to between {lasts[0]:,} and {lasts[-1]:,} steps."
    return [_leaders(table), *each, *([ends] if len(lasts) > 1 else []), _chance(table, probes)]


def _leaders(table: Sequence[Row]) -> str:
    best, final = _first(table, "best"), _first(table, "final")
    at_best = f"{_percent(best[0].best)} (step {best[0].best_step:,})"
    at_end = _percent(final[0].final)
    if [row.run_id for row in best] == [row.run_id for row in final]:
        verb = "is" if len(best) == 1 else "are"
        return f"{_listed(best)} {verb} best both at the best step, with {at_best}, and at the end, with {at_end}."
    first = f"At its best step, {_listed(best)} {'is' if len(best) == 1 else 'are'} best with {at_best}"
    return f"{first}; at the end, {_listed(final)} {'is' if len(final) == 1 else 'are'} best with {at_end}."


def _first(table: Sequence[Row], column: str) -> list[Row]:
    """All rows that share the highest value as it is shown."""
    highest = max(round(getattr(row, column), 3) for row in table)
    return [row for row in table if round(getattr(row, column), 3) == highest]


def _told(row: Row) -> str:
    if not row.final_step:
        return f"{row.name} has only frame 0 so far, at {_percent(row.first)}."
    ends = f"{row.name} peaks at {_percent(row.best)} (step {row.best_step:,}) and ends at {_percent(row.final)}"
    if collapses(row):
        return f"{ends}, below its own frame 0 ({_percent(row.first)}): it collapses."
    if row.regret >= NOTICEABLE:
        return f"{ends}, {row.regret:.1f} points below its best."
    if row.fall < 0.05 and row.best - row.first < 0.0005:
        return f"{row.name} stays at {_percent(row.first)} throughout."
    # Rounded up, so that the sentence is true.
    fall = math.ceil(10 * row.fall - 1e-6) / 10
    if row.fall < 0.05:
        return f"{row.name} never falls below its best so far and ends at {_percent(row.final)}."
    if fall >= 2 * NOTICEABLE:
        return f"{row.name} falls by up to {row.fall:.1f} points on the way but ends at {_percent(row.final)}."
    return f"{row.name} never falls more than {fall:.1f} points below its best so far, ending at {_percent(row.final)}."


def collapses(row: Row) -> bool:
    """Whether adaptation has done harm in the end: at least a point below frame 0."""
    return 100 * (row.first - row.final) >= NOTICEABLE


def _grouped(table: Sequence[Row]) -> list[str]:
    fallen = [row for row in table if collapses(row)]
    falling = [row for row in table if row.regret >= NOTICEABLE and not collapses(row)]
    steady = [row for row in table if row.regret < NOTICEABLE and not collapses(row)]
    told = {
        f"below {'its' if len(fallen) == 1 else 'their'} own frame 0 (collapse)": fallen,
        "a point or more below the best, but not below frame 0": falling,
        "within a point of the best": steady,
    }
    return [
        f"{len(found)} of {len(table)} {'ends' if len(found) == 1 else 'end'} {where}: {_listed(found)}."
        for where, found in told.items()
        if found
    ]


def _chance(table: Sequence[Row], probes: int) -> str:
    """sqrt(p (1 - p) / n), the standard error of one accuracy, at the best run's final accuracy."""
    share = max(row.final for row in table)
    error = 100 * math.sqrt(share * (1 - share) / probes)
    return f"With {probes:,} probe images, one accuracy has a standard error of {error:.1f} points."


def _listed(found: Sequence[Row]) -> str:
    names = [row.name for row in found]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
