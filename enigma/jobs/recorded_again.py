"""Whether a run can be reproduced: recorded again, how far is each array from what was stored?"""

import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from enigma.recording.listeners import Listeners
from enigma.recording.loop import record
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.run_folder import Arrays, Run, frame_name
from enigma.store.scalars import NAME as SCALARS

_ONCE = ("reference.safetensors", "probe.safetensors")


@dataclasses.dataclass(frozen=True)
class Difference:
    """How far one array is from its like, over all frames.

    Attributes:
        array: its name, with the file it lies in.
        entries: how many numbers it has.
        differing: how many of them are not the same bits.
        largest: the largest absolute difference, in the unit of the array; NaN where only one of both is a number.
        scale: the largest absolute value that was stored, to compare that with.
        step: where the largest difference is; None for what does not change.
    """

    array: str
    entries: int
    differing: int
    largest: float
    scale: float
    step: int | None


@dataclasses.dataclass(frozen=True)
class RecordedAgain:
    """The comparison of a run with the same spec, recorded now.

    Attributes:
        frames: how many were compared.
        threads: of torch, with which it was recorded now.
        stored_threads: with which it was recorded first; 0 where that was not noted.
        differences: one for each array.
    """

    frames: int
    threads: int
    stored_threads: int
    differences: tuple[Difference, ...]

    @property
    def is_identical(self) -> bool:
        """Whether all bits of all arrays are the same."""
        return not any(difference.differing for difference in self.differences)


def record_again(run: Run, home: Home, threads: int | None = None, listeners: Listeners | None = None) -> RecordedAgain:
    """Records the run once more in a folder that is thrown away, up to its last frame, and compares every array.

    Args:
        run: one that is whole, on images and a model that are still there.
        home: whose prepared images are used.
        threads: of torch, on which the last bits depend; None for as many as it was recorded with.
        listeners: told of the progress.

    Raises:
        InputError: the model or the images are not those that the run was recorded with, or cannot be read.
    """
    if not run.frame_steps:
        raise InputError(f"Expected a run with at least one frame, but {run.id} has none.")
    stored = int(run.facts["hardware"].get("threads") or 0)
    # Beside the runs, where there is room for one more, and under a name that is swept after a kill; a bundled run's
    # folder may be read-only.
    home.runs.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".again.", suffix=".tmp", dir=home.runs) as folder:
        again = record(_as_far(run), Path(folder), home.cache, listeners, threads=threads or stored)
        _check_inputs(run, again)
        found = tuple(_differences(run, again))
        return RecordedAgain(len(run.frame_steps), again.facts["hardware"]["threads"], stored, found)


def _as_far(run: Run) -> RunSpec:
    """The spec, with the frames that there are: a run that was stopped, or went on, has others than planned."""
    spec, steps = run.spec, run.frame_steps
    return spec if steps == spec.frame_steps else spec.override(steps=steps[-1], frames=steps)


def _check_inputs(run: Run, again: Run) -> None:
    for name, digest in run.facts["digests"].items():
        if again.facts["digests"].get(name) != digest:
            what = "the model" if name == "model" else f"the {name} images"
            raise InputError(
                f"Expected {what} that run {run.id} was recorded with, but what lies there now is another; "
                "put the files of then back."
            )


def _difference(array: str, triples: Sequence[tuple[int | None, np.ndarray, np.ndarray]]) -> Difference:
    entries = differing = 0
    largest, scale, where = 0.0, 0.0, None
    for step, stored, found in triples:
        if stored.shape != found.shape:
            raise InputError(
                f"Expected {array} of {stored.shape} numbers again, but got {found.shape}; another version recorded it."
            )
        # Two NaN are the same: neither is a number.
        differs = (stored != found) & ~((stored != stored) & (found != found))
        entries, differing = entries + stored.size, differing + int(differs.sum())
        first, second = stored.astype(np.float64), found.astype(np.float64)
        scale = float(max(scale, np.nanmax(np.abs(first), initial=0.0)))
        away = float(np.abs(first - second)[differs].max(initial=0.0))
        # NaN beside a number is farther than any number.
        if away > largest or (np.isnan(away) and not np.isnan(largest)):
            largest, where = away, step
    return Difference(array, entries, differing, largest, scale, where)


def _differences(run: Run, again: Run) -> Iterator[Difference]:
    for name in _ONCE:
        yield from _compared(Path(name).stem, [(None, run.read_arrays(name), again.read_arrays(name))])
    pairs = [(step, run.frame(step), again.read_arrays(frame_name(step))) for step in run.frame_steps]
    yield from _compared("frames", pairs)
    last = run.frame_steps[-1]
    first, second = ({name: rows[:last] for name, rows in each.scalars().items()} for each in (run, again))
    yield from _compared(Path(SCALARS).stem, [(None, first, second)])


def _compared(file: str, pairs: Sequence[tuple[int | None, Arrays, Arrays]]) -> Iterator[Difference]:
    """One difference for each array that both have; older runs lack some of today's."""
    shared = [name for name in pairs[0][1] if all(name in first and name in second for _, first, second in pairs)]
    for name in shared:
        yield _difference(f"{file}/{name}", [(step, first[name], second[name]) for step, first, second in pairs])
