"""Weighted flips and the function f from them to accuracy: figures 6, 7, 9 and 10, tables 3 and 4.

Throughout, accuracy is that of the source model with its stored statistics, as in the paper and its code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Integer

from enigma.analysis.estimators.calibration import split_name
from enigma.analysis.estimators.fit import Fit, fit
from enigma.analysis.estimators.weighted_flips import IMAGES, PUBLISHED
from enigma.analysis.metrics.measures import weighted_flips
from enigma.analysis.metrics.observed import confidences
from enigma.figures.print import reproduced
from enigma.figures.print.reproduced import Bar, Cloud, Panel
from enigma.reproduce.evidence import by_corruption, correlation, least, points, rows
from enigma.reproduce.grid import parted
from enigma.reproduce.result import Finding, Result
from enigma.store.run_folder import Run

DRAWS = 20
FORMS = (("unweighted", "linear", 6.14, 23.70), ("unweighted", "quadratic", 6.27, 23.53),
         ("weighted", "linear", 6.47, 20.39), ("weighted", "quadratic", 5.75, 21.61),
         ("weighted", "cubic", 6.36, 22.91))  # fmt: skip
"""Weights, form, and the paper's average and worst error in points (table 3)."""
FORM = "quadratic"
STOPPING = {50: 10.12, 100: 7.35, 250: 3.78, 500: 2.98, 1000: 4.08}
"""The paper's error in points where flips are counted at these steps, where it stopped (appendix D.1)."""
SIZES = {50: 9.04, 100: 8.48, 250: 5.19, 500: 5.36, 1000: 4.08}
"""The same for the number of images that flips are counted among (appendix D.2)."""


@dataclass(frozen=True)
class Flips:
    """What the score of one run is counted from, at one step.

    Attributes:
        flipped: images whose prediction differs from that at frame 0.
        confidence: of each image at frame 0.
    """

    flipped: Bool[np.ndarray, " images"]
    confidence: Float[np.ndarray, " images"]

    @classmethod
    def of(cls, run: Run, step: int | None = None) -> "Flips":
        first, last = run.frame(0), run.frame(run.frame_steps[-1] if step is None else step)
        return cls(first["top_classes"][:, 0] != last["top_classes"][:, 0], confidences(first))

    def score(self, images: Integer[np.ndarray, " chosen"] | None = None, *, weighted: bool = True) -> float:
        """Flips among all or the chosen images, as if there were 1,000 of them.

        >>> Flips(np.array([True, False]), np.array([0.9, 0.2])).score()
        500.0
        """
        chosen = slice(None) if images is None else images
        flipped, confidence = self.flipped[chosen], self.confidence[chosen]
        counted = weighted_flips(flipped, confidence) if weighted else float(flipped.sum())
        return counted * IMAGES / len(flipped)


def truths(runs: Sequence[Run]) -> Float[np.ndarray, " runs"]:
    """Accuracy of the source model on each run's probe, in [0, 1]."""
    return np.array([run.facts["source_accuracy"] for run in runs], float)


def scores(runs: Sequence[Run], step: int | None = None, *, weighted: bool = True) -> Float[np.ndarray, " runs"]:
    """The flips of each run at one step, or at its last."""
    return np.array([Flips.of(run, step).score(weighted=weighted) for run in runs])


def errors(f: Fit, counted: np.ndarray, true: np.ndarray) -> Float[np.ndarray, " runs"]:
    """Estimated less true accuracy."""
    return np.array([f(one) for one in counted]) - true


def figure_6(runs: Sequence[Run]) -> Result:
    fitted, others = parted(runs)
    names = [split_name(run.spec) for run in (*fitted, *others)]
    counted = np.concatenate([scores(fitted), scores(others)])
    true, is_fit = np.concatenate([truths(fitted), truths(others)]), np.arange(len(names)) < len(fitted)
    f = fit(counted[is_fit], true[is_fit], FORM)
    estimated = np.array([f(one) for one in counted])
    published = np.clip([PUBLISHED["weighted quadratic"].percent(one) / 100 for one in counted], 0, 1)
    table = pd.DataFrame(
        {"split": names, "fitted_on": is_fit, "weighted_flips": counted, "accuracy": true, "estimate": estimated,
         "published_f": published}
    )  # fmt: skip
    test = ~is_fit
    mine, theirs = points(estimated[test] - true[test]), points(published[test] - true[test])
    falling = fit(counted[is_fit], true[is_fit], FORM, monotone=True)
    findings = (
        correlation("Weighted flips with accuracy, splits that f was not fitted on", counted[test], true[test],
                    "-1 by its f", positive=False),
        correlation("Estimate with accuracy on those splits", estimated[test], true[test], "near the diagonal",
                    positive=True),
        Finding(f"Mean absolute error of f on them: {mine:.1f} points (paper, 23 datasets: 5.75); of the paper's own "
                f"coefficients: {theirs:.1f}."),
        Finding(f"Made never to turn up again, f errs by {points(errors(falling, counted[test], true[test])):.1f}."),
    )  # fmt: skip
    grid = np.linspace(0, counted.max() * 1.05, 100)
    left = Panel("Fit of f", "weighted flips", "source accuracy, %",
                 (Cloud("splits fitted on", counted[is_fit], 100 * true[is_fit]),
                  Cloud("f", grid, 100 * np.array([f(one) for one in grid]), is_line=True)))  # fmt: skip
    right = Panel("f applied to the others", "estimated accuracy, %", "source accuracy, %",
                  (Cloud("other splits", 100 * estimated[test], 100 * true[test]),
                   Cloud("equal", np.array([0.0, 100]), np.array([0.0, 100]), is_line=True)))  # fmt: skip
    return Result(table, findings, partial(reproduced.scatter, [left, right]), judged_by(table))


def judged_by(table: pd.DataFrame) -> pd.DataFrame:
    """The splits of figure 6 that f was not fitted on, with the error in points."""
    others = table[~table["fitted_on"]]
    wrong = 100 * (others["estimate"] - others["accuracy"]).abs()
    return by_corruption(others[["split", "estimate", "accuracy"]].assign(error=wrong))


def split_errors(runs: Sequence[Run], wrong: np.ndarray, **labels: object) -> pd.DataFrame:
    """Absolute errors in points from differences of accuracies, a row a split, with what they are the errors of."""
    errors = {"split": [split_name(run.spec) for run in runs], "error": 100 * np.abs(wrong)}
    return by_corruption(pd.DataFrame({**errors, **labels}))


def table_3(runs: Sequence[Run]) -> Result:
    fitted, others = parted(runs, least=5)
    true, found, units = truths(others), [], []
    for weights, form, average, worst in FORMS:
        weighted = weights == "weighted"
        f = fit(scores(fitted, weighted=weighted), truths(fitted), form)
        wrong = np.abs(errors(f, scores(others, weighted=weighted), true))
        units.append(split_errors(others, wrong, label=f"{weights} {form}"))
        found.append({"weights": weights, "form": form, "error": points(wrong), "worst": float(100 * wrong.max()),
                     "paper_error": average, "paper_worst": worst})  # fmt: skip
    table = pd.DataFrame(found)
    best, spread = least(table, "error"), float(table["error"].max() - table["error"].min())
    findings = (
        Finding(f"Least error: {best.weights} {best.form}, {best.error:.1f} points (paper: weighted quadratic, 5.75)."),
        Finding(f"The forms lie within {spread:.1f} points of each other (paper: within 0.7, so that f 'can be "
                "interpolated in a variety of different ways')."),
    )  # fmt: skip
    bars = [Bar(f"{row.weights}, {row.form}", row.error, row.worst, row.paper_error) for row in rows(table)]
    draw = partial(reproduced.bars, bars, "mean absolute error, points")
    return Result(table, findings, draw, pd.concat(units, ignore_index=True))


def figure_9(runs: Sequence[Run]) -> Result:
    fitted, others = parted(runs)
    steps = sorted(set.intersection(*(set(run.frame_steps) for run in (*fitted, *others))) - {0})
    true, records, lines, units = truths(others), [], [], []
    for step in steps:
        counted = scores(fitted, step)
        f = fit(counted, truths(fitted), FORM)
        wrong = errors(f, scores(others, step), true)
        records.append({"step": step, "error": points(wrong)})
        units.append(split_errors(others, wrong, step=step))
        if step in (steps[0], steps[len(steps) // 2], steps[-1]):
            grid = np.linspace(counted.min(), counted.max(), 60)
            lines.append(Cloud(f"step {step}", grid, 100 * np.array([f(one) for one in grid])))
    table = pd.DataFrame(records)
    return _ablation(table, pd.concat(units, ignore_index=True), "step", "Stopping step", STOPPING, lines,
                     "the error at 50 is more than twice that at 1,000, and 500 is best")  # fmt: skip


def figure_10(runs: Sequence[Run]) -> Result:
    fitted, others = parted(runs)
    found = {run.id: Flips.of(run) for run in (*fitted, *others)}
    images = min(len(one.flipped) for one in found.values())
    true, records, lines, units = truths(others), [], [], []
    for size in sorted({size for size in SIZES if size < images} | {images}):
        wrong = []
        for draw in range(DRAWS if size < images else 1):
            chosen = np.random.default_rng(draw).permutation(images)[:size]
            counted = np.array([found[run.id].score(chosen) for run in fitted])
            f = fit(counted, truths(fitted), FORM)
            wrong.append(np.abs(errors(f, np.array([found[run.id].score(chosen) for run in others]), true)))
            if draw == 0:
                grid = np.linspace(counted.min(), counted.max(), 60)
                lines.append(Cloud(f"{size:,} images", grid, 100 * np.array([f(one) for one in grid])))
        means = [points(each) for each in wrong]
        records.append({"images": size, "error": float(np.mean(means)), "deviation": float(np.std(means))})
        units.append(split_errors(others, np.mean(wrong, axis=0), images=size))
    table = pd.DataFrame(records)
    return _ablation(table, pd.concat(units, ignore_index=True), "images", "Images", SIZES, lines,
                     "more images are better: 9.0 points with 50, 4.1 with 1,000")  # fmt: skip


def _ablation(
    table: pd.DataFrame, units: pd.DataFrame, column: str, title: str, paper: dict[int, float], lines: list[Cloud],
    claim: str,
) -> Result:  # fmt: skip
    """The error against one quantity, beside the paper's, and the fitted functions."""
    ordered, best = rows(table), least(table, "error")
    first, last = ordered[0], ordered[-1]
    finding = Finding(
        f"{title} {getattr(first, column):,}: {first.error:.1f} points; {getattr(last, column):,}: {last.error:.1f}; "
        f"least at {getattr(best, column):,}: {best.error:.1f} (paper: {claim})."
    )
    x, y = table[column].to_numpy(float), table["error"].to_numpy(float)
    spread = table["deviation"].to_numpy(float) if "deviation" in table else np.empty(0)
    # Both by their share of the largest, because the paper's runs are longer.
    left = Panel("Mean absolute error, points", f"{title.lower()}, relative to the largest", "",
                 (Cloud("here", x / x.max(), y, spread=spread),
                  Cloud("the paper", np.array(list(paper)) / max(paper), np.array(list(paper.values())))),
                 band=f"1 deviation of {DRAWS} draws" if len(spread) else "")  # fmt: skip
    right = Panel("Source accuracy by f, %", "weighted flips", "", tuple(lines))
    return Result(table, (finding,), partial(reproduced.lines, [left, right]), units)
