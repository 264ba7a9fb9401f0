"""The calibrations that come with the bundled models, and the recorded runs that they need."""

from pathlib import Path

from enigma.analysis.estimators.calibration import Calibration
from enigma.spec.assets import asset
from enigma.spec.errors import InputError
from enigma.store.home import Home
from enigma.store.run_folder import Run

SCALED = "-scaled"


def second_of(run: Run, calibration: Calibration, home: Home) -> Run | None:
    """The run of the calibration's second model on the same images, where it has one and that is recorded."""
    if not calibration.second:
        return None
    return home.finished().get(run.spec.override(**calibration.second).to_json())


def bundled(model: str, *, scaled: bool = False) -> Calibration:
    """The calibration that comes with a bundled model.

    Args:
        scaled: the one with temperature scaling.

    Raises:
        InputError: there is none for this model.
    """
    known = all_bundled()
    if model not in known:
        names = [name for name in known if not name.endswith(SCALED)]
        raise InputError(
            f"Expected a calibration for {model!r}, but only {', '.join(names)} come with one; "
            "`enigma calibrate` makes one from labelled images."
        )
    return Calibration.read(known[model + SCALED if scaled else model])


def all_bundled() -> dict[str, Path]:
    """The files of the calibrations that come with bundled models, by the model's name; scaled ones end in `SCALED`."""
    return {path.stem: path for path in sorted(asset("calibrations").glob("*.safetensors"))}
