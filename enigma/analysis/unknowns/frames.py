"""What adapting does to the detection of unknown images: every metric of every score at every frame of a run."""

import contextlib
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from enigma.analysis.unknowns.detection import Detection, detection, h_score, oscr, threshold
from enigma.functionals.accuracy import accuracy_of
from enigma.spec.errors import InputError
from enigma.store import derived
from enigma.store.run_folder import Arrays, Run, frame_name

VERSION = 1
"""Raised whenever this module gives other numbers than before, so that those that were kept are made again."""
BINS = 40
SOURCE = "source"

Scored = tuple[Float[np.ndarray, " known"], Float[np.ndarray, " unknown"]]


@dataclass(frozen=True)
class UnknownFrame:
    """One frame, or the source model before any (`step` None).

    Attributes:
        accuracy: on the known images of the probe, in [0, 1].
        known_entropy, unknown_entropy: means, in nats.
        known_histogram, unknown_histogram: counts of entropies in 40 equal bins from 0 to ln(classes).
        detection: by score.
        oscr: by score; `enigma.analysis.unknowns.detection.oscr`.
    """

    step: int | None
    accuracy: float
    known_entropy: float
    unknown_entropy: float
    known_histogram: tuple[int, ...]
    unknown_histogram: tuple[int, ...]
    detection: dict[str, Detection]
    oscr: dict[str, float]

    @property
    def gap(self) -> float:
        """How much larger the mean entropy of the unknown images is, in nats."""
        return self.unknown_entropy - self.known_entropy

    def h_score(self, score: str) -> float:
        """Of accuracy and this score's AUROC."""
        return h_score(self.accuracy, self.detection[score].auroc)


@dataclass(frozen=True)
class Unknowns:
    """The whole run: the source model, then its frames."""

    source: UnknownFrame
    frames: tuple[UnknownFrame, ...]

    def best(self, score: str) -> tuple[UnknownFrame, UnknownFrame]:
        """The frame of the highest accuracy and that of the highest AUROC, the first of equals."""
        return (
            max(self.frames, key=lambda frame: frame.accuracy),
            max(self.frames, key=lambda frame: frame.detection[score].auroc),
        )


def is_mixed(run: Run) -> bool:
    """Whether there are unknown images in the probe of a run."""
    return "scores" in run.facts


def marks(run: Run) -> Bool[np.ndarray, " probes"]:
    """Which images of the probe are unknown.

    Raises:
        InputError: none are.
    """
    if not is_mixed(run):
        raise InputError(
            f"Expected a run with unknown images, but run {run.id} has none; record one with `unknown`, such as "
            "--unknown digits."
        )
    return run.read_arrays("probe.safetensors")["unknown"].astype(bool)


def scores(run: Run, step: int | None) -> dict[str, Scored]:
    """Every score of the known and of the unknown images at a frame, or of the source model (None), by name.

    Raises:
        InputError: the run has no unknown images.
    """
    is_unknown = marks(run)
    columns = _stored(run, step)["scores"].astype(np.float64).T
    return {
        name: (values[~is_unknown], values[is_unknown])
        for name, values in zip(run.facts["scores"], columns, strict=True)
    }


def unknowns(run: Run) -> Unknowns:
    """All of a run with unknown images; what is computed of a frame is kept beside the run.

    Raises:
        InputError: the run has none.
    """
    marks(run)
    return Unknowns(unknown_frame(run, None), tuple(unknown_frame(run, step) for step in run.frame_steps))


def unknown_frame(run: Run, step: int | None) -> UnknownFrame:
    """The numbers of one frame, or of the source model (None)."""
    name = f"unknowns/{SOURCE if step is None else f'{step:06d}'}.json"
    files = ("probe.safetensors",) if step is None else ("probe.safetensors", frame_name(step))
    of = derived.digest(run, *files, more=run.facts["scores"])
    kept = derived.read_json(run, name, of=of, version=VERSION)
    # What is kept came with the run: of another form, it is measured again.
    with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
        if kept is not None:
            return _parsed(kept)
    found = _measured(run, step)
    derived.keep_json(run, name, asdict(found), of=of, version=VERSION)
    return found


def table(found: Unknowns) -> pd.DataFrame:
    """One row a frame and score, with every metric; the source model first."""
    rows: list[dict[str, Any]] = []
    for frame in (found.source, *found.frames):
        for score, metrics in frame.detection.items():
            rows.append(
                {
                    "frame": SOURCE if frame.step is None else str(frame.step),
                    "score": score,
                    "accuracy": frame.accuracy,
                    **metrics.to_dict(),
                    "oscr": frame.oscr[score],
                    "h_score": frame.h_score(score),
                    "known_entropy": frame.known_entropy,
                    "unknown_entropy": frame.unknown_entropy,
                }
            )
    return pd.DataFrame(rows)


def decisions(run: Run, step: int, score: str, keep: float) -> pd.DataFrame:
    """One row an image of the probe at a frame: score, threshold that keeps a share `keep` of the known, decision.

    A larger score is more unknown, so scores such as the maximum logit are negated: `enigma.spec.catalogue.SCORES`.
    """
    known, unknown = scores(run, step)[score]
    probe = run.read_arrays("probe.safetensors")
    values = np.empty(len(probe["unknown"]))
    values[probe["unknown"] == 0], values[probe["unknown"] == 1] = known, unknown
    at = threshold(known, keep)
    return pd.DataFrame(
        {
            "run_id": run.id,
            "step": step,
            "score_name": score,
            "known_kept": keep,
            "image": np.arange(len(values)),
            "index": probe["indices"],
            "truth": np.where(probe["unknown"] == 1, "unknown", "known"),
            "score": values,
            "threshold": at,
            "decision": np.where(values > at, "unknown", "known"),
        }
    )


def _stored(run: Run, step: int | None) -> Arrays:
    if step is not None:
        return run.frame(step)
    probe = run.read_arrays("probe.safetensors")
    return {name.removeprefix("source_"): values for name, values in probe.items() if name.startswith("source_")}


def _measured(run: Run, step: int | None) -> UnknownFrame:
    frame, is_unknown = _stored(run, step), marks(run)
    labels = run.read_arrays("probe.safetensors")["labels"]
    predictions = frame["top_classes"][:, 0].astype(np.int64)
    is_right = (predictions == labels)[~is_unknown]
    entropies = frame["entropies"].astype(np.float64)
    classes = len(run.facts["classes"])
    counts = [
        np.histogram(np.clip(part, 0, math.log(classes)), BINS, (0, math.log(classes)))[0].tolist()
        for part in (entropies[~is_unknown], entropies[is_unknown])
    ]
    pairs = scores(run, step)
    return UnknownFrame(
        step=step,
        accuracy=accuracy_of(predictions, labels),
        known_entropy=float(entropies[~is_unknown].mean()),
        unknown_entropy=float(entropies[is_unknown].mean()),
        known_histogram=tuple(counts[0]),
        unknown_histogram=tuple(counts[1]),
        detection={name: detection(*pair) for name, pair in pairs.items()},
        oscr={name: oscr(known, is_right, unknown) for name, (known, unknown) in pairs.items()},
    )


def _parsed(told: dict[str, Any]) -> UnknownFrame:
    histograms = {name: tuple(told[name]) for name in ("known_histogram", "unknown_histogram")}
    metrics = {name: Detection(**values) for name, values in told["detection"].items()}
    return UnknownFrame(**told | histograms | {"detection": metrics})
