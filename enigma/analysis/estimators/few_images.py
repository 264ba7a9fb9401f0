"""How the recommended estimate errs on fewer images than were calibrated on: by more, and to one side.

Transport to labels in the shares of the calibration costs more the fewer images there are, because theirs are other
shares by chance: of 120 images the estimate is several points too low. Both are measured, on draws from the splits of
the calibration, each by a fit to the other corruptions. What is found holds the draw of the images.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Integer

from enigma.analysis.estimators.combined import FEWEST, SCORES, without
from enigma.analysis.estimators.conformal import by_corruption, half_width
from enigma.analysis.estimators.direct import DIRECT
from enigma.analysis.estimators.measured import States, Target
from enigma.analysis.estimators.outputs import temperature

SIZES = (16, 32, 64, 128, 256, 512)
"""Numbers of images that are measured; between them lines are drawn over 1 / sqrt(images)."""
DRAWS = 5

Errors = Float[np.ndarray, "splits _"]
BySize = Mapping[int, Errors]
"""For each number of images, that of the calibration among them, estimate less truth of each split and draw."""


def draws(total: int) -> dict[int, list[Integer[np.ndarray, " images"]]]:
    """Which images of a split are looked at, for each size below its own; the same of every split and accuracy.

    >>> {size: len(each) for size, each in draws(40).items()}
    {16: 5, 32: 5}
    """
    return {
        size: [np.random.default_rng((size, draw)).permutation(total)[:size] for draw in range(DRAWS)]
        for size in SIZES
        if size < total
    }


def errors_by_size(
    splits: Sequence[States],
    clean: States,
    target: Target,
    columns: Mapping[str, Float[np.ndarray, " splits"]],
    accuracies: Float[np.ndarray, " splits"],
    groups: Sequence[str],
    *,
    scaled: bool,
) -> dict[int, Errors]:
    """Of the recommended estimate of one accuracy on some of the images of each split, never fitted on its corruption.

    Args:
        columns, accuracies: scores and truth of each split with all of its images.
        scaled: as in `measured`.
    """
    names, calibration = np.array(groups), clean.of_target(target)
    chosen = temperature(calibration) if scaled else 1.0
    calibration, found = calibration.at(chosen), {}
    for size, drawn in draws(len(calibration.logits)).items():
        errors = np.full((len(splits), len(drawn)), np.nan)
        for split, states in enumerate(splits):
            others = names != names[split]
            if others.sum() < FEWEST:
                continue
            lines, outputs = without(columns, accuracies, others), states.of_target(target).at(chosen)
            for draw, images in enumerate(drawn):
                part = outputs.part(images)
                said = lines.raw({name: DIRECT[name](part, calibration) for name in SCORES})
                errors[split, draw] = said - part.accuracy
        found[size] = errors
    return found


def bias(errors: BySize, groups: Sequence[str], images: int) -> float:
    """By how much the estimate of so many images is too high in the mean, beyond what it is of all images."""
    means = {size: _mean(each, groups) for size, each in errors.items()}
    found = _between(means, images) - means[max(means)]
    return found if math.isfinite(found) else 0.0


def width(errors: BySize, groups: Sequence[str], images: int, level: float) -> float:
    """Half the interval about an estimate of so many images, less its bias; NaN for too few corruptions."""
    all_images = _mean(errors[max(errors)], groups)
    widths = {
        size: half_width(by_corruption(each - (_mean(each, groups) - all_images), groups), level)
        for size, each in errors.items()
    }
    return _between(widths, images)


def _mean(errors: Errors, groups: Sequence[str]) -> float:
    """Each corruption counts once."""
    known = by_corruption(errors, groups)
    return float(np.mean([each.mean() for each in known])) if known else math.nan


def _between(values: Mapping[int, float], images: int) -> float:
    sizes = sorted(values, reverse=True)
    places = [1 / math.sqrt(size) for size in sizes]
    return float(np.interp(1 / math.sqrt(images), places, [values[size] for size in sizes]))
