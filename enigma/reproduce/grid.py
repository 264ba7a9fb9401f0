"""The runs that the reproductions share: Tent on clean images and on every corruption at severities 1, 3 and 5."""

from collections.abc import Sequence

from enigma.jobs.calibrating import HELD_OUT, shifted
from enigma.spec.catalogue import BY_NORMALISATION, CORRUPTIONS
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.run_folder import Run

STEPS = 200
FRAMES = (0, 4, 8, 12, 18, 25, 35, 50, 70, 90, 115, 140, 170, STEPS)
SHIFTS = (*HELD_OUT, *(name for name in CORRUPTIONS if name not in (*HELD_OUT, "none")))

CLEAN = RunSpec.parse(
    {
        "model": "resnet-bn", "corruption": "none", "severity": 1, "method": "tent", "optimizer": "adam", "lr": 1e-3,
        "batch_size": 32, "steps": STEPS, "frames": FRAMES, "probes": 1000, "references": 100, "seed": 0,
        "device": "cpu",
    }
)  # fmt: skip
"""Fixed to the processor, so that everyone gets the same numbers."""

_VARIED = ("model", "corruption", "severity", "seed", "frames")


def grid(clean: RunSpec) -> list[RunSpec]:
    """The clean images and every corruption at every severity, those that f is fitted on first."""
    return [clean, *corruptions(clean)]


def corruptions(clean: RunSpec) -> list[RunSpec]:
    """Every corruption at every severity."""
    return shifted(clean, SHIFTS)


def fitting(clean: RunSpec) -> list[RunSpec]:
    """The runs that f is fitted on: clean images and the held-out corruptions."""
    return [clean, *shifted(clean, HELD_OUT)]


def models(clean: RunSpec) -> list[RunSpec]:
    """The grid of every bundled model that differs in its normalisation."""
    return [spec for model in BY_NORMALISATION for spec in grid(clean.override(model=model))]


def is_of_grid(spec: RunSpec) -> bool:
    """Whether a run is one of the grid's, of whatever model, seed and frames.

    >>> is_of_grid(CLEAN.override(corruption="fog", seed=2)), is_of_grid(CLEAN.override(lr=0.1))
    (True, False)
    """
    return _fixed(spec) == _fixed(CLEAN)


def _fixed(spec: RunSpec) -> dict[str, object]:
    return {name: value for name, value in spec.to_dict().items() if name not in _VARIED}


def parted(runs: Sequence[Run], least: int = 4) -> tuple[list[Run], list[Run]]:
    """The runs to fit on and those to judge by: nothing is ever fitted on what is judged.

    Raises:
        InputError: fewer than `least` to fit on, or none to judge by.
    """
    fit = [run for run in runs if run.spec.corruption in (*HELD_OUT, "none")]
    others = [run for run in runs if run.spec.corruption not in (*HELD_OUT, "none")]
    if len(fit) < least or not others:
        raise InputError(
            f"Expected at least {least} recorded splits to fit on and one to judge by, but got {len(fit)} and "
            f"{len(others)}; record them by leaving out --only-recorded."
        )
    return fit, others


def corrupted(runs: Sequence[Run], least: int = 3) -> list[Run]:
    """The runs that are not of clean images.

    Raises:
        InputError: there are fewer than `least`.
    """
    found = [run for run in runs if run.spec.corruption != "none"]
    if len(found) < least:
        raise InputError(
            f"Expected at least {least} recorded runs of corrupted images, but got {len(found)}; record them by "
            "leaving out --only-recorded."
        )
    return found
