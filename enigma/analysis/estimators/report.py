"""What a person is told of estimates: the one to read first, how each is made, and what they are calibrated on."""

import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from enigma.analysis.estimators import combined, direct
from enigma.analysis.estimators.calibration import FITTED, Calibration
from enigma.analysis.estimators.combined import COMBINED
from enigma.analysis.estimators.conformal import CLEAN
from enigma.analysis.estimators.estimate import Estimate, rank
from enigma.analysis.estimators.measured import AGREEMENT, TARGETS, Target
from enigma.analysis.estimators.scores import SCORES
from enigma.analysis.estimators.weighted_flips import flips
from enigma.spec.errors import EnigmaError, InputError
from enigma.spec.run_spec import RunSpec
from enigma.spec.shares import percent
from enigma.spec.titles import method_title
from enigma.store.run_folder import Run

FEWEST = 10
"""Images that a run needs at least, whatever its batches."""


@dataclass(frozen=True)
class Explanation:
    """One sentence on an estimator, and the paper it comes from; either may be empty."""

    summary: str
    source: str


def first(rows: Sequence[Estimate], target: Target) -> Estimate:
    """The estimate to read first: the recommended one; else of least error inside its range, or of all if none is."""
    return min((row for row in rows if row.target == target), key=rank)


def dissent(rows: Sequence[Estimate], target: Target, others: int = 4) -> tuple[int, int]:
    """Of the next best estimators inside their range, at most `others`, how many lie outside the first one's interval.

    Returns:
        How many lie outside, and how many were asked; none where the first has no interval.
    """
    best = first(rows, target)
    own = [row for row in rows if row.target == target and row is not best and not row.warning]
    asked = sorted(own, key=lambda row: row.error)[:others] if math.isfinite(best.low) else []
    return sum(not best.low <= row.accuracy <= best.high for row in asked), len(asked)


def extrapolating(rows: Sequence[Estimate]) -> str:
    """One sentence on those outside the range of their calibration; empty where all are inside."""
    outside = sum(bool(row.warning) for row in rows)
    if not outside:
        return ""
    are = "1 estimate is" if outside == 1 else f"{outside} estimates are"
    return f"{are} extrapolated, outside the range of the calibration: not to be trusted, and ranked last."


def intervals(calibration: Calibration, images: int) -> str:
    """How the intervals of an estimate on so many images were made, and that their level is nominal."""
    if not calibration.errors:
        text = (
            "This calibration was made before errors were kept split by split, so its intervals are wide: "
            "Student's, with a degree of freedom a corruption; the change has none. `enigma calibrate` makes it anew."
        )
    else:
        splits, corruptions = len(calibration.provenance["splits"]), len(set(calibration.corruptions) - {CLEAN})
        text = (
            f"Intervals are conformal: as wide as the errors on {splits - 1} labelled splits of {corruptions} "
            "corruptions, each estimated by a fit to the others; a corruption counts once, whatever its severities. So "
            f"many promise levels up to {percent(corruptions / (corruptions + 1), 0)}; beyond, errors are taken to be "
            "normal. How often intervals held the truth on other corruptions is among the results on the site."
        )
    if images < calibration.provenance["images"]:
        text += f" They include the draw of only {images:,} images."
    return text


def explained(estimator: str) -> Explanation:
    """From the docstring of what computes it.

    >>> explained("average confidence").source
    'Hendrycks & Gimpel 2017, arXiv:1610.02136.'
    """
    name = estimator.removesuffix(FITTED)
    if name == COMBINED:
        return Explanation(combined.__doc__ or "", "")
    functions = _functions()
    if name not in functions:
        return Explanation("", "")
    text = inspect.getdoc(functions[name]) or ""
    names = {function.__name__: title for title, function in functions.items()}
    summary = re.sub(r"`(\w+)`", lambda found: names.get(found[1], found[1]), text.split("\n\n")[0].split("Source:")[0])
    if name == "label flips":
        summary = "Predictions that differ after adaptation, each counted once."
    source = re.search(r"Source: (.+?)(?=\n\n|\Z)", text, re.DOTALL)
    return Explanation(_line(summary), _line(source[1]) if source else "")


def fewest(calibration: Calibration) -> int:
    """How many images there must be: a full batch, and what a run needs at least."""
    return max(FEWEST, calibration.provenance["spec"]["batch_size"])


def probes(calibration: Calibration, available: int) -> int:
    """How many images are evaluated: as many as were in calibration, or all there are.

    Raises:
        InputError: there are fewer than a run needs.
    """
    batch, least = calibration.provenance["spec"]["batch_size"], fewest(calibration)
    if available < least:
        why = f"because this calibration adapts in batches of {batch}" if batch >= FEWEST else "for an estimate"
        raise InputError(f"Expected at least {least} images, {why}, but got {available}; add images.")
    return min(calibration.provenance["images"], available)


def fits(calibration: Calibration, run: Run) -> bool:
    """Whether a run is over and was recorded as the calibration was."""
    try:
        calibration.check(run)
        return run.state == "finished" and run.frame_steps[-1] == run.spec.steps
    except (EnigmaError, IndexError):
        return False


def calibrated_on(provenance: Mapping[str, Any]) -> str:
    """One sentence: how many splits of how many images, which, and with what model and method."""
    spec = RunSpec.parse(provenance["spec"])
    method = method_title(spec)
    splits = provenance["splits"]
    also = ", logits divided by a temperature" if provenance.get("temperature_scaling") else ""
    second = provenance.get("second")
    also += f", beside {second['model']} as a second model" if second else ""
    return (
        f"Calibrated on {len(splits)} labelled splits of {provenance['images']:,} images of {spec.dataset} with "
        f"{spec.model}, {method}, learning rate {spec.lr:g}, batches of {spec.batch_size}, {spec.steps:,} steps"
        f"{also}: {', '.join(splits)}."
    )


def table(rows: Sequence[Estimate], truth: Mapping[Target, float]) -> pd.DataFrame:
    """One row an estimate, as in a file; the true accuracy beside it where labels are known."""
    columns = ["target", "meaning", "estimator", "accuracy", "low", "high", "level", "error", "warning",
               "true_accuracy"]  # fmt: skip
    told = [
        {**row.to_dict(), "meaning": TARGETS[row.target], "true_accuracy": truth.get(row.target, np.nan)}
        for row in rows
    ]
    return pd.DataFrame(told, columns=columns)


def _functions() -> dict[str, Callable[..., float]]:
    own: dict[str, Callable[..., float]] = {
        "AETTA": direct.aetta,
        AGREEMENT: direct.agreement,
        "weighted flips": flips,
        "label flips": flips,
    }
    return {**direct.DIRECT, **SCORES, **own}


def _line(text: str) -> str:
    return " ".join(text.split())
