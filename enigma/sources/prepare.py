"""From a spec to what a run works on: the model, the stream, the probe and the reference images."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from enigma.catalogue import DATASETS
from enigma.errors import InputError
from enigma.sources import images, models
from enigma.sources.corruptions import corrupted
from enigma.sources.images import ImageSet
from enigma.sources.models import LoadedModel
from enigma.sources.stream import StreamOrder
from enigma.spec import RunSpec


@dataclass(frozen=True)
class Sources:
    """Everything a run reads.

    Attributes:
        test: the corrupted test images, all of them; the stream goes through them in `order`.
        probe: the fixed test images of the frames. They are part of the stream, as in the papers:
            a method is judged on images it also adapts to.
        reference: the fixed clean training images, as many of each class as can be.
    """

    model: LoadedModel
    test: ImageSet
    order: StreamOrder
    probe: ImageSet
    reference: ImageSet
    data_digest: str


def prepare(spec: RunSpec, cache: Path, progress: Callable[[int, int], None] | None = None) -> Sources:
    """Loads what `spec` names; corrupted images are made once and kept in `cache`.

    Raises:
        InputError: a file is missing or a size does not fit the data.
    """
    model = models.load(spec.model)
    clean, reference = clean_images(spec.dataset, model.classes, model.input_size), images.bundled("train")
    test = corrupted(clean, spec.corruption, spec.severity, cache, progress)
    order = StreamOrder(test.labels, spec.order, spec.batch_size, spec.seed)
    return Sources(
        model,
        test,
        order,
        test.take(_chosen(len(test), spec.probes, "probes", spec.seed)),
        reference.take(_stratified(reference.labels, spec.references, spec.seed)),
        data_digest(model.digest, test.digest, reference.digest),
    )


def clean_images(dataset: str, classes: tuple[str, ...], size: int) -> ImageSet:
    """The test images a name or a folder stands for, before any corruption."""
    return images.bundled("test") if dataset in DATASETS else images.folder(Path(dataset), classes, size)


def data_digest(*digests: str) -> str:
    """One digest of model, test images and reference images; part of the run id."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()[:12]


def _chosen(available: int, wanted: int, field: str, seed: int) -> np.ndarray:
    """The first `wanted` of a shuffle, in shuffled order, so that every evaluation batch mixes the classes."""
    if wanted > available:
        raise InputError(f"Expected `{field}` to be at most the {available} images there are, but got {wanted}.")
    return np.random.default_rng([seed, 1]).permutation(available)[:wanted]


def _stratified(labels: np.ndarray, wanted: int, seed: int) -> np.ndarray:
    """Shuffled positions of `wanted` images, the classes as equal in number as they can be."""
    shuffled = _chosen(len(labels), len(labels), "references", seed + 1)
    if wanted > len(labels):
        raise InputError(f"Expected `references` to be at most {len(labels)}, but got {wanted}.")
    # The rank of each image within its class: taking low ranks first takes the classes in turn.
    ranks = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels[shuffled] == label)
        ranks[members] = np.arange(len(members))
    taken = np.argsort(ranks, kind="stable")[:wanted]
    return shuffled[np.sort(taken)]
