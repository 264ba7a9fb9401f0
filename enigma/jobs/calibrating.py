"""Accuracy without labels from beginning to end: record labelled splits, fit, record the images in question."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from enigma.analysis.estimators.bundled import bundled
from enigma.analysis.estimators.calibration import SAME, Calibration, calibrate
from enigma.analysis.estimators.estimate import Estimate, estimates
from enigma.analysis.estimators.measured import States, Target, accuracies
from enigma.jobs import sweep
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from enigma.store.run_folder import Run

HELD_OUT = ("speckle_noise", "gaussian_blur", "spatter", "saturate")
"""The corruptions that ImageNet-C keeps apart for choosing settings; the paper fits its f on them and clean images."""
SEVERITIES = (1, 3, 5)
# Enough updates for predictions to flip, few enough to be worth it.
DEFAULTS = {"method": "tent", "optimizer": "adam", "lr": 1e-3, "batch_size": 32, "steps": 200, "references": 100}


def splits(
    spec: RunSpec, corruptions: Sequence[str] = HELD_OUT, severities: Sequence[int] = SEVERITIES
) -> list[RunSpec]:
    """The runs a calibration is fitted on: clean images, and each corruption at each severity."""
    clean = spec.override(corruption="none", severity=1, frames=(0, spec.steps))
    return [clean, *shifted(clean, corruptions, severities)]


def shifted(clean: RunSpec, corruptions: Sequence[str], severities: Sequence[int] = SEVERITIES) -> list[RunSpec]:
    """The run of `clean` under each corruption at each severity."""
    return [clean.override(corruption=name, severity=severity) for name in corruptions for severity in severities]


def calibrated(
    specs: Sequence[RunSpec],
    home: Home,
    executor: Executor,
    done: Callable[[sweep.Outcome], None],
    *,
    monotone: bool,
    scaled: bool = False,
    second: Mapping[str, Any] | None = None,
) -> Calibration:
    """Records what is missing of `specs` and fits every estimator on them.

    Args:
        second: fields of `specs` that make them runs of a second model, for the agreement of the two.

    Raises:
        InputError: one of the runs failed, or their images have no labels.
    """
    again = [spec.override(**second) for spec in specs] if second else []
    outcomes = sweep.sweep([*specs, *again], home, executor, project=False, done=done)
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    if failed:
        raise InputError(
            f"Expected every calibration run to finish, but {len(failed)} failed, the first because: "
            f"{failed[0].message}"
        )
    runs = [home.find(outcome.run_id) for outcome in outcomes]
    return calibrate(runs[: len(specs)], runs[len(specs) :], monotone=monotone, scaled=scaled)


def spec_for(calibration: Calibration, given: dict[str, Any]) -> RunSpec:
    """The run on the images in question: `given`, and for the rest what the calibration was recorded with."""
    told = calibration.provenance["spec"]
    shared = {name: told[name] for name in (*SAME, "device", "references") if name in told}
    return RunSpec.parse({**shared, "frames": [0, told["steps"]], "probes": told["probes"], **given})


def recorded(spec: RunSpec, home: Home) -> Run:
    """The run of a spec, recorded now if it is not there.

    Raises:
        InputError: it cannot be recorded; the message says why.
    """
    outcome = sweep.record(spec, home, project=False)
    if outcome.state == "failed":
        raise InputError(outcome.message)
    return home.find(outcome.run_id)


def estimated(
    home: Home, run: Run | None, given: Mapping[str, Any], calibration: Path | None = None, *, scaled: bool = False
) -> tuple[Run, Calibration, list[Estimate]]:
    """The accuracy of a run, or of one recorded now, without its labels.

    Args:
        home: where it is recorded, and the run of the calibration's second model on the same images.
        run: one that is recorded; None for a new one.
        given: fields of a new run; the rest is what the calibration was recorded with.
        calibration: what `Calibration.save` wrote; None for that of the bundled model which suits the run.
        scaled: with a bundled calibration, that with temperature scaling.

    Returns:
        The run, what it was calibrated on, and every estimate of each of the three accuracies.

    Raises:
        InputError: the choices contradict each other, or the run does not fit the calibration.
    """
    if run is not None and given:
        raise InputError(f"Expected a run or what a new one is made of, but got run {run.id} and {', '.join(given)}.")
    if calibration and scaled:
        raise InputError("Expected temperature scaling without a calibration of your own: calibrate with it instead.")
    model = run.spec.model if run else given.get("model", RunSpec().model)
    found = Calibration.read(calibration) if calibration else bundled(model, scaled=scaled, run=run)
    judged = run or recorded(spec_for(found, dict(given)), home)
    second = recorded(judged.spec.override(**found.second), home) if found.second else None
    return judged, found, estimates(judged, found, second)


def true_accuracies(run: Run) -> Mapping[Target, float]:
    """What the estimates of a run are judged by, where its labels are known; NaN where not."""
    return accuracies(States.of(run))
