"""From a spec to what a run works on: the model, the stream, the probe and the reference images."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from enigma.images import image_set
from enigma.images.corruption_sequence import CorruptionSequence, corruption_sequence
from enigma.images.from_spec import (
    Progress,
    layout_of,
    reference_of,
    test_images_of,
    unknown_of,
    without_unlearned_classes,
)
from enigma.images.image_set import ImageSet
from enigma.images.layouts import Layout
from enigma.images.stream import CONCENTRATION, Mixture, Stream, StreamOrder, imbalanced
from enigma.models.classifier import LoadedModel
from enigma.models.from_spec import load_model
from enigma.models.preprocess import Preprocess
from enigma.spec.catalogue import DATASETS
from enigma.spec.errors import InputError
from enigma.spec.model_spec import ModelSpec
from enigma.spec.sources_spec import SourcesSpec


@dataclass(frozen=True)
class Sources:
    """Everything a run reads.

    Attributes:
        test: the corrupted test images, all of them, one corruption after another; the stream goes
            through them in `order`.
        probe: the fixed test images of the frames. They are part of the stream, as in the papers:
            a method is judged on images it also adapts to. In a sequence of corruptions, each has its
            equal share of the probe.
        reference: the fixed clean training images, as many of each class as can be; empty if there are none.
        description: what the test images are, in words, one line for each corruption.
        broken: names of pictures that cannot be read and were left out.
        clean: the test images before corruption; None where only corrupted ones exist.
        is_shifted: whether there is a corruption at all.
        is_unknown: which of `test` the model should not know; they come last, have no label, and are in the probe.
        available: how large `probes`, `batch_size` and `references` can be at most; a larger wish is taken for this.
        notes: sentences on how model and images were taken that a person should know of.
    """

    model: LoadedModel
    test: ImageSet
    order: Stream | Mixture
    probe: ImageSet
    probe_positions: np.ndarray
    reference: ImageSet
    data_digest: str
    preprocess: Preprocess
    description: tuple[str, ...]
    broken: tuple[str, ...]
    clean: ImageSet | None
    is_shifted: bool
    is_unknown: np.ndarray
    available: dict[str, int]
    notes: tuple[str, ...]

    @property
    def unknown_probe(self) -> np.ndarray:
        """Which images of the probe are unknown."""
        return self.is_unknown[self.probe_positions]

    @property
    def clean_probe(self) -> ImageSet | None:
        """The known images of the probe before corruption; None where only corrupted ones exist."""
        if self.clean is None:
            return None
        return self.clean.take(self.probe_positions[~self.unknown_probe] % len(self.clean))

    def unchanged(self) -> int:
        """How many known images of the probe their corruption has left as they were, pixel for pixel."""
        if not self.is_shifted or (clean := self.clean_probe) is None:
            return 0
        known = np.flatnonzero(~self.unknown_probe).tolist()
        return sum(np.array_equal(self.probe.images[place], clean.images[row]) for row, place in enumerate(known))


def load_sources(spec: SourcesSpec, cache: Path, progress: Progress | None = None) -> Sources:
    """Loads what `spec` names; corrupted images are made when they are first read and kept in `cache`.

    Raises:
        InputError: a file is missing or a size does not fit the data.
    """
    images, plan = spec.images, corruption_sequence(spec.images)
    layouts = [layout_of(images, name, severity) for name, severity in plan.kinds]
    model = _model(spec.classifier, spec.seed, layouts[0])
    if images.dataset in DATASETS:
        layouts = [without_unlearned_classes(layout, model) for layout in layouts]
    parts = [
        test_images_of(images, model, layout, kind, cache, progress)
        for layout, kind in zip(layouts, plan.kinds, strict=True)
    ]
    known = sum(len(part.images) for part in parts)
    strangers = [unknown_of(spec, model, parts[0], cache)] if spec.unknown_images.unknown else []
    test = image_set.joined([*(part.images for part in parts), *strangers])
    is_unknown = np.arange(len(test)) >= known
    reference = reference_of(images, spec.classifier, model, cache, progress)
    least = min(len(part.images) for part in parts)
    available = {"probes": least, "batch_size": least, "references": len(reference)}
    notes = (*model.notes, *said_of_fewer(spec.wishes, available))
    spec = spec.at_most(available)
    probe_positions = _probe(spec.probe.probes, [len(part.images) for part in parts], spec.seed)
    if strangers:
        probe_positions = interleaved(probe_positions, known + _unknown_probe(spec, len(strangers[0])))
    return Sources(
        model=model,
        test=test,
        order=_mixed(_stream(spec, plan, [part.images for part in parts]), spec, np.flatnonzero(is_unknown)),
        probe=test.take(probe_positions, progress),
        probe_positions=probe_positions,
        reference=reference.take(_stratified(reference.labels, spec.probe.references, spec.seed)),
        data_digest=data_digest(model.digest, test.digest, reference.digest),
        preprocess=parts[0].preprocess,
        description=tuple(part.description for part in parts),
        broken=tuple(sorted({name for part in parts for name in part.broken})),
        clean=parts[0].clean,
        is_shifted=any(name != "none" for name, _ in plan.kinds),
        is_unknown=is_unknown,
        available=available,
        notes=notes,
    )


def said_of_fewer(wishes: Mapping[str, int], available: Mapping[str, int]) -> tuple[str, ...]:
    """A sentence for each wish that is larger than what there is.

    >>> said_of_fewer({"probes": 1000, "batch_size": 64}, {"probes": 72, "batch_size": 72})
    ('72 probe images instead of 1,000: there are no more.',)
    """
    words = {"probes": "{} probe images", "batch_size": "Batches of {} images", "references": "{} reference images"}
    return tuple(
        f"{words[name].format(f'{available[name]:,}')} instead of {wish:,}: there are no more."
        for name, wish in wishes.items()
        if 0 < available[name] < wish
    )


def data_digest(*digests: str) -> str:
    """One digest of model, test images and reference images; part of the run id."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()[:12]


def _model(classifier: ModelSpec, seed: int, layout: Layout) -> LoadedModel:
    size = layout.uniform or (layout.size if layout.is_ready else None)
    model = load_model(classifier, seed, size[0] if size and size[0] == size[1] else None)
    if not model.is_named and len(layout.folders) == model.head.outputs:
        # Nobody said what the outputs are called, so the folders do.
        note = (
            f"The model does not say what its {model.head.outputs:,} outputs are called: they are taken for the "
            "classes of the test images in the order in which these are listed, as training on such folders numbers "
            "them; `class_names` says otherwise."
        )
        named = model.named(layout.folders)
        return replace(named, notes=(*named.notes, note))
    return model


def _stream(spec: SourcesSpec, plan: CorruptionSequence, parts: list[ImageSet]) -> Stream:
    stream, seed = spec.stream, spec.seed
    starts = np.cumsum([0, *(len(part) for part in parts)])
    positions = [start + np.arange(len(part)) for start, part in zip(starts, parts, strict=False)]
    labels = [part.labels for part in parts]
    if plan.is_mixed:
        owners = _mixture(parts, seed)
        positions = [starts[owners] + np.arange(len(owners))]
        labels = [labels[0]]
    if stream.imbalance is not None:
        kept = [imbalanced(own, stream.imbalance, seed) for own in labels]
        positions = [part[chosen] for part, chosen in zip(positions, kept, strict=True)]
        labels = [own[chosen] for own, chosen in zip(labels, kept, strict=True)]
    concentration = stream.dirichlet or CONCENTRATION
    size = stream.batch_size - spec.unknown_images.in_batch(stream.batch_size)
    orders = tuple(StreamOrder(own, stream.order, size, seed, concentration) for own in labels)
    period = stream.period or -(-len(labels[0]) // size)
    return Stream(tuple(positions), orders, plan.sequence, period)


def _mixture(parts: list[ImageSet], seed: int) -> np.ndarray:
    """Which corruption each image of a mixed stream has."""
    if len({len(part) for part in parts}) > 1:
        raise InputError("Expected as many images of each corruption for a mixed stream, but some are missing.")
    return np.random.default_rng([seed, 3]).integers(0, len(parts), len(parts[0]))


def _probe(wanted: int, sizes: list[int], seed: int) -> np.ndarray:
    """Positions of the probe among all test images: each corruption in turn, no image twice."""
    chosen = _chosen(min(sizes), wanted, "probes", seed)
    starts = np.cumsum([0, *sizes])[:-1]
    return starts[np.arange(len(chosen)) % len(sizes)] + chosen


def _unknown_probe(spec: SourcesSpec, available: int) -> np.ndarray:
    """Which unknown images are evaluated: by default as large a part of the probe as they are of the stream."""
    wanted = spec.unknown_images.in_probe(spec.probe.probes, available)
    return _chosen(available, wanted, "unknown_probes", spec.seed)


def interleaved(known: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    """Both in their order, spread evenly, so that every batch of an evaluation holds as large a part of each.

    With batch statistics, a batch of nothing but unknown images would give them away.

    >>> interleaved(np.array([1, 2, 3, 4]), np.array([8, 9])).tolist()
    [1, 8, 2, 3, 9, 4]
    """
    places = [(np.arange(len(part)) + 0.5) / len(part) for part in (known, unknown)]
    return np.concatenate([known, unknown])[np.argsort(np.concatenate(places), kind="stable")]


def _mixed(known: Stream, spec: SourcesSpec, unknown: np.ndarray) -> Stream | Mixture:
    size = spec.unknown_images.in_batch(spec.stream.batch_size)
    if not size:
        return known
    order = StreamOrder(np.full(len(unknown), -1), "shuffled", size, spec.seed)
    return Mixture(known, unknown, order)


def _chosen(available: int, wanted: int, field: str, seed: int) -> np.ndarray:
    """The first `wanted` of a shuffle, in shuffled order, so that every evaluation batch mixes the classes."""
    if wanted > available:
        raise InputError(f"Expected `{field}` to be at most the {available} images there are, but got {wanted}.")
    return np.random.default_rng([seed, 1]).permutation(available)[:wanted]


def _stratified(labels: np.ndarray, wanted: int, seed: int) -> np.ndarray:
    """Shuffled positions of `wanted` images, the classes as equal in number as they can be; none of none."""
    shuffled = _chosen(len(labels), len(labels), "references", seed + 1)
    if not len(labels):
        return shuffled
    # The rank of each image within its class: taking low ranks first takes the classes in turn.
    ranks = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels[shuffled] == label)
        ranks[members] = np.arange(len(members))
    taken = np.argsort(ranks, kind="stable")[:wanted]
    return shuffled[np.sort(taken)]
