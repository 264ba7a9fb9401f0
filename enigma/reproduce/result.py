"""What a reproduction is, and what comes out of one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from enigma.spec.run_spec import RunSpec
from enigma.store.run_folder import Run


@dataclass(frozen=True)
class Finding:
    """One sentence that compares what was measured with what the paper says, with the numbers of both.

    It gives no verdict: that is what the criteria are for, see `enigma.reproduce.judging`.
    """

    text: str


@dataclass(frozen=True)
class Result:
    """The numbers, what they say of the claim, and how to draw them.

    Attributes:
        units: what the criteria are judged by and intervals are made of: a row a split, image, draw or seed.
    """

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    draw: Callable[[], Figure]
    units: pd.DataFrame | None = None


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
