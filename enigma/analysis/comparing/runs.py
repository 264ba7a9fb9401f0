"""Several runs side by side: what is compared, and seeds folded together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Integer

from enigma.analysis.comparing.differences import Unlike, effective, names
from enigma.analysis.metrics.frame_metrics import run_metrics
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.run_folder import Run


@dataclass(frozen=True)
class Compared:
    """What a comparison needs of one run; no positions, no images.

    Attributes:
        metrics: name to one value a frame, as in `Trajectory`.
        seconds: from the start of the recording to its last step, pauses included; NaN when it is not known.
        probe_images: the test images that are probed, so that two runs can be asked whether theirs are the same.
        facts: versions, hardware and digests, as in run.json.
        hits: which probe images with a known label are classified right, at the 'best' frame and at the 'final' one;
            empty without labels.
        is_live: whether it is still being recorded.
    """

    run_id: str
    spec: RunSpec
    steps: Integer[np.ndarray, " frames"]
    metrics: dict[str, Float[np.ndarray, " frames"]]
    source_accuracy: float
    seconds: float
    probe_images: tuple[int, ...]
    facts: dict[str, Any]
    hits: dict[str, Bool[np.ndarray, " images"]] = field(default_factory=dict)
    is_live: bool = False


def compared(run: Run) -> Compared:
    """Reads a run for comparison.

    Raises:
        InputError: the run has no frame yet.
    """
    # One that is being recorded grows between two of the readings below.
    run = run.as_of_now()
    if not run.frame_steps:
        raise InputError(f"Expected run {run.id} to have a frame, but it has none yet; wait a moment.")
    facts, metrics, probe = run.facts, run_metrics(run), run.read_arrays("probe.safetensors")
    return Compared(
        run_id=run.id,
        spec=run.spec,
        steps=np.array(run.frame_steps),
        metrics=metrics,
        source_accuracy=math.nan if facts["source_accuracy"] is None else float(facts["source_accuracy"]),
        seconds=_seconds(run),
        probe_images=tuple(probe["indices"].tolist()),
        facts={name: facts.get(name, {}) for name in ("versions", "hardware", "digests")},
        hits=_hits(run, probe["labels"], metrics["accuracy"]),
        is_live=run.state == "running",
    )


def _hits(
    run: Run, labels: Integer[np.ndarray, " probes"], accuracy: Float[np.ndarray, " frames"]
) -> dict[str, Bool[np.ndarray, " images"]]:
    known = labels >= 0
    if not known.any() or not np.isfinite(accuracy).any():
        return {}
    # A frame may have been added since the metrics were read.
    steps = run.frame_steps[: len(accuracy)]
    at = {"best": steps[int(accuracy.argmax())], "final": steps[-1]}
    return {time: (run.frame(step)["top_classes"][:, 0] == labels)[known] for time, step in at.items()}


def _seconds(run: Run) -> float:
    status, facts = run.status, run.facts
    # A longer run took over what a shorter one had recorded, and its clock began with that one.
    if status["state"] not in ("finished", "stopped") or facts.get("extends") or "updated" not in status:
        return math.nan
    return float(status["updated"]) - datetime.fromisoformat(facts["created"]).timestamp()


def labels(runs: Sequence[Compared]) -> list[str]:
    """A short name for each run that tells it from the others, and says when it is still being recorded."""
    found = names([run.spec for run in runs], [run.run_id for run in runs])
    return [f"{name} (running)" if run.is_live else name for name, run in zip(found, runs, strict=True)]


@dataclass(frozen=True)
class Series:
    """One curve of the comparison: a run, or runs that differ in nothing but the seed.

    Attributes:
        metrics: the values of the run, or the mean over the runs at the steps that all of them recorded.
        spread: the standard deviation over the runs (divided by n - 1); empty for a single run.
    """

    name: str
    run_ids: tuple[str, ...]
    steps: Integer[np.ndarray, " frames"]
    metrics: dict[str, Float[np.ndarray, " frames"]]
    source_accuracy: float
    spread: dict[str, Float[np.ndarray, " frames"]] = field(default_factory=dict)


def series(runs: Sequence[Compared], *, fold: bool = False) -> list[Series]:
    """One curve a run; with `fold`, one for all runs that differ in nothing but the seed."""
    alone = [
        Series(name, (run.run_id,), run.steps, run.metrics, run.source_accuracy)
        for name, run in zip(labels(runs), runs, strict=True)
    ]
    if not fold:
        return alone
    groups = seed_groups(runs)
    firsts = names([runs[group[0]].spec for group in groups], [runs[group[0]].run_id for group in groups])
    return [
        _folded([runs[index] for index in group], f"{name} · {len(group)} seeds") if len(group) > 1 else alone[group[0]]
        for name, group in zip(firsts, groups, strict=True)
    ]


def seed_groups(runs: Sequence[Compared]) -> list[list[int]]:
    """Positions of the runs, those together that differ in nothing but the seed; in order of the first of each."""
    groups: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for index, run in enumerate(runs):
        fields = {name: str(value) for name, value in effective(run.spec).items() if name != "seed"}
        groups.setdefault(tuple(sorted(fields.items())), []).append(index)
    return list(groups.values())


def _folded(runs: Sequence[Compared], name: str) -> Series:
    common = sorted(set.intersection(*(set(run.steps.tolist()) for run in runs)))
    stacked = {
        metric: np.stack([run.metrics[metric][np.isin(run.steps, common)] for run in runs])
        for metric in runs[0].metrics
    }
    return Series(
        name=name,
        run_ids=tuple(run.run_id for run in runs),
        steps=np.array(common),
        metrics={metric: values.mean(0) for metric, values in stacked.items()},
        source_accuracy=float(np.mean([run.source_accuracy for run in runs])),
        spread={metric: values.std(0, ddof=1) for metric, values in stacked.items()},
    )


def environment(runs: Sequence[Compared]) -> list[Unlike]:
    """Versions, hardware and data in which the runs differ."""
    found = []
    for part in ("versions", "hardware", "digests"):
        keys = dict.fromkeys(key for run in runs for key in run.facts[part])
        for key in keys:
            values = tuple(str(run.facts[part].get(key, "–")) for run in runs)
            if len(set(values)) > 1:
                title = f"{key} images (digest)" if part == "digests" and key != "model" else f"{key}"
                found.append(Unlike(key, "model (digest)" if key == "model" else title, values))
    return found


def same_images(runs: Sequence[Compared]) -> bool:
    """Whether all runs are judged on the very same images, shifted in the very same way."""
    return not other_images(runs)


def other_images(runs: Sequence[Compared]) -> str:
    """In what the images differ that runs are judged on; empty where they are the very same."""
    counts = sorted({len(run.probe_images) for run in runs})
    reasons = []
    if len({run.facts["digests"].get("test") for run in runs}) > 1:
        reasons.append("another dataset, shift or severity")
    if len(counts) > 1:
        reasons.append(f"{counts[0]:,} probe images against {counts[-1]:,}")
    elif len({run.probe_images for run in runs}) > 1:
        reasons.append("a seed that picks other probe images")
    return " and ".join(reasons)
