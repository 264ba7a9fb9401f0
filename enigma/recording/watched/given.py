"""What is said of a loop before its first step: the probe, the reference, classes, pictures."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from enigma.recording.watched.arrays import as_array, classes_of, matrix
from enigma.spec.errors import InputError

FEWEST = 10
"""Images that a run needs at least."""
_LONGEST_NAME = 200
UNPREDICTED = "no logits"
"""The name of the class that stands for predictions which were not logged."""


@dataclass(frozen=True)
class Given:
    """What whoever watches a loop said of it, checked; what they did not say is None or empty.

    Attributes:
        name: what the run is called.
        labels: class of each image of the probe, -1 where unknown.
        reference: embeddings of the training images under the model at the start.
        reference_labels: their classes.
        pictures: of the probe, in colour.
        reference_pictures: of the training images.
        classes: their names.
        source_logits: of the unadapted model on the probe.
        settings: of the loop, such as its learning rate.
        seed: of the loop.
    """

    name: str
    labels: np.ndarray | None = None
    reference: np.ndarray | None = None
    reference_labels: np.ndarray | None = None
    pictures: np.ndarray | None = None
    reference_pictures: np.ndarray | None = None
    classes: tuple[str, ...] = ()
    source_logits: np.ndarray | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 0

    @classmethod
    def of(
        cls, name: Any, *, probe_labels: Any, reference: Any, images: Any, reference_images: Any, classes: Any,
        source_logits: Any, settings: Mapping[str, Any], seed: int,
    ) -> "Given":  # fmt: skip
        """Reads what was given.

        Raises:
            InputError: naming the first thing that cannot be used, and why.
        """
        if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
            raise InputError(f"Expected a name of at most {_LONGEST_NAME} letters for the run, but got {name!r:.60}.")
        embeddings, of_training = _reference(reference)
        found = cls(
            name=name.strip(),
            labels=None if probe_labels is None else classes_of(probe_labels, "probe_labels"),
            reference=embeddings,
            reference_labels=of_training,
            pictures=None if images is None else _pictures(images, "images"),
            reference_pictures=None if reference_images is None else _pictures(reference_images, "reference_images"),
            classes=_names(classes),
            source_logits=None if source_logits is None else matrix(source_logits, "source_logits", "probes, classes"),
            settings=dict(settings),
            seed=seed,
        )
        found.check_probes(found.probes)
        _same("reference_images", found.reference_pictures, "reference", found.reference)
        return found

    @property
    def probes(self) -> int | None:
        """Images of the probe, as far as labels, pictures or logits tell."""
        parts = (self.labels, self.pictures, self.source_logits)
        return next((len(part) for part in parts if part is not None), None)

    @property
    def images_digest(self) -> str:
        """Tells two probes apart by their labels and pictures."""
        digest = hashlib.sha256()
        for part in (self.labels, self.pictures):
            digest.update(b"" if part is None else np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()

    @property
    def reference_digest(self) -> str:
        """Tells two references apart by their embeddings and labels."""
        parts = (self.reference, self.reference_labels)
        return hashlib.sha256(b"".join(np.ascontiguousarray(p).tobytes() for p in parts if p is not None)).hexdigest()

    def check_probes(self, count: int | None) -> None:
        """Whether labels, pictures and logits are of so many images, and those are enough.

        Raises:
            InputError: they are not.
        """
        told = {"probe_labels": self.labels, "images": self.pictures, "source_logits": self.source_logits}
        for name, part in told.items():
            if part is not None and len(part) != count:
                raise InputError(f"Expected as many {name} as images of the probe, {count:,}, but got {len(part):,}.")
        if count is not None and count < FEWEST:
            raise InputError(f"Expected at least {FEWEST} images in the probe, but got {count}; more tell more.")

    def named_classes(self, outputs: int | None) -> tuple[str, ...]:
        """The classes of the run: those of `outputs` logits, or those of the labels and one for what is not known.

        Raises:
            InputError: a label or the number of names does not fit.
        """
        labels = [part for part in (self.labels, self.reference_labels) if part is not None]
        largest = max((int(part.max()) for part in labels), default=-1)
        count = len(self.classes) or largest + 1 if outputs is None else outputs
        if self.classes and len(self.classes) != count:
            raise InputError(f"Expected as many names in `classes` as logits, {count}, but got {len(self.classes)}.")
        if largest >= count:
            raise InputError(f"Expected labels below {count}, the number of classes, but got {largest}.")
        names = self.classes or tuple(str(index) for index in range(count))
        return names if outputs is not None else (*names, UNPREDICTED)


def _reference(value: Any) -> tuple[np.ndarray | None, np.ndarray | None]:
    if value is None:
        return None, None
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise InputError("Expected `reference` as a pair, embeddings and labels of training images, but got another.")
    embeddings = matrix(value[0], "the embeddings of `reference`", "references, features")
    labels = classes_of(value[1], "the labels of `reference`")
    _same("labels of `reference`", labels, "embeddings of `reference`", embeddings)
    if len(labels) < FEWEST:
        raise InputError(f"Expected at least {FEWEST} training images in `reference`, but got {len(labels)}.")
    return embeddings, labels


def _same(one: str, first: np.ndarray | None, other: str, second: np.ndarray | None) -> None:
    if first is not None and (second is None or len(first) != len(second)):
        count = 0 if second is None else len(second)
        raise InputError(f"Expected as many {one} as {other}, {count:,}, but got {len(first):,}.")


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    names = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else ()
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise InputError(f"Expected `classes` as a list of names, one a class, but got {value!r:.60}.")
    return names


def _pictures(value: Any, what: str) -> np.ndarray:
    """Images as (images, height, width, 3) in bytes, from any of the usual layouts."""
    found = as_array(value, what)
    if found.ndim == 3:
        found = found[..., None]
    if found.ndim == 4 and found.shape[-1] not in (1, 3) and found.shape[1] in (1, 3):
        found = np.moveaxis(found, 1, -1)
    if found.ndim != 4 or found.shape[-1] not in (1, 3) or not found.size:
        raise InputError(
            f"Expected {what} of shape (images, height, width), or with 1 or 3 channels first or last, but got shape "
            f"{as_array(value, what).shape}."
        )
    if found.dtype != np.uint8:
        scale = 255 if found.dtype.kind == "f" else 1
        if not (float(found.min()) >= 0 and float(found.max()) * scale <= 255):
            raise InputError(
                f"Expected {what} as whole numbers from 0 to 255 or as numbers from 0 to 1, but got {found.min():.4g} "
                f"to {found.max():.4g}; undo the normalisation."
            )
        found = np.rint(found * scale).astype(np.uint8)
    return np.broadcast_to(found, (*found.shape[:3], 3))
