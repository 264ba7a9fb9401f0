"""What a reproduction is, and what comes out of one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from enigma.spec.run_spec import RunSpec
from enigma.store.run_folder import Run


@dataclass(frozen=True)
class Finding:
    """One sentence that compares what was measured with what the paper says.

    Attributes:
        text: with the numbers of both.
        agrees: whether the paper's claim holds here; None where the sentence only informs.
    """

    text: str
    agrees: bool | None = None


@dataclass(frozen=True)
class Result:
    """The numbers, what they say of the claim, and how to draw them."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    draw: Callable[[], Figure]

    @property
    def verdict(self) -> str:
        return verdict([finding.agrees for finding in self.findings])


def verdict(agreements: Sequence[bool | None]) -> str:
    """In one or two words whether the claims hold.

    >>> verdict([True, None]), verdict([True, False]), verdict([False]), verdict([None])
    ('agrees', 'agrees in part', 'does not agree', 'not tested')
    """
    known = [agrees for agrees in agreements if agrees is not None]
    if not known:
        return "not tested"
    return "agrees" if all(known) else "agrees in part" if any(known) else "does not agree"


@dataclass(frozen=True)
class Reproduction:
    """One figure or table of the paper.

    Attributes:
        name: as on the command line, such as 'figure-4'.
        title: what it shows.
        claim: what the paper says of it, with its numbers.
        specs: the runs it needs, made from the spec of the clean images.
        make: from those of the runs that are recorded to the result; raises InputError if they are too few.
    """

    name: str
    title: str
    claim: str
    specs: Callable[[RunSpec], list[RunSpec]]
    make: Callable[[Sequence[Run]], Result]
