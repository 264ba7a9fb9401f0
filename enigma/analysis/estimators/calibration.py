"""What an estimate is calibrated on: labelled splits of the same model, kept in one file with where they came from."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from enigma.analysis.estimators.combined import COMBINED, Combination, combine, combined_errors
from enigma.analysis.estimators.conformal import left_out
from enigma.analysis.estimators.direct import DIRECT
from enigma.analysis.estimators.few_images import Errors, errors_by_size
from enigma.analysis.estimators.fit import Fit, as_published, best, refitted
from enigma.analysis.estimators.measured import AGREEMENT, TARGETS, States, Target, accuracies, measured
from enigma.analysis.estimators.outputs import Outputs
from enigma.spec.errors import CorruptRunError, InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.run_folder import Run, header_facts

VERSION = "3"
# Files before errors of fewer images were kept; a binomial stands for them.
WITHOUT_SIZES = "2"
# Files before errors by split were kept; they are read, and their intervals are wide.
WITHOUT_ERRORS = "1"
_STATES = ("source", "frame0", "adapted")
FITTED = ", fitted"
# These say an accuracy without a regression; they are kept as published too.
BY_ITSELF = (*DIRECT, "AETTA", AGREEMENT)
# What must be equal for a run to be judged by a calibration; the rest of a spec may differ.
SAME = ("model", "weights", "method", "settings", "optimizer", "lr", "batch_size", "steps", "precision")


@dataclass(frozen=True)
class Calibration:
    """Labelled splits of one model and method, and the regressions fitted on them.

    Attributes:
        clean: outputs on the clean labelled images.
        fits: for each accuracy, the regression of every score and, for those that estimate by themselves, of their own
            estimate.
        combinations: for each accuracy, the regression on several scores at once.
        provenance: model, method, steps, images, splits by name, run ids; all that a reader must know.
        errors: for each accuracy and estimator, its error on each split by a fit to the other corruptions; NaN where
            there were too few. Empty in files of version 1.
        by_size: for each accuracy, how the recommended estimate errs on fewer images, see `few_images`. Empty in files
            before version 3.
    """

    clean: States
    fits: dict[Target, dict[str, Fit]]
    combinations: dict[Target, Combination]
    provenance: dict[str, Any]
    errors: dict[Target, dict[str, tuple[float, ...]]] = field(default_factory=dict)
    by_size: dict[Target, dict[int, Errors]] = field(default_factory=dict)

    @property
    def corruptions(self) -> list[str]:
        """The corruption of each split, 'clean' among them."""
        return [split.rpartition(" ")[0] or split for split in self.provenance["splits"]]

    @property
    def is_scaled(self) -> bool:
        """Whether all logits are divided by the temperature that suits the clean images."""
        return bool(self.provenance.get("temperature_scaling", False))

    @property
    def second(self) -> dict[str, Any]:
        """`model` and `weights` of the second model, for agreement; empty where there is none."""
        return dict(self.provenance.get("second", {}))

    def check(self, run: Run) -> None:
        """Raises InputError if the run is of another model or method than this calibration."""
        same, spec = self.provenance["spec"], run.spec.to_dict()
        for name in SAME:
            if same.get(name) != spec.get(name):
                raise InputError(
                    f"Expected a run with {name} {same.get(name)!r}, as this calibration has, but run {run.id} has "
                    f"{spec.get(name)!r}; calibrate with the settings of the run."
                )

    def save(self, path: Path) -> None:
        """Writes one safetensors file: the clean outputs as arrays, everything else as JSON in its header."""
        arrays, facts = {}, {}
        for name in _STATES:
            outputs: Outputs = getattr(self.clean, name)
            arrays[f"{name}/logits"] = outputs.logits.astype(np.float32)
            arrays[f"{name}/labels"] = outputs.labels
            facts[name] = outputs.dropout
        told = {
            "provenance": self.provenance,
            "dropout": facts,
            "fits": {target: {name: one.to_dict() for name, one in fits.items()} for target, fits in self.fits.items()},
            "combinations": {target: one.to_dict() for target, one in self.combinations.items()},
            "errors": _written(self.errors),
        }
        for target, sizes in self.by_size.items():
            arrays |= {f"by_size/{target}/{size}": each.astype(np.float32) for size, each in sizes.items()}
        path.write_bytes(save(arrays, {"version": VERSION, "calibration": json.dumps(told)}))

    @classmethod
    def read(cls, path: Path) -> "Calibration":
        """Reads what `save` wrote.

        Raises:
            InputError: it is no such file, or of a newer version.
        """
        try:
            content = path.read_bytes()
            header, arrays = header_facts(content), load(content)
            if header["version"] not in (VERSION, WITHOUT_SIZES, WITHOUT_ERRORS):
                raise ValueError(f"version {header['version']}")
            told = json.loads(header["calibration"])
            if not isinstance(told["provenance"]["spec"], dict):
                raise ValueError("it has no spec")
            errors, splits = _errors(told.get("errors", {})), len(told["provenance"]["splits"])
            if any(len(each) != splits for named in errors.values() for each in named.values()):
                raise ValueError("it has not one error a split")
            return cls(
                _states(arrays, told["dropout"]), _fits(told["fits"]), _combined(told), told["provenance"],
                errors, _by_size(arrays, splits),
            )  # fmt: skip
        except (
            OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, SafetensorError, CorruptRunError,
        ) as error:  # fmt: skip
            raise InputError(
                f"Expected {path} to be a calibration that `enigma calibrate` wrote, but it is not: {error}."
            ) from error


def calibrate(
    runs: Sequence[Run], seconds: Sequence[Run] = (), *, monotone: bool = True, scaled: bool = False
) -> Calibration:
    """Fits every estimator on recorded labelled runs, one of them on clean images.

    Args:
        seconds: the same runs of a second model, in the same order, for the agreement of the two; or none.
        monotone: a fitted polynomial may not turn round.
        scaled: every estimator is given logits divided by the temperature that suits the clean images.

    Raises:
        InputError: there is no clean run, fewer than four others, a run without labels, or runs of several methods.
    """
    clean_runs = [run for run in runs if run.spec.corruption == "none"]
    if len(clean_runs) != 1 or len(runs) < 5:
        raise InputError(
            f"Expected one run on clean images and at least four on shifted ones, but got {len(clean_runs)} and "
            f"{len(runs) - len(clean_runs)}."
        )
    clean = States.of(clean_runs[0])
    pairs = zip(runs, seconds, strict=True) if seconds else ((run, None) for run in runs)
    splits = [States.of(run, second) for run, second in pairs]
    fits: dict[Target, dict[str, Fit]] = {}
    combinations: dict[Target, Combination] = {}
    errors: dict[Target, dict[str, tuple[float, ...]]] = {}
    by_size: dict[Target, dict[int, Errors]] = {}
    groups = [run.spec.corruption for run in runs]
    for target in TARGETS:
        truth = np.array([accuracies(states)[target] for states in splits])
        if not np.isfinite(truth).all():
            raise InputError("Expected labels in every calibration run, but one has none; estimate it instead.")
        table = [measured(states, clean, target, scaled=scaled) for states in splits]
        columns = {name: np.array([row[name] for row in table]) for name in table[0]}
        fits[target] = {f"{name}{FITTED}": best(column, truth, monotone=monotone) for name, column in columns.items()}
        fits[target] |= {name: as_published(columns[name], truth) for name in columns if name in BY_ITSELF}
        combinations[target] = combine(columns, truth)
        errors[target] = _errors_of(columns, truth, groups, fits[target])
        by_size[target] = errors_by_size(splits, clean, target, columns, truth, groups, scaled=scaled)
        by_size[target][clean_runs[0].spec.probes] = np.array(errors[target][COMBINED])[:, None]
    provenance = _provenance(clean_runs[0], runs) | {"temperature_scaling": scaled}
    if seconds:
        provenance["second"] = {name: getattr(seconds[0].spec, name) for name in ("model", "weights")}
    found = Calibration(clean, fits, combinations, provenance, errors, by_size)
    for run in runs:
        found.check(run)
    return found


def _errors_of(
    columns: Mapping[str, np.ndarray], truth: np.ndarray, groups: Sequence[str], fits: Mapping[str, Fit]
) -> dict[str, tuple[float, ...]]:
    """Of every estimator on each split, never fitted on its corruption; the form of each fit is kept."""
    found = {}
    for name, one in fits.items():
        column = columns[name.removesuffix(FITTED)]
        if name.endswith(FITTED):
            found[name] = left_out(groups, truth, partial(refitted, one, column, truth), len(one.coefficients) + 1)
        else:
            found[name] = tuple(float(error) for error in column - truth)
    return found | {COMBINED: combined_errors(columns, truth, groups)}


def _provenance(clean: Run, runs: Sequence[Run]) -> dict[str, Any]:
    facts = clean.facts
    return {
        "spec": clean.spec.to_dict(),
        "images": clean.spec.probes,
        "splits": [split_name(run.spec) for run in runs],
        "runs": [run.id for run in runs],
        "digests": facts["digests"],
        "versions": facts.get("versions", {}),
    }


def split_name(spec: RunSpec) -> str:
    """'fog 3', or 'clean'.

    >>> split_name(RunSpec(corruption="fog", severity=3))
    'fog 3'
    """
    return "clean" if spec.corruption == "none" else f"{spec.corruption} {spec.severity}"


def _states(arrays: dict[str, np.ndarray], dropout: dict[str, Any]) -> States:
    def outputs(name: str) -> Outputs:
        measured = tuple(dropout[name]) if dropout[name] else None
        return Outputs(arrays[f"{name}/logits"].astype(np.float64), arrays[f"{name}/labels"], measured)

    source, frame0, adapted = map(outputs, _STATES)
    return States(source, frame0, adapted)


def _fits(told: dict[Target, Any]) -> dict[Target, dict[str, Fit]]:
    return {target: {name: Fit.from_dict(one) for name, one in fits.items()} for target, fits in told.items()}


def _written(errors: Mapping[Target, Mapping[str, Sequence[float]]]) -> dict[str, Any]:
    """JSON has no NaN."""
    return {
        target: {name: [one if math.isfinite(one) else None for one in each] for name, each in named.items()}
        for target, named in errors.items()
    }


def _errors(told: dict[Target, Any]) -> dict[Target, dict[str, tuple[float, ...]]]:
    return {
        target: {name: tuple(math.nan if one is None else float(one) for one in each) for name, each in named.items()}
        for target, named in told.items()
    }


def _by_size(arrays: Mapping[str, np.ndarray], splits: int) -> dict[Target, dict[int, Errors]]:
    found: dict[Target, dict[int, Errors]] = {}
    for target in TARGETS:
        prefix = f"by_size/{target}/"
        sizes = {int(name.removeprefix(prefix)): each for name, each in arrays.items() if name.startswith(prefix)}
        if any(each.ndim != 2 or len(each) != splits or size < 1 for size, each in sizes.items()):
            raise ValueError("it has not one row of errors a split")
        if sizes:
            found[target] = {size: each.astype(np.float64) for size, each in sizes.items()}
    return found


def _combined(told: dict[str, Any]) -> dict[Target, Combination]:
    return {target: Combination.from_dict(one) for target, one in told["combinations"].items()}
