"""What changes in the two phases: figures 4, 5 and 13."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from enigma.analysis.estimators.calibration import split_name
from enigma.analysis.metrics.frame_metrics import run_metrics
from enigma.analysis.metrics.registry import METRICS
from enigma.analysis.reading import phase_boundary
from enigma.figures.print import reproduced
from enigma.figures.print.reproduced import Cloud, Panel
from enigma.reproduce.evidence import by_corruption, correlation
from enigma.reproduce.grid import corrupted
from enigma.reproduce.result import Finding, Result
from enigma.spec.shares import percent
from enigma.store.run_folder import Run

MEASURES = ("silhouette", "shift_distance", "accuracy")


def frames(runs: Sequence[Run]) -> pd.DataFrame:
    """One row a run and frame: step, silhouette score, shift distance, accuracy and label flips."""
    tables = []
    for run in runs:
        spec = run.spec
        shared = {"run": run.id, "split": split_name(spec), "corruption": spec.corruption, "severity": spec.severity}
        measured = run_metrics(run, (*MEASURES, "label_flips"))
        accuracy = {"source_accuracy": run.facts["source_accuracy"]}
        tables.append(pd.DataFrame({**shared, "step": run.frame_steps, **measured, **accuracy}))
    return pd.concat(tables, ignore_index=True)


def changes(table: pd.DataFrame) -> pd.DataFrame:
    """One row a run and phase that has a length: by how much each measure changed."""
    rows = []
    for run_id, run in table.groupby("run", sort=False):
        boundary = phase_boundary(run["step"].to_numpy(), run["accuracy"].to_numpy())
        ordered = run.set_index("step").sort_index()
        spans = {1: (ordered.index[0], boundary), 2: (boundary, ordered.index[-1])}
        for phase, (first, last) in spans.items():
            if last > first >= 0:
                moved = {name: ordered.loc[last, name] - ordered.loc[first, name] for name in MEASURES}
                rows.append({"run": run_id, "split": run["split"].iloc[0], "phase": phase, **moved})
    return pd.DataFrame(rows, columns=["run", "split", "phase", *MEASURES])


def figure_4(runs: Sequence[Run]) -> Result:
    return two_phases(frames(corrupted(runs)))


def two_phases(table: pd.DataFrame) -> Result:
    """Figure 4 from the frames of many runs."""
    moved = changes(table)
    first, second = moved[moved["phase"] == 1], moved[moved["phase"] == 2]
    rising = []
    for name, phase in (("phase 1", first), ("phase 2", second)):
        if len(phase):
            rising.append(f"{percent((phase['silhouette'] > 0).mean(), 0)} of {len(phase)} runs in {name}")
    findings = (
        correlation("Phase 1, change of silhouette score with change of accuracy",
                    *_pair(first, "silhouette"), "+0.70", positive=True),
        correlation("Phase 2, change of shift distance with change of accuracy",
                    *_pair(second, "shift_distance"), "-0.79", positive=False),
        Finding(f"The silhouette score rises in {' and '.join(rising)} (paper: more than 98 % of all)."),
        _drift(first, second),
    )  # fmt: skip
    clouds = {
        name: tuple(Cloud(label, 100 * phase["accuracy"].to_numpy(), phase[name].to_numpy())
                    for label, phase in (("phase 1", first), ("phase 2", second)))
        for name in ("silhouette", "shift_distance")
    }  # fmt: skip
    panels = [
        Panel(f"Change of {METRICS[name].title.lower()}", "change of accuracy, points", "", clouds[name])
        for name in clouds
    ]
    return Result(moved, findings, partial(reproduced.scatter, panels), by_corruption(moved))


def _drift(first: pd.DataFrame, second: pd.DataFrame) -> Finding:
    small, large = first["shift_distance"].mean(), second["shift_distance"].mean()
    return Finding(
        f"The shift distance changes by {small:+.2f} in phase 1 and by {large:+.2f} in phase 2 in the mean "
        "(paper: minimally or downwards, then upwards)."
    )


def _pair(phase: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    return phase[name].to_numpy(float), phase["accuracy"].to_numpy(float)


def figure_5(runs: Sequence[Run]) -> Result:
    return silhouette_and_flips(frames(corrupted(runs)))


def silhouette_and_flips(table: pd.DataFrame) -> Result:
    """Figure 5 from the frames of many runs: silhouette score at the first frame, label flips at the last."""
    ordered = table.sort_values("step").groupby("run", sort=False)
    first, last = ordered.first(), ordered.last()
    found = first[["split", "silhouette", "source_accuracy"]].assign(
        frame0_accuracy=first["accuracy"], label_flips=last["label_flips"]
    )
    silhouette, flips = found["silhouette"].to_numpy(float), found["label_flips"].to_numpy(float)
    source, frame0 = found["source_accuracy"].to_numpy(float), found["frame0_accuracy"].to_numpy(float)
    stated = "strongly correlated, without a number"
    findings = (
        correlation("Silhouette score at step 0 with label flips", silhouette, flips, stated, positive=False),
        correlation("Label flips with the source model's accuracy", flips, source, "correlated", positive=False),
        correlation("Silhouette score with accuracy at step 0", silhouette, frame0, "correlated", positive=True),
    )
    cloud = Cloud("", silhouette, flips, 100 * source)
    panel = Panel("Label flips at the last step", "silhouette score at step 0", "", (cloud,))
    shown = found.reset_index()
    return Result(shown, findings, partial(reproduced.scatter, [panel], "source accuracy, %"), by_corruption(shown))


def figure_13(runs: Sequence[Run]) -> Result:
    return through_time(frames(corrupted(runs)))


def through_time(table: pd.DataFrame) -> Result:
    """Figure 13 from the frames of many runs: mean and deviation over corruptions, for each severity."""
    grouped = table.groupby(["severity", "step"])[list(MEASURES)].agg(["mean", "std"])
    means = {name: grouped[name]["mean"].unstack("severity") for name in MEASURES}
    deviations = {name: grouped[name]["std"].unstack("severity") for name in MEASURES}
    flat = grouped.copy()
    flat.columns = ["_".join(pair) for pair in grouped.columns.to_list()]
    panels = []
    for name in MEASURES:
        metric = METRICS[name]
        clouds = tuple(
            Cloud(f"severity {severity}", means[name].index.to_numpy(float),
                  metric.factor * means[name][severity].to_numpy(float),
                  spread=metric.factor * deviations[name][severity].fillna(0).to_numpy(float))
            for severity in means[name].columns
        )  # fmt: skip
        panels.append(Panel(metric.label, "step", "", clouds, band="1 deviation of corruptions"))
    findings = (_ends(means), _order(means), _turns(means))
    return Result(flat.reset_index(), findings, partial(reproduced.lines, panels), from_first_to_last(changes(table)))


def from_first_to_last(moved: pd.DataFrame) -> pd.DataFrame:
    """From the changes of each phase to those of each run over all its steps; accuracy, in points, stays apart."""
    rows = []
    for split, run in moved.groupby("split", sort=False):
        gained = {phase: 100 * float(run.loc[run["phase"] == phase, "accuracy"].sum()) for phase in (1, 2)}
        rows.append({"split": split, "severity": int(str(split).rpartition(" ")[2]),
                     "silhouette": run["silhouette"].sum(), "shift_distance": run["shift_distance"].sum(),
                     "rise": gained[1], "fall": gained[2]})  # fmt: skip
    return by_corruption(pd.DataFrame(rows))


def _ends(means: dict[str, pd.DataFrame]) -> Finding:
    silhouette, shift = means["silhouette"], means["shift_distance"]
    parts = [
        f"{severity}: silhouette score {silhouette[severity].iloc[0]:.2f} to {silhouette[severity].iloc[-1]:.2f}, "
        f"shift distance {shift[severity].iloc[0]:.2f} to {shift[severity].iloc[-1]:.2f}"
        for severity in silhouette.columns
    ]
    return Finding(f"From first to last step at severity {'; '.join(parts)} (paper: both rise at all).")


def _order(means: dict[str, pd.DataFrame]) -> Finding:
    grown = means["shift_distance"].iloc[-1] - means["shift_distance"].iloc[0]
    return Finding(
        f"The shift distance grows most at severity {grown.idxmax()} and least at {grown.idxmin()} "
        "(paper: the more, the stronger the corruption)."
    )


def _turns(means: dict[str, pd.DataFrame]) -> Finding:
    accuracy = means["accuracy"]
    parts = [
        f"{severity}: {percent(accuracy[severity].iloc[0])} to {percent(accuracy[severity].max())} at step "
        f"{accuracy[severity].idxmax()} to {percent(accuracy[severity].iloc[-1])}"
        for severity in accuracy.columns
    ]
    return Finding(f"Accuracy at severity {'; '.join(parts)} (paper: rises, then falls, at each).")
