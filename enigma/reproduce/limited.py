"""Weighted flips with little to go by: few splits to fit on (figure 7) and few images (table 4)."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
from jaxtyping import Float

from enigma.analysis.estimators.direct import cot
from enigma.analysis.estimators.fit import Fit, fit
from enigma.analysis.estimators.outputs import source_outputs
from enigma.analysis.estimators.weighted_flips import IMAGES
from enigma.figures.print import reproduced
from enigma.figures.print.reproduced import Bar, Cloud, Panel
from enigma.reproduce.evidence import points, rows
from enigma.reproduce.flips import DRAWS, FORM, Flips, errors, scores, split_errors, truths
from enigma.reproduce.grid import corrupted, parted
from enigma.reproduce.result import Finding, Result
from enigma.spec.errors import InputError
from enigma.store.run_folder import Run

SUBSETS = 50
"""Random choices of datasets to fit on, as many as the paper draws."""
FEW = 100


def figure_7(runs: Sequence[Run]) -> Result:
    shifted, clean = corrupted(runs), [run for run in runs if run.spec.corruption == "none"]
    if len(clean) != 1:
        raise InputError("Expected a recorded run of the clean images for COT, but got none; leave out "
                         "--only-recorded to record it.")  # fmt: skip
    calibration = source_outputs(clean[0])
    transported = np.array([cot(source_outputs(run), calibration) for run in shifted])
    groups = np.array([run.spec.corruption for run in shifted])
    return few_datasets(scores(shifted), truths(shifted), transported, groups)


def few_datasets(counted: np.ndarray, true: np.ndarray, transported: np.ndarray, groups: np.ndarray) -> Result:
    """Figure 7: f fitted on some datasets and judged on the others; a dataset is one corruption at all severities.

    Args:
        counted: weighted flips of each split.
        true: its accuracy.
        transported: COT's estimate of it.
        groups: the dataset that it is part of.
    """
    names, records, units = np.unique(groups), [], []
    if len(names) < 4:
        raise InputError(f"Expected recorded runs of at least 4 corruptions, but got {len(names)}; record more.")
    for size in range(3, len(names)):
        for draw in range(SUBSETS):
            chosen = np.random.default_rng((size, draw)).permutation(names)[:size]
            inside = np.isin(groups, chosen)
            # A dataset of one severity each leaves too few points for the paper's parabola.
            form = FORM if inside.sum() >= 4 else "linear"
            f = fit(counted[inside], true[inside], form)
            rest = ~inside
            mine, theirs = errors(f, counted[rest], true[rest]), transported[rest] - true[rest]
            records.append({"datasets": size, "draw": draw, "error": points(mine), "cot_error": points(theirs)})
            differences = 100 * (np.abs(mine) - np.abs(theirs))
            units.append(pd.DataFrame({"group": groups[rest], "datasets": size, "difference": differences}))
    table = pd.DataFrame(records)
    grouped = table.groupby("datasets")["error"].agg(["mean", "std"])
    overall = points(transported - true)
    better = grouped["mean"] < overall
    findings = (
        Finding(f"Fitted on 3 corruptions f errs by {grouped['mean'].iloc[0]:.1f} points (deviation "
                f"{grouped['std'].iloc[0]:.1f}), on {grouped.index[-1]} by {grouped['mean'].iloc[-1]:.1f}; COT, which "
                f"is not fitted, by {overall:.1f}. f is better for {better.sum()} of {len(better)} subset sizes "
                "(paper: almost all)."),
    )  # fmt: skip
    x = grouped.index.to_numpy(float)
    clouds = (Cloud("weighted flips", x, grouped["mean"].to_numpy(float), spread=grouped["std"].to_numpy(float)),
              Cloud("COT", x, np.full(len(x), overall)))  # fmt: skip
    panel = Panel("Mean absolute error, points", "corruptions that f is fitted on", "", clouds,
                  band=f"1 deviation of {SUBSETS} draws")  # fmt: skip
    return Result(table, findings, partial(reproduced.lines, [panel]), by_judged(pd.concat(units)))


def by_judged(units: pd.DataFrame) -> pd.DataFrame:
    """By how much f errs more than COT on each corruption, in the mean of the draws that did not fit f on it.

    The draws are of the same few corruptions, so that they are no independent units; corruptions are.
    """
    return pd.DataFrame(units.groupby(["datasets", "group"])["difference"].mean()).reset_index()


def table_4(runs: Sequence[Run]) -> Result:
    fitted, others = parted(runs)
    f, true = fit(scores(fitted), truths(fitted), FORM), truths(others)
    spec = others[0].spec
    # As many steps as it takes to see 1,000 images once.
    early = min(others[0].frame_steps[1:], key=lambda step: abs(step - IMAGES / spec.batch_size))
    named = [
        ("all stored", f"weighted flips, {spec.probes:,} stored images", errors(f, scores(others), true), 5.75),
        ("few stored", f"weighted flips, {FEW} stored images", _drawn(f, others, None), 5.67),
        ("few images", f"weighted flips, {early * spec.batch_size:,} images in all, {FEW} stored",
         _drawn(f, others, early), 9.40),
    ]  # fmt: skip
    clean = [run for run in fitted if run.spec.corruption == "none"]
    if clean:
        calibration = source_outputs(clean[0])
        transported = np.array([cot(source_outputs(run), calibration) for run in others])
        named.append(("COT", f"COT, {spec.probes:,} images", transported - true, 23.87))
    table = pd.DataFrame(
        [{"estimator": words, "error": points(wrong), "paper_error": paper} for _, words, wrong, paper in named]
    )
    units = pd.concat([split_errors(others, wrong, label=label) for label, _, wrong, _ in named], ignore_index=True)
    error = table["error"].tolist()
    findings = [
        Finding(f"{FEW} stored images instead of {spec.probes:,} change the error from {error[0]:.1f} to "
                f"{error[1]:.1f} points (paper: 5.75 to 5.67)."),
        Finding(f"A stream of about 1,000 images gives {error[2]:.1f} points (paper: 9.40, worse)."),
    ]  # fmt: skip
    if clean:
        findings.append(Finding(f"COT on as many images errs by {error[3]:.1f} points (paper: 23.87, more than "
                                "weighted flips)."))  # fmt: skip
    bars = [Bar(row.estimator, row.error, mark=row.paper_error) for row in rows(table)]
    return Result(table, tuple(findings), partial(reproduced.bars, bars, "mean absolute error, points"), units)


def _drawn(f: Fit, runs: Sequence[Run], step: int | None) -> Float[np.ndarray, " runs"]:
    """The absolute error of each run with a hundred of its images, in the mean of several draws."""
    wrong = []
    for run in runs:
        flips, true = Flips.of(run, step), run.facts["source_accuracy"]
        draws = (np.random.default_rng(draw).permutation(len(flips.flipped))[:FEW] for draw in range(DRAWS))
        wrong.append(np.mean([abs(f(flips.score(chosen)) - true) for chosen in draws]))
    return np.array(wrong)
