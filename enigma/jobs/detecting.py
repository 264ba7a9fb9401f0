"""Detection without adaptation: a model as it was stored, known images, unknown images, and a threshold between."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from enigma.analysis.unknowns.detection import Detection, detection, threshold
from enigma.functionals.accuracy import accuracy_of
from enigma.images.sources import load_sources
from enigma.recording.device import Compute
from enigma.recording.evaluation import Evaluator
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.spec.shares import percent

BATCH = 250


@dataclass(frozen=True)
class Detected:
    """What a model makes of one set of unknown images.

    Attributes:
        name: of the unknown set.
        accuracy: on the known images, in [0, 1].
        known, unknown: every score of every image, larger is less known.
        indices: positions of the known, then of the unknown images in their datasets.
    """

    name: str
    accuracy: float
    known: dict[str, np.ndarray]
    unknown: dict[str, np.ndarray]
    indices: tuple[np.ndarray, np.ndarray]

    @property
    def metrics(self) -> dict[str, Detection]:
        return {name: detection(self.known[name], self.unknown[name]) for name in self.known}

    def to_dict(self) -> dict[str, Any]:
        return {name: metrics.to_dict() for name, metrics in self.metrics.items()}

    def decide(self, score: str = "energy", keep: float = 0.95) -> "Decisions":
        """What a threshold that keeps a share of the known images decides; see `decisions`."""
        return decisions(self, score, keep)


@dataclass(frozen=True)
class Decisions:
    """What a threshold decides.

    Attributes:
        kept_known: share of the known images it was not set on that it keeps.
        rejected_unknown: share of the unknown images that it rejects.
        table: one row an image: set, index, score, threshold, decision, and whether it served to set the threshold.
    """

    name: str
    score: str
    keep: float
    at: float
    kept_known: float
    rejected_unknown: float
    table: pd.DataFrame

    @property
    def sentence(self) -> str:
        return (
            f"{self.score} above {self.at:.4g} is unknown: set to keep {percent(self.keep, 0)} of one half of the "
            f"known images, it keeps {percent(self.kept_known)} of the other half and rejects "
            f"{percent(self.rejected_unknown)} of the unknown."
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "unknown": self.name, "score": self.score, "keep": self.keep, "threshold": self.at,
            "kept_known": self.kept_known, "rejected_unknown": self.rejected_unknown,
        }  # fmt: skip


def detected(spec: RunSpec, cache: Path) -> Detected:
    """Scores the probe and every unknown image under the source model with its stored statistics.

    Raises:
        InputError: the spec does not fit the model or the data.
    """
    assert spec.unknown is not None
    sources = load_sources(spec.sources, cache)
    compute = Compute.of(spec.device, spec.precision)
    evaluate = Evaluator(compute, BATCH)
    positions = np.concatenate([sources.probe_positions[~sources.unknown_probe], np.flatnonzero(sources.is_unknown)])
    chosen = sources.test.take(positions)
    is_unknown = sources.is_unknown[positions]
    scores, predictions = evaluate.source_scores(compute.place(sources.model.module), sources, chosen)
    return Detected(
        name=spec.unknown,
        accuracy=accuracy_of(predictions, chosen.labels),
        known={name: values[~is_unknown] for name, values in scores.items()},
        unknown={name: values[is_unknown] for name, values in scores.items()},
        indices=(chosen.indices[~is_unknown], chosen.indices[is_unknown]),
    )


def decisions(found: Detected, score: str, keep: float) -> Decisions:
    """Sets a threshold on every second known image and applies it to all.

    Raises:
        InputError: the model or the reference does not allow this score.
    """
    if score not in found.known:
        raise InputError(
            f"Expected a score among {', '.join(found.known)}, but got {score}, which needs training images of each "
            "class as `reference`, or a linear last layer."
        )
    known, unknown = found.known[score], found.unknown[score]
    serves = np.arange(len(known)) % 2 == 0
    at = threshold(known[serves], keep)
    rejected = np.concatenate([known, unknown]) > at
    table = pd.DataFrame(
        {
            "set": ["known"] * len(known) + [found.name] * len(unknown),
            "index": np.concatenate(found.indices),
            "score": np.concatenate([known, unknown]),
            "threshold": at,
            "decision": np.where(rejected, "unknown", "known"),
            "set_the_threshold": np.concatenate([serves, np.zeros(len(unknown), bool)]),
        }
    )
    kept = float((known[~serves] <= at).mean())
    return Decisions(found.name, score, keep, at, kept, float((unknown > at).mean()), table)
