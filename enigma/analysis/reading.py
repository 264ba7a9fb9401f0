"""From a run folder to a `Trajectory`, and from a run to everything derived from it."""

import math
from typing import Any

import numpy as np

from enigma.analysis import distances
from enigma.analysis.metrics.frame_metrics import run_metrics
from enigma.analysis.metrics.observed import confidences, known_probe, predicted, source_means
from enigma.analysis.phases.evidence import evidence
from enigma.analysis.projection import stored
from enigma.analysis.projection.mixing import own_class_share
from enigma.analysis.projection.names import DEFAULT
from enigma.analysis.trajectory import Trajectory
from enigma.functionals.stopping import watched
from enigma.spec.errors import InputError
from enigma.spec.titles import title, unchanged_images
from enigma.store.run_folder import Run
from enigma.store.thumbnails import COLUMNS, SIZE


def trajectory(run: Run, name: str = DEFAULT) -> Trajectory:
    """The run as figures need it, in the projection `name`, or what stands in for it while it is not fitted.

    Raises:
        InputError: the run has no frame yet.
    """
    run = run.as_of_now()
    if not run.frame_steps:
        raise InputError(f"Expected run {run.id} to have a frame, but it has none yet; wait a moment.")
    facts, probe = run.facts, run.read_arrays("probe.safetensors")
    kept, labels = known_probe(run)
    frames = [frame for _, frame in run.frames()]
    metrics = run_metrics(run)
    reference, means = run.read_arrays("reference.safetensors"), source_means(run)
    found = distances.to_means(np.stack([frame["embeddings"] for frame in frames]), probe["labels"], means)
    return Trajectory(
        run_id=run.id,
        title=title(run.spec),
        classes=tuple(facts["classes"]),
        steps=np.array(run.frame_steps),
        labels=probe["labels"],
        reference_labels=reference["labels"],
        predictions=np.stack([frame["top_classes"][:, 0] for frame in frames]),
        confidences=np.stack([confidences(frame) for frame in frames]).astype(np.float32),
        entropies=np.stack([frame["entropies"] for frame in frames]),
        distances=found.distances,
        distance_classes=found.classes,
        reference_distances=distances.of_references(reference["embeddings"], reference["labels"], means),
        projection=stored.at_once(run, name),
        metrics=metrics,
        source_accuracy=math.nan if facts["source_accuracy"] is None else facts["source_accuracy"],
        phase_boundary=phase_boundary(np.array(run.frame_steps), metrics["accuracy"]),
        evidence=evidence(
            (frame["embeddings"][kept] for frame in frames),
            (predicted(frame)[kept] for frame in frames),
            labels,
            means,
        ),
        thumbnails=(run.path / "thumbnails.webp").read_bytes(),
        thumbnail_columns=COLUMNS,
        thumbnail_size=SIZE,
        marks=marks(run),
        own_class_share=own_class_share(frames[-1]["embeddings"], probe["labels"]),
    )


def marks(run: Run) -> tuple[tuple[str, int], ...]:
    """The suggested stop and the collapse alarm of a run, where its stream told of them."""
    watch = watched(run.scalars(), len(run.facts["classes"]), run.spec.batch_size)
    if watch is None:
        return ()
    stop = [("stop", watch.kept)] if watch.stop_at else []
    return (*stop, *([("alarm", watch.alarm_at)] if watch.alarm_at else []))


def phase_boundary(steps: np.ndarray, accuracy: np.ndarray) -> int:
    """The first step of best probe accuracy: phase 1 ends there (the paper, section 3); -1 without labels.

    >>> phase_boundary(np.array([0, 10, 100]), np.array([0.6, 0.7, 0.5]))
    10
    """
    return int(steps[np.nanargmax(accuracy)]) if np.isfinite(accuracy).any() else -1


def summary(run: Run) -> dict[str, float | int | str | None]:
    """The numbers people ask for first; None where the test images have no labels."""
    steps = np.array(run.frame_steps)
    accuracy = run_metrics(run, ["accuracy"])["accuracy"]
    if not np.isfinite(accuracy).any():
        names = ("source_accuracy", "frame0_accuracy", "best_accuracy", "best_step", "final_accuracy")
        return {"run": run.id, **dict.fromkeys(names)}
    return {
        "run": run.id,
        "source_accuracy": run.facts["source_accuracy"],
        "frame0_accuracy": float(accuracy[0]),
        "best_accuracy": float(accuracy.max()),
        "best_step": phase_boundary(steps, accuracy),
        "final_accuracy": float(accuracy[-1]),
    }


def notes(facts: dict[str, Any]) -> list[str]:
    """What a reader must know of a run's model and images: how they were taken, what was left out, what is missing."""
    found = list(facts.get("notes", []))
    broken = facts.get("broken_images", {"count": 0})
    if broken["count"]:
        more = ", …" if broken["count"] > len(broken["names"]) else ""
        found.append(f"{broken['count']:,} broken images were left out: {', '.join(broken['names'])}{more}")
    if unchanged := facts.get("unchanged_images"):
        found.append(unchanged_images(unchanged["count"], unchanged["of"]))
    reasons: dict[str, list[str]] = {}
    for name, reason in facts.get("missing", {}).items():
        reasons.setdefault(reason, []).append(name.replace("_", " "))
    found += [f"Not known ({', '.join(names)}): {reason}." for reason, names in reasons.items()]
    if facts.get("random_weights"):
        found.append("The weights are random: nobody trained this model, so its accuracy is that of chance.")
    return found
