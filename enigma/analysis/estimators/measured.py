"""Everything that can be said of one run's accuracy before a regression, for each of the three accuracies.

'Accuracy' is three numbers that differ widely under batch statistics, so every estimate says which one it is of:
the source model's with its stored statistics, frame 0's, or the adapted model's at its last frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Integer

from enigma.analysis.estimators import direct
from enigma.analysis.estimators.outputs import Outputs, frame_outputs, source_outputs, temperature
from enigma.analysis.estimators.scores import SCORES
from enigma.analysis.estimators.weighted_flips import IMAGES, flips
from enigma.spec.errors import InputError
from enigma.store.run_folder import Run

AGREEMENT = "agreement of two models"

Target = Literal["source", "frame 0", "adapted"]
TARGETS: Mapping[Target, str] = {
    "source": "the source model with its stored statistics",
    "frame 0": "the model as the method sets it up, before its first update",
    "adapted": "the adapted model at the last frame",
}


@dataclass(frozen=True)
class States:
    """The outputs of the three models whose accuracy may be asked for, on the same images.

    Attributes:
        second: those of another network, recorded in the same way; None where there is none.
    """

    source: Outputs
    frame0: Outputs
    adapted: Outputs
    second: "States | None" = None

    @classmethod
    def of(cls, run: Run, second: Run | None = None) -> "States":
        """From the probe of a run, and of a run of a second model on the same images.

        Raises:
            InputError: the two models have other classes.
        """
        if second is not None and second.facts["classes"] != run.facts["classes"]:
            raise InputError(
                f"Expected two models of the same classes, but {run.spec.model} and {second.spec.model} differ; "
                "choose another second model."
            )
        steps = run.frame_steps
        states = source_outputs(run), frame_outputs(run, steps[0]), frame_outputs(run, steps[-1])
        return cls(*states, second=None if second is None else cls.of(second))

    def part(self, images: Integer[np.ndarray, " chosen"]) -> "States":
        """Some of the images, without what was measured of all of them at once and without a second model."""
        return States(self.source.part(images), self.frame0.part(images), self.adapted.part(images))

    def of_target(self, target: Target) -> Outputs:
        return {"source": self.source, "frame 0": self.frame0, "adapted": self.adapted}[target]


def measured(test: States, clean: States, target: Target, *, scaled: bool = False) -> dict[str, float]:
    """The estimates and scores of all estimators, by name; agreement only where `test` has a second model.

    Args:
        test: outputs on the images in question; their labels are not looked at.
        clean: outputs of the same models on clean labelled images.
        target: whose accuracy is asked for.
        scaled: divide all logits by the temperature that suits the clean images.
    """
    outputs, calibration = test.of_target(target), clean.of_target(target)
    if scaled:
        chosen = temperature(calibration)
        outputs, calibration = outputs.at(chosen), calibration.at(chosen)
    found = {name: estimator(outputs, calibration) for name, estimator in direct.DIRECT.items()}
    if outputs.dropout is not None:
        found["AETTA"] = direct.aetta(outputs, calibration)
    if test.second is not None:
        found[AGREEMENT] = direct.agreement(outputs.predictions, test.second.of_target(target).predictions)
    found |= {name: score(outputs) for name, score in SCORES.items()}
    return found | flip_scores(test)


def flip_scores(test: States) -> dict[str, float]:
    """Flips of 1,000 images between frame 0 and the last, as the paper's code counts them, whatever the number here."""
    before, after = test.frame0, test.adapted
    scale = IMAGES / len(before.logits)
    given = (before.predictions, after.predictions, before.confidences)
    return {
        "weighted flips": scale * flips(*given),
        "label flips": scale * flips(*given, weighted=False),
    }


def accuracies(states: States) -> dict[Target, float]:
    """The true ones, where the labels are known."""
    return {target: states.of_target(target).accuracy for target in TARGETS}
