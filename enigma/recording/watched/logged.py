"""What one log of a loop holds, checked against what was said at first and against the logs before."""

from typing import Any

import numpy as np

from enigma.recording.watched.arrays import classes_of, matrix
from enigma.recording.watched.folder import Form
from enigma.recording.watched.given import Given
from enigma.spec.errors import InputError

LARGEST_MEANS = 50_000_000
"""So many numbers, classes times features, a frame may have; beyond it one frame takes 200 MB."""

Seen = tuple[np.ndarray | None, np.ndarray | None]
"""Embeddings and logits of the probe, of which a log may lack either or both."""

Streamed = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Logits, those of the source model and labels of the images of a step; the last two are empty where nobody knows."""


def seen_of(embeddings: Any, logits: Any) -> Seen:
    """What was logged of the probe.

    Raises:
        InputError: it is no table of finite numbers.
    """
    return (
        None if embeddings is None else matrix(embeddings, "embeddings", "probes, features"),
        None if logits is None else matrix(logits, "logits", "probes, classes"),
    )


def streamed_of(logits: Any, source: Any, labels: Any) -> Streamed | None:
    """What was logged of the images that a step adapts to or trains on; None where nothing was.

    Raises:
        InputError: the three do not fit together, or are no tables of finite numbers.
    """
    if logits is None:
        if source is not None or labels is not None:
            raise InputError("Expected `stream_logits` with what else is logged of the stream, but got none.")
        return None
    found = matrix(logits, "stream_logits", "batch, classes")
    before = np.empty((0, 0)) if source is None else matrix(source, "stream_source_logits", "batch, classes")
    classes = np.empty(0) if labels is None else classes_of(labels, "stream_labels")
    if source is not None and before.shape != found.shape:
        raise InputError(f"Expected stream_source_logits of shape {found.shape}, but got shape {before.shape}.")
    if labels is not None and len(classes) != len(found):
        raise InputError(f"Expected {len(found):,} stream_labels, one an image, but got {len(classes):,}.")
    return found, before, classes


def form_of(seen: Seen, batch: int, device: str) -> Form:
    """What the arrays of a log are like, with `batch` images of a stream, or else those of the probe.

    Raises:
        InputError: embeddings and logits are not of as many images.
    """
    embeddings, logits = seen
    points = embeddings if embeddings is not None else logits
    assert points is not None
    if embeddings is not None and logits is not None and len(embeddings) != len(logits):
        raise InputError(f"Expected as many logits as embeddings, {len(embeddings):,}, but got {len(logits):,}.")
    outputs = None if logits is None else logits.shape[1]
    told = batch or (0 if logits is None else len(logits))
    return Form(len(points), points.shape[1], outputs, embeddings is not None, told, device)


def check_given(given: Given, form: Form) -> None:
    """Checks that the first log is like what was said of the loop.

    Raises:
        InputError: it is not.
    """
    given.check_probes(form.probes)
    reference, classes = given.reference, len(given.named_classes(form.outputs))
    if reference is not None and reference.shape[1] != form.features:
        what = "embeddings" if form.embeds else "logits, which stand in for embeddings,"
        raise InputError(
            f"Expected {what} as long as those of `reference`, {reference.shape[1]:,} numbers, but got "
            f"{form.features:,}."
        )
    if classes * form.features > LARGEST_MEANS:
        raise InputError(
            f"Expected classes times features up to {LARGEST_MEANS:,}, but got {classes:,} times "
            f"{form.features:,}; log the logits of the classes that matter."
        )
    source = given.source_logits
    if source is not None and source.shape[1] != form.outputs:
        raise InputError(f"Expected source_logits of {form.outputs} classes, as logits, but got {source.shape[1]}.")


def check_form(first: Form, now: Form) -> None:
    """Checks that a log is like the first.

    Raises:
        InputError: it is not.
    """
    if (now.embeds, now.outputs is None) != (first.embeds, first.outputs is None):
        raise InputError(f"Expected {_parts(first)} in every frame, as in the first, but got {_parts(now)}.")
    if (now.probes, now.features) != (first.probes, first.features):
        raise InputError(
            f"Expected {first.probes:,} images of {first.features:,} numbers in every frame, as in the first, but got "
            f"{now.probes:,} of {now.features:,}; log the same probe at every step."
        )
    if now.outputs != first.outputs:
        raise InputError(f"Expected logits of {first.outputs} classes in every frame, but got {now.outputs}.")


def device_of(value: Any) -> str:
    """Where a tensor lies; an array lies in memory."""
    return str(getattr(value, "device", "cpu"))


def _parts(form: Form) -> str:
    names = ("embeddings" if form.embeds else "", "" if form.outputs is None else "logits")
    return " and ".join(filter(None, names))
