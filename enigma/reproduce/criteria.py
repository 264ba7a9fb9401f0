"""The criteria of `criteria.toml`: what counts as agreement with each figure and table of the paper."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("criteria.toml")


@dataclass(frozen=True)
class Criterion:
    """One quantity and where it must lie.

    Attributes:
        quantity: in words, with its unit.
        paper: the paper's number, or what it says.
        measure: how it is computed from the units of a result; see `enigma.reproduce.measures`.
        at_least, at_most: the range of agreement; None for no bound.
    """

    quantity: str
    paper: float | str
    measure: Mapping[str, Any]
    at_least: float | None = None
    at_most: float | None = None

    @property
    def wanted(self) -> str:
        """The range in words.

        >>> Criterion("", 1.0, {}, at_least=0.5, at_most=2.0).wanted, Criterion("", 1.0, {}, at_most=2.0).wanted
        ('0.5 to 2', 'at most 2')
        """
        if self.at_least is not None and self.at_most is not None:
            return f"{self.at_least:g} to {self.at_most:g}"
        return f"at least {self.at_least:g}" if self.at_least is not None else f"at most {self.at_most:g}"


@dataclass(frozen=True)
class Criteria:
    """The whole file.

    Attributes:
        written: the day.
        note: what was known that day.
        coverage, resamples: of the bootstrap.
        resampled: for each result, what is drawn anew.
        of: for each result, its criteria.
    """

    written: date
    note: str
    coverage: float
    resamples: int
    resampled: Mapping[str, str]
    of: Mapping[str, tuple[Criterion, ...]]


@cache
def criteria() -> Criteria:
    """What the file says."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    results = {name: value for name, value in told.items() if isinstance(value, dict)}
    # TOML tells whole numbers from others.
    for one in (one for value in results.values() for one in value["criteria"]):
        one["paper"] = float(one["paper"]) if isinstance(one["paper"], int) else one["paper"]
    return Criteria(
        told["written"], " ".join(told["note"].split()), told["coverage"], told["resamples"],
        {name: value["resampled"] for name, value in results.items()},
        {name: tuple(Criterion(**one) for one in value["criteria"]) for name, value in results.items()},
    )  # fmt: skip
