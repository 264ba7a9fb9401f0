"""A new run folder, with all that does not change while the run goes on: facts, reference, probe, thumbnails."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from enigma.functionals.accuracy import accuracy_of
from enigma.images.sources import Sources
from enigma.recording.device import Compute
from enigma.recording.evaluation import Evaluator, stacked
from enigma.recording.provenance import provenance
from enigma.spec.run_spec import RunSpec
from enigma.store import collection
from enigma.store.run_folder import Arrays, Run
from enigma.store.thumbnails import PROBE, REFERENCE, sprite

_NAMED_BROKEN = 20


def create(spec: RunSpec, root: Path, run_id: str, sources: Sources, compute: Compute) -> Run:
    """Makes the folder below `root`; a run that holds unknown images says which of its probe they are."""
    module = compute.place(sources.model.module)
    evaluate = Evaluator(compute, spec.batch_size)
    probe, reference = evaluate.source(module, sources.probe), evaluate.source(module, sources.reference)
    unknown = evaluate.source_scores(module, sources, sources.probe)[0] if sources.is_unknown.any() else {}
    facts = {
        "classes": list(sources.model.classes),
        "source_accuracy": _or_none(accuracy_of(probe["predictions"], sources.probe.labels)),
        "clean_accuracy": _or_none(sources.model.clean_accuracy),
        "digests": {
            "model": sources.model.digest,
            "test": sources.test.digest,
            "reference": sources.reference.digest,
        },
        **({"scores": list(unknown)} if unknown else {}),
        **_said_of(sources),
        **provenance(compute.device),
    }
    run = collection.create(root, spec, run_id, facts)
    run.write_arrays(
        "reference.safetensors", {"embeddings": reference["embeddings"], "labels": sources.reference.labels}
    )
    marks: Arrays = {}
    if unknown:
        marks = {
            "unknown": sources.unknown_probe.astype(np.uint8),
            "source_scores": stacked(unknown),
            "source_entropies": probe["entropies"],
        }
    run.write_arrays(
        "probe.safetensors",
        {
            "labels": sources.probe.labels,
            "indices": sources.probe.indices,
            "source_predictions": probe["predictions"],
            "source_confidences": probe["confidences"],
            **{f"source_{name}": probe[name] for name in ("top_logits", "top_classes", "logsumexp")},
            **marks,
        },
    )
    run.write(PROBE, sprite(sources.probe.images[:]))
    if len(sources.reference):
        run.write(REFERENCE, sprite(sources.reference.images[:]))
    return run


def _said_of(sources: Sources) -> dict[str, Any]:
    """What a reader of the run should know of its images and its model."""
    model, unchanged = sources.model, sources.unchanged()
    return {
        "dataset": list(sources.description),
        "broken_images": {"count": len(sources.broken), "names": list(sources.broken[:_NAMED_BROKEN])},
        **({"unchanged_images": {"count": unchanged, "of": len(sources.probe)}} if unchanged else {}),
        "preprocessing": sources.preprocess.describe(),
        "layer": model.head.name,
        "random_weights": model.is_random,
        **({"notes": list(sources.notes)} if sources.notes else {}),
        "missing": missing(sources.probe.labels, sources.reference.labels),
    }


def missing(labels: np.ndarray, reference_labels: np.ndarray) -> dict[str, str]:
    """What cannot be measured for want of labels or of reference images, and why.

    >>> sorted(missing(np.array([0, 1]), np.array([-1, -1])))
    ['class_means', 'shift_distance']
    """
    reasons: dict[str, str] = {}
    if not (labels >= 0).any():
        reason = "the test images have no labels"
        reasons |= dict.fromkeys(("accuracy", "calibration_error", "phases"), reason)
    if not (reference_labels >= 0).any():
        reason = "the reference images have no labels" if len(reference_labels) else "there are no reference images"
        reasons |= dict.fromkeys(("shift_distance", "class_means"), reason)
    return reasons


def _or_none(value: float) -> float | None:
    """JSON has no NaN."""
    return value if math.isfinite(value) else None
