"""What became of each fault, counted by kind."""

import traceback
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from enigma.spec.errors import EnigmaError

LONGEST = 500
"""Characters of a message: one that is longer is not read."""
_ROOT = Path(__file__).parents[2]


@dataclass
class Tally:
    """The faults of one kind.

    Attributes:
        succeeded: what ended well, or was harmless.
        named: what ended in a sentence.
        unclear: what ended in a message of more than 500 characters or more than a line.
        lost: runs of which something recorded was gone or changed, and nobody said so.
        tracebacks: what nobody caught.
        found: of each place in the code, and of each loss, the first fault that led there.
    """

    kind: str
    tried: int = 0
    succeeded: int = 0
    named: int = 0
    unclear: int = 0
    lost: int = 0
    tracebacks: int = 0
    found: dict[str, str] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        return not (self.unclear or self.lost or self.tracebacks)

    def attempt(self, what: object, action: Callable[[], object]) -> bool:
        """Does what may fail; whether it ended well. `what` tells the fault to whoever mends it."""
        self.tried += 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                action()
        except Lost as error:
            self.add_lost(what, str(error))
            return False
        except EnigmaError as error:
            self.told(what, str(error))
            return False
        except Exception as error:
            self.add_traceback(what, f"{type(error).__name__}: {error}", place_of(error))
            return False
        self.succeeded += 1
        return True

    def told(self, what: object, message: str) -> None:
        """Notes an error that has a name: whether its message is one sentence that somebody reads."""
        if message.strip() and "\n" not in message and len(message) <= LONGEST:
            self.named += 1
        else:
            self.unclear += 1
            self.found.setdefault(f"unclear: {message[:60]!r}, {len(message):,} characters", repr(what)[:LONGEST])

    def add_traceback(self, what: object, error: str, place: str) -> None:
        self.tracebacks += 1
        self.found.setdefault(f"traceback at {place}: {error[:200]}", repr(what)[:LONGEST])

    def add_lost(self, what: object, how: str) -> None:
        self.lost += 1
        self.found.setdefault(f"lost: {how[:200]}", repr(what)[:LONGEST])


class Lost(Exception):  # noqa: N818
    """Something that was recorded is gone or changed, and nobody said so."""


def place_of(error: BaseException) -> str:
    """The last line of this project that an error passed: 'enigma/store/home.py:31'."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(str(_ROOT / "enigma"))] or frames
    return f"{ours[-1].filename.removeprefix(f'{_ROOT}/')}:{ours[-1].lineno}" if ours else "nowhere"


def each(strategy: SearchStrategy[Any], count: int, seed: int, action: Callable[[Any], object]) -> None:
    """Calls `action` with so many examples, the same for the same seed; it must not raise."""

    @hypothesis.seed(seed)
    @settings(
        max_examples=count, database=None, deadline=None, derandomize=False, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def shown(value: Any) -> None:
        action(value)

    shown()


COUNTS = ("tried", "succeeded", "named", "unclear", "lost", "tracebacks")


def merged(one: Tally | None, other: Tally) -> Tally:
    """Both together."""
    if one is None:
        return other
    sums = {name: getattr(one, name) + getattr(other, name) for name in COUNTS}
    return Tally(other.kind, **sums, found=other.found | one.found)


def table(tallies: Iterable[Tally]) -> str:
    """Lines to print: a row a kind, then the sum of them, then what was found."""
    rows = list(tallies)
    total = reduce(merged, [Tally("all"), *(replace(row, kind="all") for row in rows)])
    heads = ("faults", "tried", "succeeded", "named errors", "unclear errors", "runs lost", "tracebacks")
    width = max(len(row.kind) for row in [*rows, total]) + 2
    lines = ["".join(f"{head:<{width}}" if head == "faults" else f"{head:>16}" for head in heads)]
    lines += [
        f"{row.kind:<{width}}" + "".join(f"{getattr(row, name):>16,}" for name in COUNTS) for row in [*rows, total]
    ]
    for row in rows:
        lines += [f"\n{row.kind}: {how}\n    {what}" for how, what in row.found.items()]
    return "\n".join(lines)
