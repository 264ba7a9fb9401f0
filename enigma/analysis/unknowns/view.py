"""What the Unknowns page draws of a run, as plain values: it is sent to the browser once."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from enigma.analysis.trajectory import Trajectory
from enigma.analysis.unknowns.detection import roc, threshold
from enigma.analysis.unknowns.frames import marks, scores, unknowns
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


def view(run: Run, trajectory: Trajectory) -> dict[str, Any]:
    """Curves, histograms, ROC curves and projected points of every frame.

    Shares are in [0, 1], entropies in nats; points lie on a grid from 0 to 4,095.

    Raises:
        InputError: the run has no unknown images.
    """
    found, is_unknown = unknowns(run), marks(run)
    frames, names = found.frames, list(run.facts["scores"])
    scored = [scores(run, frame.step) for frame in frames]
    detections = {name: [frame.detection[name] for frame in frames] for name in names}
    return {
        "run": run.id,
        "title": trajectory.title,
        "steps": [frame.step for frame in frames],
        "scores": [{"name": name, "title": SCORES[name].title, "help": SCORES[name].summary} for name in names],
        "accuracy": _rounded([frame.accuracy for frame in frames]),
        "known_entropy": _rounded([frame.known_entropy for frame in frames]),
        "unknown_entropy": _rounded([frame.unknown_entropy for frame in frames]),
        "most_entropy": math.log(len(trajectory.classes)),
        "known": int((~is_unknown).sum()),
        "unknown": int(is_unknown.sum()),
        "known_histogram": [frame.known_histogram for frame in frames],
        "unknown_histogram": [frame.unknown_histogram for frame in frames],
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
        "thresholds": {name: [_thresholds(*every[name]) for every in scored] for name in names},
        **_points(trajectory, is_unknown),
    }


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
