"""Questions to runs: compare them, estimate their accuracy, calibrate what estimates it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from enigma.analysis.estimators.calibration import Calibration
from enigma.analysis.estimators.report import table
from enigma.api.comparison import Comparison
from enigma.api.given import HomeLike, SpecLike, home_of, spec_of
from enigma.api.opened import OpenedRun
from enigma.jobs import calibrating, sweep
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.run_folder import Run


def compare(*runs: OpenedRun | str, fold: bool = False, home: HomeLike = None) -> Comparison:
    """Runs side by side: who is best, what differs, and the curves in one figure.

    Args:
        runs: opened runs, or their ids; a run that is named twice counts once.
        fold: whether runs that differ in nothing but the seed become mean and deviation.
        home: where ids are looked up.

    Raises:
        InputError: no run is given, or one has no frame yet.
        RunNotFoundError: there is no run of an id.
    """
    if not runs:
        raise InputError("Expected at least one run to compare, but got none.")
    found: dict[Path, Run] = {}
    for run in runs:
        one = home_of(home).find(run) if isinstance(run, str) else Run(run.path)
        one.verify()
        found.setdefault(one.path, one)
    return Comparison(list(found.values()), fold=fold)


def estimate(
    run: OpenedRun | str | None = None,
    *,
    calibration: str | Path | None = None,
    temperature_scaling: bool = False,
    home: HomeLike = None,
    **fields: Any,
) -> pd.DataFrame:
    """Accuracy on images without labels: the source model's, frame 0's, and the adapted model's at the last frame.

        enigma.estimate(dataset="photos/")
        enigma.estimate(run, calibration="resnet.safetensors")

    Args:
        run: a recorded run, or its id; None records a new one as the calibration was recorded.
        calibration: a file that `calibrate` wrote; None for that of the bundled model.
        temperature_scaling: with a bundled calibration, that with temperature scaling.
        home: where runs are kept.
        fields: of `RunSpec`, for a new run.

    Returns:
        One row an accuracy asked for and an estimator, as `OpenedRun.estimate` gives them; `attrs["run"]` is the id.

    Raises:
        InputError: the run does not fit the calibration, or cannot be recorded.
    """
    place = home_of(home)
    known = None if run is None else place.find(run) if isinstance(run, str) else Run(run.path)
    path = None if calibration is None else Path(calibration)
    judged, _, rows = calibrating.estimated(place, known, fields, path, scaled=temperature_scaling)
    found = table(rows, calibrating.true_accuracies(judged))
    found.attrs["run"] = judged.id
    return found


def calibrate(
    spec: SpecLike = None,
    *,
    corruptions: Sequence[str] = calibrating.HELD_OUT,
    severities: Sequence[int] = calibrating.SEVERITIES,
    monotone: bool = True,
    temperature_scaling: bool = False,
    second_model: str | None = None,
    second_weights: str | None = None,
    workers: int | None = None,
    home: HomeLike = None,
    on_run: Callable[[sweep.Outcome], None] = lambda outcome: None,
    **fields: Any,
) -> Calibration:
    """The accuracy estimators of a model, fitted on labelled images; `save(path)` keeps what is returned.

    Records a run on the clean images and one for each corruption and severity; what is recorded is opened.

    Args:
        spec: what the runs share; None for Tent with batches of 32, 200 steps and a learning rate of 0.001.
        corruptions: the shifts to fit on.
        severities: of each, 1 to 5.
        monotone: a fitted polynomial may not turn round.
        temperature_scaling: divide all logits by the temperature that suits the clean images.
        second_model: a model trained apart, for the agreement of the two.
        second_weights: its weights, where they are a file.
        workers: processes at a time; None for as many as the cores have room for.
        home: where runs are kept.
        on_run: told of each run as it ends.
        fields: of `RunSpec`, which change the spec.

    Raises:
        InputError: one of the runs failed, or its images have no labels.
    """
    if second_weights and not second_model:
        raise InputError("Expected `second_weights` with `second_model`, the architecture they belong to.")
    base = spec_of(spec, {**fields, "frames": 2}, RunSpec().override(**calibrating.DEFAULTS))
    wanted = calibrating.splits(base, corruptions, severities)
    second = {"model": second_model, "weights": second_weights} if second_model else None
    total = len(wanted) * (2 if second else 1)
    with sweep.processes(workers, jobs=total) as executor:
        return calibrating.calibrated(
            wanted, home_of(home), executor, on_run, monotone=monotone, scaled=temperature_scaling, second=second
        )
