"""The recommended estimate taken apart: how likely the adapted model is right on each image, and on each class."""

import numpy as np
from jaxtyping import Float, Integer

from enigma.analysis.estimators import combined
from enigma.analysis.estimators.calibration import Calibration
from enigma.analysis.estimators.direct import transported
from enigma.analysis.estimators.measured import States
from enigma.analysis.estimators.outputs import temperature
from enigma.store.run_folder import Run


def of_images(run: Run, calibration: Calibration) -> Float[np.ndarray, " images"]:
    """How likely the prediction of the adapted model is right, in [0, 1], one value an image.

    (f(1 - c_i) + [1 - c_i > threshold]) / 2 with c_i the transport cost of image i and f the line of the calibration.
    Where no value of f is cut off at 0 or 1, the mean over the images is the combined estimate.
    """
    near, above = _transported(run, calibration)
    line = calibration.combinations["adapted"].fits[combined.FITTED]
    return np.array([(line(float(one)) + high) / 2 for one, high in zip(near, above, strict=True)])


def of_classes(run: Run, calibration: Calibration) -> dict[str, tuple[int, float]]:
    """Of each class that is predicted: how many images, and the combined estimate of how many are right among them."""
    near, above = _transported(run, calibration)
    predicted, combination = predictions(run), calibration.combinations["adapted"]
    found = {}
    for number, name in enumerate(run.facts["classes"]):
        own = predicted == number
        if own.any():
            scores = {combined.FITTED: float(near[own].mean()), combined.PUBLISHED: float(above[own].mean())}
            found[name] = int(own.sum()), float(np.clip(combination.raw(scores), 0, 1))
    return found


def predictions(run: Run) -> Integer[np.ndarray, " images"]:
    """The class of each image at the last step."""
    return States.of(run).adapted.predictions


def _transported(run: Run, calibration: Calibration) -> tuple[np.ndarray, np.ndarray]:
    test, clean = States.of(run).adapted, calibration.clean.adapted
    if calibration.is_scaled:
        chosen = temperature(clean)
        test, clean = test.at(chosen), clean.at(chosen)
    return transported(test, clean)
