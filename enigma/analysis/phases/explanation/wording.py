"""Sentences, and the phrases that several of them share."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from enigma.analysis.metrics.registry import METRICS, written
from enigma.analysis.phases.measured import Phase, Phases

# Shares and silhouette scores have no error here: less than this is no change.
NOTICEABLE = 0.01
# A distance, a variance or a rank that changes by less than this share has stayed where it was.
STILL = 0.05
NAMED = 3
"""As many classes or tensors are named in a sentence."""

STEP = re.compile(r"\bstep (\d+(?:,\d{3})*)")

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Sentence:
    """What is said of one topic."""

    topic: str
    text: str

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps it names, in order.

        >>> Sentence("Phase 1", "From step 1,300, to step 20").steps
        (1300, 20)
        """
        return tuple(int(step.replace(",", "")) for step in STEP.findall(self.text))


def at(found: Phases, frame: int) -> str:
    return f"step {found.step(frame):,}"


def taken(found: Phases) -> list[Phase]:
    """The phases that have a length."""
    return [phase for phase in found.phases if phase.last > phase.first]


def direction(name: str, before: float, after: float) -> int:
    """-1, 0 or 1: whether a measure falls, stays or rises; NaN stays.

    Shares and silhouette scores must change by 0.01, everything else by a twentieth of where it was.
    """
    change = after - before
    least = NOTICEABLE if METRICS[name].unit == "%" or name == "silhouette" else STILL * abs(before)
    return 0 if not abs(change) > least else 1 if change > 0 else -1


def course(found: Phases, name: str) -> str:
    """How a measure goes through the phases: 'falls from 2.21 to 1.73 by step 13 and rises to 5.39 by step 500'.

    Empty where the measure is not known.
    """
    values, spans = found.measures[name], taken(found)
    parts: list[str] = []
    last = 2
    if not np.isfinite([values[[span.first, span.last]] for span in spans]).all():
        return ""
    for span in spans:
        before, after, until = values[span.first], values[span.last], at(found, span.last)
        now = direction(name, before, after)
        start = "" if parts else f" from {written(name, before)}"
        if now == 0:
            parts.append(f"stays near {written(name, after)} until {until}")
        elif now == last:
            parts.append(f"further to {written(name, after)} by {until}")
        else:
            parts.append(f"{'rises' if now > 0 else 'falls'}{start} to {written(name, after)} by {until}")
        last = now
    return " and ".join(parts)


def listed(parts: Sequence[str], more: int = 0) -> str:
    """Names in a row, and how many more there are.

    >>> listed(["a", "b"]), listed(["a", "b"], 3)
    ('a and b', 'a, b and 3 more')
    """
    words = [*parts, *([f"{more:,} more"] if more else [])]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def few(values: Sequence[str]) -> str:
    """The first of many names, and how many more there are; no name is left out for a count of one.

    >>> few(["a", "b", "c", "d"]), few(["a", "b", "c", "d", "e"])
    ('a, b, c and d', 'a, b, c and 2 more')
    """
    shown = len(values) if len(values) <= NAMED + 1 else NAMED
    return listed(values[:shown], len(values) - shown)


def count(number: int) -> str:
    """A number as it stands in a sentence: in words up to ten."""
    return _WORDS[number] if number < len(_WORDS) else f"{number:,}"
