"""A layer-wise learning experiment as stored: what each layer's entropy, activations and information did, step by step.

Needs no torch; `enigma.jobs.layerwise` makes it.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Integer
from sklearn.linear_model import RidgeClassifier

from enigma.spec.assets import asset
from enigma.spec.errors import InputError

DIGITS = 5
"""Significant digits that are stored, more than any figure shows."""


@dataclass(frozen=True, eq=False)
class Layerwise:
    """Series of shape (steps + 1, layers), the first row before any update.

    Attributes:
        settings: what determines the experiment, by name.
        classes: names of the classes of the images.
        entropy: mean binary entropy of the units over images and units, in bits, 0 to 1.
        increment: the published quantity -(1/ln 2) Σ z ΔD, summed over images and units, in bits; 0 at step 0. It is
            one term of a sum that approximates the change of the summed entropy, not an entropy.
        cosine: between z and ΔD, over all images and units; 0 at step 0.
        norm: Frobenius norm of z over all images and units.
        spread: standard deviation of D over the images, averaged over the units: 0 when all images look the same.
        readout: accuracy, on held-out images, of a linear classifier fitted to D.
        readout_standardised: the same after each unit has been scaled to a standard deviation of 1.
        pixel_readout: accuracy of that linear classifier on the pixels themselves.
        outputs: mean output of each unit of the last layer for each class.
        commonest: share of the images whose largest output is the commonest one.
    """

    settings: dict[str, Any]
    classes: tuple[str, ...]
    entropy: Float[np.ndarray, "steps layers"]
    increment: Float[np.ndarray, "steps layers"]
    cosine: Float[np.ndarray, "steps layers"]
    norm: Float[np.ndarray, "steps layers"]
    spread: Float[np.ndarray, "steps layers"]
    readout: Float[np.ndarray, "steps layers"]
    readout_standardised: Float[np.ndarray, "steps layers"]
    pixel_readout: float
    outputs: Float[np.ndarray, "steps classes units"]
    commonest: Float[np.ndarray, " steps"]

    SERIES = ("entropy", "increment", "cosine", "norm", "spread", "readout", "readout_standardised")

    def to_json(self) -> str:
        """All of it, which `read` reads back to `DIGITS` significant digits and a browser reads directly."""
        return json.dumps({name: _plain(value) for name, value in asdict(self).items()}, separators=(",", ":")) + "\n"

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Layerwise":
        """A stored experiment.

        Raises:
            InputError: no such file, or not one of these.
        """
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            arrays = {name: np.array(stored[name], float) for name in (*cls.SERIES, "outputs", "commonest")}
            classes, settings = tuple(stored["classes"]), dict(stored["settings"])
            return cls(settings, classes, pixel_readout=float(stored["pixel_readout"]), **arrays)
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise InputError(
                f"Expected {path} to be a layer-wise experiment, but got: {error!r}. Make one with: "
                f"python -m enigma.jobs.layerwise {path}"
            ) from error

    def table(self) -> pd.DataFrame:
        """One row a step and layer, for export."""
        steps, layers = self.entropy.shape
        frame = pd.DataFrame(
            {"step": np.repeat(np.arange(steps), layers), "layer": np.tile(range(1, layers + 1), steps)}
        )
        return frame.assign(**{name: getattr(self, name).ravel() for name in self.SERIES})


def bundled() -> Layerwise:
    """The experiment that comes with the package."""
    return Layerwise.read(asset("layerwise", "fashion-mnist.json"))


def read_out(
    fitted: Float[np.ndarray, "images features"],
    fitted_labels: Integer[np.ndarray, " images"],
    tested: Float[np.ndarray, "others features"],
    tested_labels: Integer[np.ndarray, " others"],
    *,
    standardise: bool = False,
) -> float:
    """Accuracy on `tested` of a ridge classifier (penalty 1) fitted to `fitted`: what a linear layer could still tell.

    With `standardise` each feature is first scaled to a standard deviation of 1, which brings back differences far too
    small for the next layer to act on. A feature that never changes is left at 0.
    """
    if standardise:
        mean, deviation = fitted.mean(0), fitted.std(0)
        scale = np.where(deviation > 0, deviation, 1.0)
        fitted, tested = (fitted - mean) / scale, (tested - mean) / scale
    classifier = RidgeClassifier(alpha=1.0).fit(fitted, fitted_labels)
    return float((classifier.predict(tested) == tested_labels).mean())


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [_plain(row) for row in value] if value.ndim > 1 else [_rounded(number) for number in value.tolist()]
    return value


def _rounded(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")
