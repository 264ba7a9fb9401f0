"""The calibrations that come with the bundled models, and the recorded runs that they need."""

import contextlib
from pathlib import Path

from enigma.analysis.estimators.calibration import Calibration
from enigma.spec.assets import asset
from enigma.spec.errors import InputError
from enigma.store.home import Home
from enigma.store.run_folder import Run

SCALED = "-scaled"
DEFAULT_RUN = "-default-run"
"""Ends the name of a calibration with the settings that a run has where none are given."""


def second_of(run: Run, calibration: Calibration, home: Home) -> Run | None:
    """The run of the calibration's second model on the same images, where it has one and that is recorded."""
    if not calibration.second:
        return None
    return home.finished().get(run.spec.override(**calibration.second).to_json())


def bundled(model: str, *, scaled: bool = False, run: Run | None = None) -> Calibration:
    """The calibration that comes with a bundled model.

    Args:
        scaled: the one with temperature scaling.
        run: which it is for; there may be one with the settings of the default run beside the usual one.

    Raises:
        InputError: there is none for this model.
    """
    known = all_bundled()
    if model not in known:
        names = [name for name in known if not name.endswith((SCALED, DEFAULT_RUN))]
        raise InputError(
            f"Expected a calibration for {model!r}, but only {', '.join(names)} come with one; "
            "`enigma calibrate` makes one from labelled images."
        )
    if run is not None and not scaled and model + DEFAULT_RUN in known:
        other = Calibration.read(known[model + DEFAULT_RUN])
        with contextlib.suppress(InputError):
            other.check(run)
            return other
    return Calibration.read(known[model + SCALED if scaled else model])


def all_bundled() -> dict[str, Path]:
    """The files of the calibrations that come with bundled models, by the model's name; others of it end otherwise."""
    return {path.stem: path for path in sorted(asset("calibrations").glob("*.safetensors"))}
