"""A comparison in words, made from its numbers."""

import math
from collections.abc import Sequence

from enigma.analysis.comparing.lead import Lead, Leads
from enigma.analysis.comparing.table import Row
from enigma.spec.shares import percent

# As in the story of one run: accuracy moves by about this much from one probe to another.
NOTICEABLE = 1.0
# More runs than this are told of together.
_EACH = 4


def verdict(table: Sequence[Row], ahead: Leads, probes: int) -> list[str]:
    """Which run is best at its best step, which at the end, beyond chance, and which collapse.

    A run *collapses* when it ends at least one point below its own frame 0, it *falls* when it ends at
    least one point below its best. Names are as in the table.

    Args:
        table: one row a run, of `enigma.analysis.comparing.table.rows`.
        ahead: of the same runs, who leads.
        probes: the smallest number of probe images of any run; sets how large a difference must be.

    Returns:
        Sentences, the most important first.
    """
    known = [row for row in table if row.has_accuracy]
    without = [row for row in table if not row.has_accuracy]
    if not known and len(without) > 1:
        return ["Without labels there is no accuracy: which run is best cannot be told.", *map(_unlabelled, without)]
    return [*(_labelled(known, ahead, probes) if known else []), *map(_unlabelled, without)]


def _unlabelled(row: Row) -> str:
    """What changed, by the numbers that need no labels."""
    if not row.final_step:
        return f"{row.name} has only frame 0 so far, at an entropy of {row.entropy:.2f} nats; it has no labels."
    return (
        f"{row.name} has no labels: by step {row.final_step:,}, entropy went from {row.first_entropy:.2f} to "
        f"{row.entropy:.2f} nats and that of the mean prediction from {row.first_prediction_entropy:.2f} to "
        f"{row.prediction_entropy:.2f}; {row.flips:,.0f} prediction{'s' if row.flips != 1 else ''} flipped."
    )


def _labelled(table: Sequence[Row], ahead: Leads, probes: int) -> list[str]:
    if len(table) == 1:
        return [_told(table[0])]
    each = [_told(row) for row in table] if len(table) <= _EACH else _grouped(table)
    lasts = sorted({row.final_step for row in table})
    ends = f"The ends are not at one step: the runs go to between {lasts[0]:,} and {lasts[-1]:,} steps."
    return [*_leaders(table, ahead), *each, *([ends] if len(lasts) > 1 else []), _chance(table, probes)]


def _leaders(table: Sequence[Row], ahead: Leads) -> list[str]:
    """Who wins, or that nobody does, and by how much."""
    if ahead.obstacle:
        return [f"No clear winner: {ahead.obstacle}."]
    if ahead.best is None or ahead.final is None:
        return ["No clear winner: which images each run has right is not known."]
    rows = {row.run_id: row for row in table}
    best, final = rows[ahead.best.run_id], rows[ahead.final.run_id]
    at_best, at_end = f"{percent(best.best)} (step {best.best_step:,})", percent(final.final)
    evidence = f"At the best step, {_by(ahead.best)}; at the end, {_by(ahead.final)}: on the same images."
    if not ahead.best.is_clear and not ahead.final.is_clear:
        return ["No clear winner, neither at the best step nor at the end.", evidence]
    if ahead.best.is_clear and ahead.final.is_clear and best is final:
        return [f"{best.name} is best both at the best step, with {at_best}, and at the end, with {at_end}.", evidence]
    first = f"{best.name} is best with {at_best}" if ahead.best.is_clear else "there is no clear winner"
    last = f"{final.name} is best with {at_end}" if ahead.final.is_clear else "there is no clear winner"
    return [f"At the best step, {first}; at the end, {last}.", evidence]


def _by(lead: Lead) -> str:
    """'Tent is 4.0 points ahead of Norm (95 % interval 1.2 to 6.8)'."""
    points = f"{100 * lead.gap:.1f} point{'s' if round(100 * lead.gap, 1) != 1 else ''}"
    return (
        f"{lead.name} is {points} ahead of {lead.second} (95 % interval {100 * lead.low:.1f} to {100 * lead.high:.1f})"
    )


def _told(row: Row) -> str:
    if not row.final_step:
        return f"{row.name} has only frame 0 so far, at {percent(row.first)}."
    ends = f"{row.name} peaks at {percent(row.best)} (step {row.best_step:,}) and ends at {percent(row.final)}"
    if collapses(row):
        return f"{ends}, below its own frame 0 ({percent(row.first)}): it collapses."
    if row.regret >= NOTICEABLE:
        return f"{ends}, {row.regret:.1f} points below its best."
    if row.fall < 0.05 and row.best - row.first < 0.0005:
        return f"{row.name} stays at {percent(row.first)} throughout."
    # Rounded up, so that the sentence is true.
    fall = math.ceil(10 * row.fall - 1e-6) / 10
    if row.fall < 0.05:
        return f"{row.name} never falls below its best so far and ends at {percent(row.final)}."
    if fall >= 2 * NOTICEABLE:
        return f"{row.name} falls by up to {row.fall:.1f} points on the way but ends at {percent(row.final)}."
    return f"{row.name} never falls more than {fall:.1f} points below its best so far, ending at {percent(row.final)}."


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
