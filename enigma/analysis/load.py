"""From a run folder to a `Trajectory`, and from a run to everything derived from it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from enigma.analysis import projection
from enigma.analysis.metrics import METRICS, confidences, frame_metrics
from enigma.analysis.trajectory import Projection, Trajectory
from enigma.catalogue import CORRUPTIONS, DATASETS, METHODS
from enigma.errors import InputError
from enigma.runs import Run
from enigma.spec import RunSpec
from enigma.thumbnails import COLUMNS, SIZE


def analyse(run: Run, projections: tuple[str, ...] = ("umap",), tell: Callable[[str], None] = lambda _: None) -> None:
    """Computes and stores metrics and projections of a settled run, then seals it again."""
    for step in run.frame_steps:
        frame_metrics(run, step)
    for name in projections:
        tell(f"Computing {projection.TITLES[name]}")
        projection.write(run, projection.PROJECTIONS[name](run))
    run.seal()


def trajectory(run: Run, name: str = "umap") -> Trajectory:
    """The run as figures need it, in the stored projection `name`.

    Where that is not stored, as while a run goes on, PCA stands in; frames that came after it was
    fitted are placed among those it was fitted on.

    Raises:
        InputError: the run has no frame yet.
    """
    if not run.frame_steps:
        raise InputError(f"Expected run {run.id} to have a frame, but it has none yet; wait a moment.")
    facts, probe = run.facts, run.read_arrays("probe.safetensors")
    frames = [frame for _, frame in run.frames()]
    metrics = [frame_metrics(run, step) for step in run.frame_steps]
    columns = {key: np.array([getattr(values, key) for values in metrics], np.float64) for key in METRICS}
    return Trajectory(
        run_id=run.id,
        title=title(run.spec),
        classes=tuple(facts["classes"]),
        steps=np.array(run.frame_steps),
        labels=probe["labels"],
        reference_labels=run.read_arrays("reference.safetensors")["labels"],
        predictions=np.stack([frame["top_classes"][:, 0] for frame in frames]),
        confidences=np.stack([confidences(frame) for frame in frames]).astype(np.float32),
        entropies=np.stack([frame["entropies"] for frame in frames]),
        projection=_projection(run, name),
        metrics=columns,
        source_accuracy=facts["source_accuracy"],
        phase_boundary=phase_boundary(np.array(run.frame_steps), columns["accuracy"]),
        thumbnails=(run.path / "thumbnails.webp").read_bytes(),
        thumbnail_columns=COLUMNS,
        thumbnail_size=SIZE,
    )


def phase_boundary(steps: np.ndarray, accuracy: np.ndarray) -> int:
    """The first step of best probe accuracy: phase 1 ends there (the paper, section 3).

    >>> phase_boundary(np.array([0, 10, 100]), np.array([0.6, 0.7, 0.5]))
    10
    """
    return int(steps[accuracy.argmax()])


def summary(run: Run) -> dict[str, float | int | str]:
    """The numbers people ask for first."""
    steps = np.array(run.frame_steps)
    accuracy = np.array([frame_metrics(run, step).accuracy for step in run.frame_steps])
    return {
        "run": run.id,
        "source_accuracy": run.facts["source_accuracy"],
        "frame0_accuracy": float(accuracy[0]),
        "best_accuracy": float(accuracy.max()),
        "best_step": phase_boundary(steps, accuracy),
        "final_accuracy": float(accuracy[-1]),
    }


def title(spec: RunSpec) -> str:
    """'Tent · Gaussian noise 3': method, corruption and severity, and the folder of one's own images."""
    method = METHODS[spec.method].title if spec.method in METHODS else spec.method
    shift = f"{CORRUPTIONS[spec.corruption].title} {spec.severity}" if spec.corruption != "none" else "clean images"
    place = "" if spec.dataset in DATASETS else f" · {Path(spec.dataset).name}"
    return f"{method} · {shift}{place}"


def _projection(run: Run, name: str) -> Projection:
    stored = projection.read(run, name)
    if stored is None:
        # UMAP of a whole run takes its time, so that is for the worker; the others are made at once.
        return projection.pca(run) if name == "umap" else projection.PROJECTIONS[name](run)
    if tuple(stored.steps) == run.frame_steps:
        return stored
    return _completed(run, stored)


def _completed(run: Run, stored: Projection) -> Projection:
    """A projection with frames added that were recorded after it was fitted."""
    known = {int(step): frame for step, frame in zip(stored.steps, stored.probes, strict=True)}
    kept = [step for step in known if step in run.frame_steps]
    fitted = np.concatenate(
        [run.read_arrays("reference.safetensors")["embeddings"], *(run.frame(s)["embeddings"] for s in kept)]
    )
    positions = np.concatenate([stored.references, *(known[step] for step in kept)])
    probes = [
        known[step]
        if step in known
        else projection.placed(run.frame(step)["embeddings"].astype(np.float32), fitted.astype(np.float32), positions)
        for step in run.frame_steps
    ]
    title = f"{stored.title}, later frames placed"
    return replace(stored, steps=np.array(run.frame_steps), probes=np.stack(probes), title=title)


def scalar_rows(run: Run) -> str:
    """The per-step numbers as CSV text."""
    path = run.path / "scalars.csv"
    return path.read_text(encoding="utf-8") if path.exists() else ""
