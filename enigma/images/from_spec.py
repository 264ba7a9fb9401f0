"""The images that a spec names, as its model takes them: test images of each corruption, reference, unknown ones."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from enigma.images import image_set, unknown_sets
from enigma.images.broken_pictures import broken_pictures
from enigma.images.class_mapping import labels_of, matching
from enigma.images.corruptions import corrupted
from enigma.images.image_set import ImageSet
from enigma.images.layouts import Layout, recognise
from enigma.images.pictures import Array
from enigma.models.classifier import LoadedModel
from enigma.models.preprocess import Preprocess
from enigma.spec.catalogue import DATASETS, UNKNOWNS
from enigma.spec.errors import InputError
from enigma.spec.images_spec import ImagesSpec
from enigma.spec.model_spec import ModelSpec
from enigma.spec.sources_spec import SourcesSpec
from enigma.spec.validation import check_corruption

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class CorruptedImages:
    """The test images of one corruption."""

    images: ImageSet
    clean: ImageSet | None
    description: str
    broken: tuple[str, ...]
    preprocess: Preprocess


def layout_of(images: ImagesSpec, corruption: str, severity: int) -> Layout:
    """The dataset as it lies there."""
    if images.dataset not in DATASETS:
        return recognise(Path(images.dataset), corruption, severity)
    return bundled("test")


def bundled(split: str) -> Layout:
    """The bundled images of a split: test or train."""
    data = image_set.bundled(split)
    assert isinstance(data.images, np.ndarray)
    title = "Fashion-MNIST" if split == "test" else "Fashion-MNIST, training"
    return Layout(title, Array(data.images, split), data.labels, data.classes, is_ready=True)


def without_unlearned_classes(layout: Layout, model: LoadedModel) -> Layout:
    """Without the images of classes that the model was not trained on, where it names a part of the layout's."""
    if not (model.is_named and set(model.classes) < set(layout.folders) and isinstance(layout.pictures, Array)):
        return layout
    kept = np.isin(layout.labels, [place for place, name in enumerate(layout.folders) if name in model.classes])
    left_out = ", ".join(name for name in layout.folders if name not in model.classes)
    return replace(
        layout,
        pictures=Array(layout.pictures.values[kept], layout.pictures.title),
        labels=np.array([model.classes.index(layout.folders[label]) for label in layout.labels[kept]]),
        folders=model.classes,
        note=f"without {left_out}, which the model does not know",
    )


def described_with(layout: Layout, kind: tuple[str, int]) -> str:
    """What the images are, in words, with what is added to them."""
    corruption, severity = kind
    if layout.is_corrupted or corruption == "none":
        return layout.describe()
    return f"{layout.describe()}; {corruption} of severity {severity} is added"


def test_images_of(
    images: ImagesSpec,
    model: LoadedModel,
    layout: Layout,
    kind: tuple[str, int],
    cache: Path,
    progress: Progress | None,
) -> CorruptedImages:
    """The test images of one corruption at one severity."""
    found, broken, preprocess = _read(layout, model, images.class_map, cache, progress)
    description = described_with(layout, kind)
    if layout.has_labels and images.dataset not in DATASETS:
        description += f"; {_matched(layout, model, images.class_map)}"
    if broken:
        description += f"; {len(broken):,} broken left out"
    if layout.is_corrupted:
        return CorruptedImages(found, None, description, broken, preprocess)
    check_corruption(kind[0])
    return CorruptedImages(corrupted(found, *kind, cache), found, description, broken, preprocess)


def _matched(layout: Layout, model: LoadedModel, class_map: str | None) -> str:
    if not layout.folders:
        return "labels are the numbers of the model's classes"
    return "matched by class_map" if class_map else matching(layout.folders, model.classes)


def reference_of(
    images: ImagesSpec, classifier: ModelSpec, model: LoadedModel, cache: Path, progress: Progress | None
) -> ImageSet:
    """The images to measure distances to; bundled ones are the default of the bundled models."""
    wanted = images.reference or ("bundled" if classifier.is_bundled else "none")
    if wanted == "none":
        return image_set.no_images(model.classes, model.input_size)
    if wanted != "bundled":
        layout = recognise(Path(wanted), field="reference")
        return _read(layout, model, images.class_map, cache, progress)[0]
    layout = without_unlearned_classes(bundled("train"), model)
    if len(layout.folders) != model.head.outputs:
        raise InputError(
            f"Expected `reference` to be a folder, an .npz or none, because the bundled training images have "
            f"{len(layout.folders)} classes and the model {model.head.outputs}, but got 'bundled'."
        )
    # Where nobody has named the model's classes, the numbers of the labels are all there is.
    layout = layout if model.is_named else replace(layout, folders=())
    return _read(layout, model, None, cache, progress)[0]


def unknown_of(spec: SourcesSpec, model: LoadedModel, part: CorruptedImages, cache: Path) -> ImageSet:
    """The images that `spec` calls unknown, as the model takes them.

    What is added to the known images is added to those of the catalogue too (in a sequence the first corruption), or
    else the shift alone would tell them apart. One's own are as they are.
    """
    unknown, images = spec.unknown_images.unknown, spec.images
    assert unknown is not None
    if unknown not in UNKNOWNS:
        layout = recognise(Path(unknown), field="unknown")
        layout = replace(layout, labels=np.full(len(layout.labels), -1), folders=())
        return unknown_sets.unlabelled(_read(layout, model, None, cache, None)[0], spec.seed)
    if unknown == "held-out":
        found = unknown_sets.unlabelled(_read(_held_out(spec, model), model, None, cache, None)[0], spec.seed)
    else:
        found = unknown_sets.make_unknown(unknown, part.clean or part.images, cache, spec.seed)
    return corrupted(found, images.corruptions[0], images.severity, cache) if part.clean else found


def _held_out(spec: SourcesSpec, model: LoadedModel) -> Layout:
    """The test images of the classes that the model has never seen."""
    layout = bundled("test")
    if spec.images.dataset not in DATASETS or not set(model.classes) < set(layout.folders):
        raise InputError(
            f"Expected a model of some of the {len(layout.folders)} classes of Fashion-MNIST for the unknown images "
            f"'held-out', but {spec.classifier.model} knows {len(model.classes)}; take one of eight classes."
        )
    assert isinstance(layout.pictures, Array)
    kept = np.isin(layout.labels, [place for place, name in enumerate(layout.folders) if name not in model.classes])
    return Layout("held-out", Array(layout.pictures.values[kept], "held-out"), np.full(kept.sum(), -1), is_ready=True)


def _read(
    layout: Layout, model: LoadedModel, class_map: str | None, cache: Path, progress: Progress | None
) -> tuple[ImageSet, tuple[str, ...], Preprocess]:
    """The images of a layout as the model takes them, and the names of those that are broken."""
    square = (model.input_size, model.input_size)
    is_ready = layout.is_ready or layout.uniform == square
    preprocess = model.preprocess.ready(layout.size) if is_ready else model.preprocess
    labels = labels_of(layout, model.classes, class_map)
    if isinstance(layout.pictures, Array) and layout.pictures.values.shape[1:] == (*square, 3):
        # They are what the model takes already, in memory or mapped from a file.
        array = ImageSet(
            layout.pictures.values, labels, model.classes, np.arange(len(labels)), _array_digest(layout, labels)
        )
        return array, (), preprocess
    broken = broken_pictures(layout.pictures, cache, progress)
    if len(broken) == len(layout.pictures):
        raise InputError(f"Expected images in {layout.title}, but none of its {len(broken)} files can be read.")
    found = image_set.from_pictures(layout.pictures, labels, model.classes, preprocess, broken)
    return found, tuple(layout.pictures.name(position) for position in broken), preprocess


def _array_digest(layout: Layout, labels: np.ndarray) -> str:
    assert isinstance(layout.pictures, Array)
    digest = hashlib.sha256(np.ascontiguousarray(layout.pictures.values).data)
    digest.update(np.ascontiguousarray(labels).data)
    return digest.hexdigest()[:12]
