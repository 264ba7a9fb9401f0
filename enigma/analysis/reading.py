"""From a run folder to a `Trajectory`, and from a run to everything derived from it."""

import math
from typing import Any

import numpy as np
from jaxtyping import Float, Float32, Integer

from enigma.analysis.metrics.frame_metrics import run_metrics
from enigma.analysis.metrics.observed import confidences, source_means
from enigma.analysis.projection import stored
from enigma.analysis.projection.methods import PROJECTIONS
from enigma.analysis.trajectory import Projection, Trajectory
from enigma.functionals.stopping import watched
from enigma.spec.errors import InputError
from enigma.spec.titles import title
from enigma.store.run_folder import Run
from enigma.store.thumbnails import COLUMNS, SIZE


def trajectory(run: Run, name: str = "umap") -> Trajectory:
    """The run as figures need it, in the stored projection `name`.

    While the UMAP of all frames is not stored, as while a run goes on, PCA stands in; frames that came
    after it was fitted are placed among those it was fitted on. Other projections are made at once.

    Raises:
        InputError: the run has no frame yet.
    """
    run = run.as_of_now()
    if not run.frame_steps:
        raise InputError(f"Expected run {run.id} to have a frame, but it has none yet; wait a moment.")
    facts, probe = run.facts, run.read_arrays("probe.safetensors")
    frames = [frame for _, frame in run.frames()]
    metrics = run_metrics(run)
    predictions = np.stack([frame["top_classes"][:, 0] for frame in frames])
    return Trajectory(
        run_id=run.id,
        title=title(run.spec),
        classes=tuple(facts["classes"]),
        steps=np.array(run.frame_steps),
        labels=probe["labels"],
        reference_labels=run.read_arrays("reference.safetensors")["labels"],
        predictions=predictions,
        confidences=np.stack([confidences(frame) for frame in frames]).astype(np.float32),
        entropies=np.stack([frame["entropies"] for frame in frames]),
        distances=distances_to_means(
            np.stack([frame["embeddings"] for frame in frames]),
            np.where(probe["labels"] < 0, predictions, probe["labels"]),
            source_means(run),
        ),
        projection=_projection(run, name),
        metrics=metrics,
        source_accuracy=math.nan if facts["source_accuracy"] is None else facts["source_accuracy"],
        phase_boundary=phase_boundary(np.array(run.frame_steps), metrics["accuracy"]),
        thumbnails=(run.path / "thumbnails.webp").read_bytes(),
        thumbnail_columns=COLUMNS,
        thumbnail_size=SIZE,
        marks=marks(run),
    )


def marks(run: Run) -> tuple[tuple[str, int], ...]:
    """The suggested stop and the collapse alarm of a run, where its stream told of them."""
    watch = watched(run.scalars(), len(run.facts["classes"]), run.spec.batch_size)
    if watch is None:
        return ()
    stop = [("stop", watch.kept)] if watch.stop_at else []
    return (*stop, *([("alarm", watch.alarm_at)] if watch.alarm_at else []))


def distances_to_means(
    embeddings: Float[np.ndarray, "frames probes features"],
    classes: Integer[np.ndarray, "frames probes"],
    means: Float[np.ndarray, "classes features"],
) -> Float32[np.ndarray, "frames probes"]:
    """Euclidean distance of each embedding to the mean of its class.

    >>> distances_to_means(np.array([[[0.0, 3.0], [4.0, 0.0]]]), np.array([[1, 0]]), np.array([[4.0, 1.0], [0.0, 0.0]]))
    array([[3., 1.]], dtype=float32)
    """
    # One frame at a time, so that only one is held in double precision.
    pairs = zip(embeddings, classes, strict=True)
    return np.stack([np.linalg.norm(frame - means[labels], axis=1).astype(np.float32) for frame, labels in pairs])


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
    """What a reader must know of a run's images: broken ones that were left out, and what is missing and why."""
    found = []
    broken = facts.get("broken_images", {"count": 0})
    if broken["count"]:
        more = ", …" if broken["count"] > len(broken["names"]) else ""
        found.append(f"{broken['count']:,} broken images were left out: {', '.join(broken['names'])}{more}")
    reasons: dict[str, list[str]] = {}
    for name, reason in facts.get("missing", {}).items():
        reasons.setdefault(reason, []).append(name.replace("_", " "))
    found += [f"Not known ({', '.join(names)}): {reason}." for reason, names in reasons.items()]
    if facts.get("random_weights"):
        found.append("The weights are random: nobody trained this model, so its accuracy is that of chance.")
    return found


def _projection(run: Run, name: str) -> Projection:
    kept = stored.read(run, name)
    if kept is None:
        # UMAP of a whole run takes its time, so that is for the worker; the others are made at once.
        return PROJECTIONS["pca" if name == "umap" else name](run)
    return stored.completed(run, kept)
