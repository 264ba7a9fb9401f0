"""Every kind of input that comes from elsewhere, read in this process as the commands and pages read it."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults import files, texts
from tests.faults.tally import Tally, each

KINDS = texts.KINDS | files.KINDS


def tallies(count: int, seed: int, names: tuple[str, ...] = ()) -> Iterator[Tally]:
    """Tries about `count` inputs of all kinds, or of those that are named."""
    kinds = {name: KINDS[name] for name in names or KINDS}
    share = count / sum(weight for _, _, weight in kinds.values())
    for name, (strategy, read, weight) in kinds.items():
        tally = Tally(f"input: {name}")

        each(strategy, max(1, round(share * weight)), seed, partial(_tried, tally, read))
        yield tally


def _tried(tally: Tally, read: Callable[[Any, Path], object], value: object) -> None:
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        tally.attempt(value, lambda: read(value, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
