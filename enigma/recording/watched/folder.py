"""The run folder of a loop that is watched: begun with what was said, grown by what is logged, settled at its end."""

import json
import math
import os
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from enigma.functionals.accuracy import accuracy_of
from enigma.recording.circumstances import circumstances
from enigma.recording.watched.frame import as_single, outputs
from enigma.recording.watched.given import FEWEST, Given
from enigma.recording.watched.signals import values
from enigma.spec.run_spec import RunSpec
from enigma.spec.watched import WATCHED
from enigma.store import collection, durable, scalars
from enigma.store.run_folder import SCHEMA, Arrays, Run, frame_name
from enigma.store.thumbnails import PROBE, REFERENCE, SIZE, sprite

STATUS_SECONDS = 0.5
_GREY = 127


@dataclass(frozen=True)
class Form:
    """What every log of a loop has in common, known from the first one on.

    Attributes:
        probes, features: shape of the embeddings.
        outputs: number of logits; None where there are none.
        embeds: whether embeddings are logged; where not, the logits stand in.
        batch: images of which each step tells; 0 where none tells anything.
        device: where the loop computes.
    """

    probes: int
    features: int
    outputs: int | None
    embeds: bool
    batch: int
    device: str


@dataclass
class Folder:
    """Writes one run; all but `begun` is called from one thread."""

    run: Run
    given: Given
    form: Form
    facts: dict[str, Any]
    _lock: FileLock
    _rows: list[tuple[float | int, ...]] = field(default_factory=list)
    _steps: list[int] = field(default_factory=list)
    _told_at: float = 0.0
    _is_followed: bool = False

    @classmethod
    def begun(cls, root: Path, given: Given, form: Form, *, source_known: bool) -> "Folder":
        """A new run below `root`, which nobody else writes.

        Args:
            root: the folder of all runs.
            given: what was said of the loop.
            form: what the first log was like.
            source_known: whether the stream is compared with the model before its first step.
        """
        classes = given.named_classes(form.outputs)
        facts = {
            "classes": list(classes),
            "source_accuracy": _source_accuracy(given),
            "clean_accuracy": None,
            "digests": {"model": WATCHED, "test": given.images_digest, "reference": given.reference_digest},
            "missing": missing(given, form, source_known=source_known),
            **_provenance(form.device),
        }
        run_id = uuid.uuid4().hex[:12]
        run = collection.create(root, _spec(given, form, [0]), run_id, facts)
        # One thread begins the run and another ends it.
        lock = FileLock(run.path / "lock", thread_local=False)
        lock.acquire(timeout=2)
        return cls(run, given, form, facts, lock)

    def follow(self, batch: int, *, source_known: bool) -> None:
        """Notes of how many images each step tells, once a stream is logged; the first batch counts."""
        if not self._is_followed:
            self._is_followed, self.form = True, replace(self.form, batch=batch)
            self.facts = {**self.facts, "missing": missing(self.given, self.form, source_known=source_known)}

    def write_still(self) -> None:
        """What does not change while the loop goes on: reference, probe and pictures."""
        given, form = self.given, self.form
        embeddings, labels = given.reference, given.reference_labels
        if embeddings is None or labels is None:
            embeddings, labels = np.zeros((0, form.features)), np.zeros(0, np.int64)
        self.run.write_arrays("reference.safetensors", {"embeddings": as_single(embeddings), "labels": labels})
        self.run.write_arrays("probe.safetensors", _probe(given, form.probes))
        blank = np.full((1, SIZE, SIZE, 3), _GREY, np.uint8)
        shown = np.repeat(blank, form.probes, 0) if given.pictures is None else given.pictures
        self.run.write(PROBE, sprite(shown))
        if given.reference_pictures is not None:
            self.run.write(REFERENCE, sprite(given.reference_pictures))
        self._tell(0)

    def write_frame(self, step: int, arrays: Arrays) -> None:
        """A frame; within half a second run.json says how far the run is."""
        self.run.write_arrays(frame_name(step), arrays)
        self._steps.append(step)
        if time.monotonic() - self._told_at > STATUS_SECONDS:
            self._tell(step)

    def write_row(self, step: int, row: Mapping[str, float]) -> None:
        """What is known of a step; on disk within half a second while more comes."""
        self._rows.append((step, *values(row, scalars.COLUMNS[1:-1]), 0))
        if time.monotonic() - self._told_at > STATUS_SECONDS:
            self._tell(step)

    def settle(self, state: str, step: int, message: str = "") -> None:
        """Ends the run: nothing can be added any more, and any change of what it holds is noticed."""
        self._tell(step)
        self.run.note_scalars()
        durable.sweep(self.run.path)
        # Sealed first: what says that it is finished is whole.
        self.run.seal()
        self.run.set_status(state, step, message)
        self.release()

    def leave(self, step: int) -> None:
        """Writes what waits and leaves the run interrupted, as the end of the process would."""
        self._tell(step)
        self.release()

    def release(self) -> None:
        """Nobody writes the run any more."""
        self._lock.release()

    def _tell(self, step: int) -> None:
        """Writes how far the run is, and the rows that wait."""
        self._told_at = time.monotonic()
        if self._rows:
            self.run.append_scalars(self._rows)
            self._rows = []
        spec = _spec(self.given, self.form, self._steps or [step], step)
        content = {"schema": SCHEMA, "id": self.run.id, "spec": spec.to_dict(), **self.facts}
        self.run.write("run.json", json.dumps(content, indent=1).encode())
        self.run.set_status("running", step)


def missing(given: Given, form: Form, *, source_known: bool) -> dict[str, str]:
    """What cannot be shown of the loop for want of something that it did not log, and why."""
    reasons: dict[str, str] = {}
    if given.pictures is None:
        reasons["pictures"] = "no images were given"
    if given.labels is None or not (given.labels >= 0).any():
        reason = "no labels of the probe were given"
        reasons |= dict.fromkeys(("accuracy", "calibration_error", "phases"), reason)
    if given.reference_labels is None or not (given.reference_labels >= 0).any():
        reason = "no reference was given" if given.reference is None else "the reference has no labels"
        reasons |= dict.fromkeys(("shift_distance", "class_means"), reason)
    if form.outputs is None:
        names = ("accuracy", "calibration_error", "phases", "entropy", "predictions", "label_flips")
        reasons |= dict.fromkeys(names, "no logits were logged")
        if given.labels is None:
            reasons["silhouette"] = "neither labels nor logits tell how many classes there are"
    elif not form.embeds:
        reasons["embeddings"] = "none were logged, so the logits stand in for them"
    if not source_known:
        reason = "no logits" if not form.batch else "no logits of the source model on the stream"
        reasons["when_to_stop"] = f"{reason} were logged"
    return reasons


def _spec(given: Given, form: Form, frames: list[int], step: int = 0) -> RunSpec:
    return RunSpec.parse(
        {
            **dict.fromkeys(("model", "dataset", "method"), WATCHED), "watched": given.name, "settings": given.settings,
            "steps": max(step, frames[-1], 1), "frames": frames, "probes": form.probes,
            "references": FEWEST if given.reference is None else len(given.reference),
            **({"reference": "none"} if given.reference is None else {}),
            "batch_size": max(form.batch, 1), "seed": given.seed,
        }
    )  # fmt: skip


def _probe(given: Given, probes: int) -> Arrays:
    labels = np.full(probes, -1) if given.labels is None else given.labels
    found = {"labels": labels.astype(np.int64), "indices": np.arange(probes)}
    if given.source_logits is None:
        return found
    source = outputs(given.source_logits)
    confidences = np.exp(source["top_logits"][:, 0].astype(np.float64) - source["logsumexp"])
    return found | {
        "source_predictions": source["top_classes"][:, 0].astype(np.int64),
        "source_confidences": as_single(confidences),
        **{f"source_{name}": source[name] for name in ("top_logits", "top_classes", "logsumexp")},
    }


def _source_accuracy(given: Given) -> float | None:
    if given.source_logits is None or given.labels is None:
        return None
    found = accuracy_of(given.source_logits.argmax(1), given.labels)
    return found if math.isfinite(found) else None


def _provenance(device: str) -> dict[str, Any]:
    """The version of torch only where the loop has imported it."""
    packages = ("numpy", *(name for name in ("torch",) if name in sys.modules))
    return circumstances(packages, device=device, threads=os.cpu_count() or 1)
