"""The metrics of recorded frames: measured once, kept beside the run, measured again when their code has changed."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from enigma.analysis.metrics.observed import Setting, observed, setting
from enigma.analysis.metrics.registry import METRICS, tracked
from enigma.store import derived
from enigma.store.json_file import parse_object
from enigma.store.run_folder import Run, frame_name

_VERSION = 1
"""Of the file; each metric in it has a version of its own."""
_BESIDE = ("probe.safetensors", "reference.safetensors")


def frame_metrics(run: Run, step: int, names: Iterable[str] | None = None) -> dict[str, float]:
    """The metrics of the frame at `step` by name; NaN where labels, predictions or reference images are missing.

    Of a run with unknown images they are those of the known ones, but for the entropy of the mean prediction.

    Args:
        names: keys of `METRICS`; those that are tracked by default.
    """
    return _Measuring(run).metrics(step, tuple(names or tracked()))


def run_metrics(
    run: Run,
    names: Iterable[str] | None = None,
    done: Callable[[int, int], None] = lambda frame, frames: None,
) -> dict[str, Float[np.ndarray, " frames"]]:
    """The metrics of every frame by name, one value a frame; as `frame_metrics`.

    Args:
        done: told how many frames of how many have been measured.
    """
    wanted, measuring, steps = tuple(names or tracked()), _Measuring(run), run.frame_steps
    found = []
    for index, step in enumerate(steps):
        found.append(measuring.metrics(step, wanted))
        done(index + 1, len(steps))
    return {name: np.array([values[name] for values in found], np.float64) for name in wanted}


@dataclass(frozen=True)
class _Measuring:
    """One look at a run: what its frames share is read at most once, and not at all where all numbers are kept."""

    run: Run

    def metrics(self, step: int, names: tuple[str, ...]) -> dict[str, float]:
        """The numbers of one frame: those that are kept, and the others measured and kept."""
        file = f"metrics/{step:06d}.json"
        of = derived.digest(self.run, frame_name(step), known=self._shared)
        stored = _stored(self.run, file, of)
        missing = [name for name in names if name not in stored]
        if missing:
            seen = observed(self.run, step, self._setting)
            stored |= {name: METRICS[name].of(seen) for name in missing}
            values = {name: [METRICS[name].version, _or_none(value)] for name, value in stored.items()}
            derived.keep_json(self.run, file, values, of=of, version=_VERSION)
        return {name: stored[name] for name in names}

    @cached_property
    def _setting(self) -> Setting:
        return setting(self.run)

    @cached_property
    def _shared(self) -> dict[str, str]:
        """The digests of what the numbers of every frame depend on."""
        return {name: self.run.digest(name) for name in (frame_name(self.run.frame_steps[0]), *_BESIDE)}


def _stored(run: Run, file: str, of: str) -> dict[str, float]:
    """The numbers that were kept, of those metrics that are still measured in the same way."""
    kept: Any = derived.read_json(run, file, of=of, version=_VERSION)
    if not isinstance(kept, dict):
        kept = _of_schema_1(run, file)
    found = {}
    for name, pair in kept.items():
        match pair:
            case [int(version), None | int() | float() as value] if _version(name) == version:
                found[name] = math.nan if value is None else float(value)
    return found


def _version(name: str) -> int | None:
    return METRICS[name].version if name in METRICS else None


def _of_schema_1(run: Run, file: str) -> dict[str, Any]:
    """The numbers that version 0.1.0 sealed with a run, which are those of version 1 of each metric."""
    content = derived.sealed_in_schema_1(run, file)
    return {name: [1, value] for name, value in parse_object(content, file).items()} if content else {}


def _or_none(value: float) -> float | None:
    """JSON has no NaN."""
    return value if math.isfinite(value) else None
