"""Who is told what while a run is recorded."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

from enigma.store.run_folder import Run


@dataclass(frozen=True)
class Progress:
    """What is known after a step: for a progress bar."""

    step: int
    entropy: float
    accuracy: float


@dataclass
class Listeners:
    """Who is told what while a run goes on; by default nobody."""

    corrupting: Callable[[int, int], None] = lambda done, total: None
    started: Callable[[Run], None] = lambda run: None
    stepped: Callable[[Progress], None] = lambda progress: None
    framed: Callable[[Run, int], None] = lambda run, step: None
    # What was damaged must not go unsaid.
    repaired: Callable[[str], None] = warnings.warn
