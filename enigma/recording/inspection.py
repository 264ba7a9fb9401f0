"""A model and a dataset looked at together before a run: what goes in, what comes out, what will move."""

import io
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import nn

from enigma.adapt.building_blocks import BATCH_NORMS
from enigma.functionals.accuracy import accuracy_of
from enigma.images.image_set import ImageSet
from enigma.images.sources import Progress, Sources, load_sources, said_of_fewer
from enigma.recording.device import Compute
from enigma.recording.evaluation import Evaluator
from enigma.recording.starting_point import StartingPoint
from enigma.spec.probe_spec import ProbeSpec
from enigma.spec.run_spec import RunSpec
from enigma.spec.shares import percent
from enigma.spec.titles import unchanged_images

MOST_IMAGES = 500
_SHOWN = 8
_LEAST_SHOWN_SIZE = 96


@dataclass(frozen=True)
class Inspection:
    """What is worth knowing before a run.

    Attributes:
        dataset: a line for each corruption.
        clean_accuracy, shifted_accuracy: of the source model with its stored statistics, in [0, 1], on up
            to 500 images; None where there are no labels or no clean images.
        layer: whose input is the embedding.
        notes: how the model was taken, in sentences.
        moving: names of the parameters that will move, with * for numbers, and how many numbers they hold.
        samples: what the model is given, as a PNG: clean above shifted where there are clean images.
    """

    dataset: tuple[str, ...]
    broken: tuple[str, ...]
    preprocessing: str
    classes: int
    layer: str
    features: int
    parameters: int
    moving: dict[str, int]
    images: int
    clean_accuracy: float | None
    shifted_accuracy: float | None
    reference: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    samples: bytes

    def to_dict(self) -> dict[str, Any]:
        """All but the picture, for JSON."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "samples"}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    def to_text(self) -> str:
        """A line for each thing, for a terminal."""
        moving = f"{sum(self.moving.values()):,} of {self.parameters:,}"
        rows = [
            *(("dataset", line) for line in self.dataset),
            *([("left out", f"{len(self.broken)} broken: {', '.join(self.broken[:5])}")] if self.broken else []),
            ("preprocessing", self.preprocessing),
            ("classes", f"{self.classes:,}"),
            ("embedding", f"input of {self.layer}, {self.features:,} numbers"),
            ("will move", moving + "".join(f"\n{'':<18}{name} ({n:,})" for name, n in self.moving.items())),
            ("reference", self.reference),
            ("clean accuracy", _measured(self.clean_accuracy, self.images)),
            ("shifted accuracy", _measured(self.shifted_accuracy, self.images)),
            *(("note", text) for text in self.notes),
            *(("warning", text) for text in self.warnings),
        ]
        return "\n".join(f"{name:<18}{text}" for name, text in rows)


def inspect(spec: RunSpec, cache: Path, progress: Progress | None = None) -> Inspection:
    """Looks at what `spec` names; evaluates the source model on up to 500 images.

    Raises:
        InputError: something is missing or does not fit.
    """
    few = replace(spec.sources, probe=ProbeSpec(probes=min(MOST_IMAGES, spec.probes), references=10))
    sources = load_sources(few, cache, progress)
    compute = Compute.of(spec.device, spec.precision)
    module = compute.place(sources.model.module)
    evaluate = Evaluator(compute, min(max(spec.batch_size, 2), 64))
    adapted = StartingPoint.of(spec, sources, compute).adapter.model
    clean = sources.clean_probe
    shifted = _accuracy(evaluate, module, sources.probe)
    clean_accuracy = _accuracy(evaluate, module, clean) if clean is not None else None
    return Inspection(
        dataset=sources.description,
        broken=sources.broken,
        preprocessing=sources.preprocess.describe(),
        classes=sources.model.head.outputs,
        layer=sources.model.head.name,
        features=sources.model.head.features,
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        moving=moving(adapted),
        images=len(sources.probe),
        clean_accuracy=clean_accuracy,
        shifted_accuracy=shifted,
        reference=_reference(sources),
        notes=(*sources.model.notes, *_unchanged(sources), *said_of_fewer(spec.sources.wishes, sources.available)),
        warnings=tuple(_warnings(spec, sources, clean_accuracy, shifted)),
        samples=_picture(sources.probe, clean),
    )


def moving(model: nn.Module) -> dict[str, int]:
    """How many numbers move, by the name of the parameter with * for each number in it."""
    found: dict[str, int] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            pattern = re.sub(r"\d+", "*", name.removeprefix("network."))
            found[pattern] = found.get(pattern, 0) + parameter.numel()
    return found


def _unchanged(sources: Sources) -> tuple[str, ...]:
    count = sources.unchanged()
    return (unchanged_images(count, len(sources.probe)),) if count else ()


def _accuracy(evaluate: Evaluator, module: nn.Module, images: ImageSet) -> float | None:
    if not images.has_labels:
        return None
    return accuracy_of(evaluate.source(module, images)["predictions"], images.labels)


def _reference(sources: Sources) -> str:
    if not len(sources.reference):
        return "none, so there are no stars and no shift distance"
    return "found" + ("" if sources.reference.has_labels else ", without labels, so there are no stars")


def _warnings(spec: RunSpec, sources: Sources, clean: float | None, shifted: float | None) -> list[str]:
    model, found = sources.model, []
    chance = 1 / model.head.outputs
    best = max((value for value in (clean, shifted) if value is not None), default=None)
    # Two standard errors above chance, and at least twice chance.
    limit = max(2 * chance, chance + 2 * (chance * (1 - chance) / max(len(sources.probe), 1)) ** 0.5)
    if model.is_random:
        found.append("The weights are random: nobody trained this model.")
    elif best is not None and best <= limit:
        found.append(
            f"Accuracy is that of chance ({percent(best)} of {model.head.outputs:,} classes): check the normalisation, "
            "the order of the classes and the input size."
        )
    if not model.normalises:
        found.append("No normalisation was given: the model is given pixels from 0 to 1; set `mean` and `std`.")
    present = len(np.unique(sources.test.labels[sources.test.labels >= 0]))
    if 0 < present < model.head.outputs:
        found.append(f"The images are of {present:,} classes, the model knows {model.head.outputs:,}.")
    if "squeezed" in sources.preprocess.describe() and (size := _other_size(sources)):
        found.append(f"The images are {size[0]}x{size[1]} and are squeezed to {model.input_size}x{model.input_size}.")
    if spec.batch_size == 1 and any(isinstance(part, BATCH_NORMS) for part in model.module.modules()):
        found.append("A batch of one image has no statistics of its own: use a larger `batch_size` with BatchNorm.")
    if not model.head.is_exact:
        found.append(f"The logits are not just {model.head.name} of the embedding: something is done after it.")
    return found


def _other_size(sources: Sources) -> tuple[int, int] | None:
    match = re.search(r" images, (\d+)x(\d+)", sources.description[0])
    size = (int(match[1]), int(match[2])) if match else None
    return size if size != (sources.model.input_size, sources.model.input_size) else None


def _picture(probe: ImageSet, clean: ImageSet | None) -> bytes:
    """The first images side by side; clean ones above."""
    count = min(_SHOWN, len(probe))
    rows = [images.images[:count] for images in (clean, probe) if images is not None]
    sheet = Image.fromarray(np.concatenate([np.concatenate(list(row), axis=1) for row in rows]))
    factor = max(1, -(-_LEAST_SHOWN_SIZE // probe.images.shape[1]))
    sheet = sheet.resize((sheet.width * factor, sheet.height * factor), Image.Resampling.NEAREST)
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()


def _measured(value: float | None, images: int) -> str:
    return "not known" if value is None else f"{percent(value)} of {images} images, source model"
