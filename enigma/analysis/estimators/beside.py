"""Accuracy of a run without its labels, given a run of the same network on clean labelled images and nothing else.

A calibration fits estimators to many labelled splits, which our own recordings make. Of a loop that is somebody else's
there may be just one labelled run: the estimators that need no fit are calibrated on its first frame.
"""

import math

import pandas as pd

from enigma.analysis.estimators import direct
from enigma.analysis.estimators.measured import TARGETS, States
from enigma.spec.errors import InputError
from enigma.store.run_folder import Run

COLUMNS = ("target", "meaning", "estimator", "accuracy", "true_accuracy")


def estimated_beside(run: Run, clean: Run) -> pd.DataFrame:
    """One row a model whose accuracy is asked for and an estimator; the true one beside it where labels are known.

    Args:
        run: whose accuracy is asked for; its labels are not looked at.
        clean: of the same classes, on images like those that the network was trained on, with labels; each of its
            models calibrates the same one of `run`.

    Raises:
        InputError: the classes differ, nobody knows the labels of `clean`, or one of the runs holds no logits.
    """
    if run.facts["classes"] != clean.facts["classes"]:
        raise InputError(
            f"Expected two runs of the same classes, but {run.id} and {clean.id} differ; choose another clean run."
        )
    test, calibration = States.of(run), States.of(clean)
    if not math.isfinite(calibration.frame0.accuracy):
        raise InputError(f"Expected a clean run with labels, but {clean.id} has none; log it with probe_labels.")
    rows = [
        (
            target,
            meaning,
            name,
            found(test.of_target(target), calibration.of_target(target)),
            test.of_target(target).accuracy,
        )
        for target, meaning in TARGETS.items()
        for name, found in direct.DIRECT.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
