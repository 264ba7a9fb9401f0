"""What the Unknowns page draws of a run, as plain values: it is sent to the browser once."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from enigma.analysis.trajectory import Trajectory
from enigma.analysis.unknowns.detection import roc, threshold
from enigma.analysis.unknowns.frames import BINS, Scored, marks, scores, unknowns
from enigma.spec.catalogue import SCORES
from enigma.store.run_folder import Run

MOST_POINTS = 100
GRID = 4095
FEWEST_KEPT = 50

# The score that the paper of a head recommends, by the model's name.
_OF_HEAD = {"isomaxplus": "max_logit", "isomax": "entropy"}


def usual_score(run: Run) -> str:
    """The score of the head's paper: the minimum distance for IsoMax+, else entropy."""
    name = f"{run.spec.model} {run.spec.weights or ''}"
    return next((score for head, score in _OF_HEAD.items() if head in name), "entropy")


def view(run: Run, trajectory: Trajectory, beside: Run | None = None) -> dict[str, Any]:
    """Curves, histograms, ROC curves and projected points of every frame.

    Shares are in [0, 1], entropies in nats; points lie on a grid from 0 to 4,095.

    Args:
        beside: another run with unknown images, whose view has the same axes.

    Raises:
        InputError: a run has no unknown images.
    """
    found, is_unknown = unknowns(run), marks(run)
    frames, names = found.frames, list(run.facts["scores"])
    scored = [scores(run, frame.step) for frame in frames]
    every = [run] if beside is None else [run, beside]
    detections = {name: [frame.detection[name] for frame in frames] for name in names}
    return {
        "run": run.id,
        "title": trajectory.title,
        "steps": [frame.step for frame in frames],
        "scores": [{"name": name, "title": SCORES[name].title, "help": SCORES[name].summary} for name in names],
        "accuracy": _rounded([frame.accuracy for frame in frames]),
        "known_entropy": _rounded([frame.known_entropy for frame in frames]),
        "unknown_entropy": _rounded([frame.unknown_entropy for frame in frames]),
        "projection": f"{trajectory.projection.title}: {trajectory.faithfulness.words}",
        "known": int((~is_unknown).sum()),
        "unknown": int(is_unknown.sum()),
        "histograms": histograms(scored, names, every),
        "axes": _axes(every, names),
        "auroc": {name: _rounded([one.auroc for one in every]) for name, every in detections.items()},
        "tnr": {
            name: _rounded([one.tnr_at_tpr95_known_positive for one in every]) for name, every in detections.items()
        },
        "fpr": {name: _rounded([one.fpr95_unknown_positive for one in every]) for name, every in detections.items()},
        "h": {name: _rounded([frame.h_score(name) for frame in frames]) for name in names},
        "source": {
            "accuracy": found.source.accuracy,
            "auroc": {name: found.source.detection[name].auroc for name in names},
        },
        "roc": {name: [_roc(*every[name]) for every in scored] for name in names},
        "levels": {name: [_levels(every[name][0]) for every in scored] for name in names},
        "thresholds": {name: [_thresholds(*every[name]) for every in scored] for name in names},
        **_points(trajectory, is_unknown),
    }


def histograms(scored: Sequence[Mapping[str, Scored]], names: Sequence[str], runs: Sequence[Run]) -> dict[str, Any]:
    """For each score the ends of its axis, and at each frame the shares of known and of unknown images in 40 bins.

    The ends are the same at every frame and for all `runs`; what lies beyond them is in the first or the last bin.
    """
    pooled: dict[str, list[np.ndarray]] = defaultdict(list)
    for run in runs:
        for step in run.frame_steps:
            for name, pair in scores(run, step).items():
                pooled[name].extend(pair)
    most = math.log(max(len(run.facts["classes"]) for run in runs))
    found = {}
    for name in names:
        low, high = (0.0, most) if name == "entropy" else _ends(np.concatenate(pooled[name]))
        found[name] = {
            "low": round(low, 4),
            "high": round(high, 4),
            "known": [_shares(frame[name][0], low, high) for frame in scored],
            "unknown": [_shares(frame[name][1], low, high) for frame in scored],
        }
    return found


def _ends(values: np.ndarray) -> tuple[float, float]:
    """What 99 % of the values lie between."""
    finite = values[np.isfinite(values)]
    low, high = np.quantile(finite, [0.005, 0.995]) if len(finite) else (0.0, 1.0)
    return float(low), float(max(high, low + 1e-6))


def _shares(values: np.ndarray, low: float, high: float) -> list[float]:
    held = np.clip(values[np.isfinite(values)], low, high)
    counts = np.histogram(held, BINS, (low, high))[0]
    return [round(float(count) / max(len(values), 1), 4) for count in counts]


def _axes(runs: Sequence[Run], names: Sequence[str]) -> dict[str, Any]:
    """Lowest and highest accuracy, and AUROC of each score, over the frames of all runs and their source models."""
    every = [frame for run in runs for found in [unknowns(run)] for frame in (found.source, *found.frames)]
    auroc = {name: [frame.detection[name].auroc for frame in every if name in frame.detection] for name in names}
    ends = {name: _extent(values) for name, values in auroc.items()}
    return {"accuracy": _extent([frame.accuracy for frame in every]), "auroc": ends}


def _extent(values: Sequence[float]) -> list[float]:
    known = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    return [round(min(known), 4), round(max(known), 4)]


def _levels(known: np.ndarray) -> list[float | None]:
    """The thresholds that keep 50 %, 51 %, ... 100 % of the known images."""
    return _rounded([threshold(known, percent / 100) for percent in range(FEWEST_KEPT, 101)])


def _roc(known: np.ndarray, unknown: np.ndarray) -> list[float | None]:
    return _rounded([value for point in roc(known, unknown, MOST_POINTS) for value in point])


def _thresholds(known: np.ndarray, unknown: np.ndarray) -> list[float | None]:
    """Known and unknown rejected, in turn, by the thresholds that keep 50 %, 51 %, ... 100 % of the known images."""
    levels = [threshold(known, percent / 100) for percent in range(FEWEST_KEPT, 101)]
    return _rounded([share for level in levels for share in ((known > level).mean(), (unknown > level).mean())])


def _points(trajectory: Trajectory, is_unknown: np.ndarray) -> dict[str, Any]:
    """Probes and training images in one square, so that neither axis is stretched."""
    projection = trajectory.projection
    every = np.concatenate([projection.probes.reshape(-1, 2), projection.references.reshape(-1, 2)])
    every = every[np.isfinite(every).all(1)]
    low, high = every.min(0), every.max(0)
    middle, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-9)

    def placed(points: np.ndarray) -> list[int]:
        on_grid = np.nan_to_num((points - middle) / half * 0.5 + 0.5) * GRID
        return np.clip(np.rint(on_grid), 0, GRID).astype(int).ravel().tolist()

    return {
        "is_unknown": is_unknown.astype(int).tolist(),
        "probes": [placed(frame) for frame in projection.probes],
        "references": placed(projection.references),
    }


def _rounded(values: Sequence[float]) -> list[float | None]:
    """Four decimals; JSON has no NaN."""
    return [round(value, 4) if math.isfinite(value) else None for value in values]
