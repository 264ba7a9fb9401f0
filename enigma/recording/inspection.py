"""A model and a dataset looked at together before a run: what goes in, what comes out, what will move."""

import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from enigma.adapt.building_blocks import BATCH_NORMS, with_batch_statistics
from enigma.images.image_set import ImageSet
from enigma.images.sources import Progress, Sources, load_sources, said_of_fewer
from enigma.recording.device import Compute
from enigma.recording.evaluation import Evaluator
from enigma.recording.examples import Example, first_examples, sheet
from enigma.recording.expected_cost import Cost, expected_cost
from enigma.recording.measured_accuracy import Accuracy
from enigma.recording.starting_point import StartingPoint
from enigma.spec.probe_spec import ProbeSpec
from enigma.spec.run_spec import RunSpec
from enigma.spec.shares import percent
from enigma.spec.titles import unchanged_images

MOST_IMAGES = 500


@dataclass(frozen=True)
class Inspection:
    """What is worth knowing before a run.

    Attributes:
        dataset: a line for each corruption.
        source_accuracy: of the source model with its stored statistics, on up to 500 test images; None without labels.
        batch_accuracy: the same with batch statistics, as frame 0 of most methods; None without BatchNorm layers.
        clean_accuracy: of the source model on the same images before corruption; None where none is added here.
        examples: the first test images, as the source model predicts them.
        cost: time and room that the run is expected to take.
        layer: whose input is the embedding.
        notes: how model and images were taken, in sentences.
        moving: names of the parameters that will move, with * for numbers, and how many numbers they hold.
        samples: what the model is given, as a PNG with its predictions: clean above shifted where there are clean
            images.
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
    source_accuracy: Accuracy | None
    batch_accuracy: Accuracy | None
    clean_accuracy: Accuracy | None
    examples: tuple[Example, ...]
    cost: Cost
    reference: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    samples: bytes

    def to_dict(self) -> dict[str, Any]:
        """All but the picture, for JSON."""
        values = asdict(self)
        del values["samples"]
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
            ("source accuracy", f"{self.source_accuracy or 'not known'}"),
            *([("batch statistics", f"{self.batch_accuracy}")] if self.batch_accuracy else []),
            *([("clean accuracy", f"{self.clean_accuracy}")] if self.clean_accuracy else []),
            ("examples", "; ".join(map(str, self.examples))),
            ("expected", f"{self.cost}"),
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
    evaluate = Evaluator(compute, max(min(spec.batch_size, len(sources.probe)), 2))
    found = evaluate.source(module, sources.probe)
    clean = sources.clean_probe if sources.is_shifted else None
    source, batch, before = accuracies = _accuracies(evaluate, module, sources, found["predictions"], clean)
    examples = first_examples(sources.probe, found["predictions"], found["confidences"])
    adapter = StartingPoint.of(spec.resolved(sources.model.head.outputs), sources, compute).adapter
    return Inspection(
        dataset=sources.description,
        broken=sources.broken,
        preprocessing=sources.preprocess.describe(),
        classes=sources.model.head.outputs,
        layer=sources.model.head.name,
        features=sources.model.head.features,
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        moving=moving(adapter.model),
        images=len(sources.probe),
        source_accuracy=source,
        batch_accuracy=batch,
        clean_accuracy=before,
        examples=examples,
        cost=expected_cost(spec, sources, compute, adapter),
        reference=_reference(sources),
        notes=(*sources.model.notes, *_unchanged(sources), *said_of_fewer(spec.sources.wishes, sources.available)),
        warnings=tuple(_warnings(spec, sources, [found for found in accuracies if found])),
        samples=sheet(sources.probe, clean, examples),
    )


def _accuracies(
    evaluate: Evaluator, module: nn.Module, sources: Sources, predictions: np.ndarray, clean: ImageSet | None
) -> tuple[Accuracy | None, Accuracy | None, Accuracy | None]:
    """With stored statistics, with those of the batch, and on clean images; None where there is no such thing."""
    probe, classes = sources.probe, sources.model.head.outputs
    batch = before = None
    if any(isinstance(part, BATCH_NORMS) for part in module.modules()):
        logits = evaluate.outputs(with_batch_statistics(module), probe)[1]
        batch = Accuracy.of(logits.argmax(1).numpy(), probe.labels, classes)
    if clean is not None:
        before = Accuracy.of(evaluate.source(module, clean)["predictions"], clean.labels, classes)
    return Accuracy.of(predictions, probe.labels, classes), batch, before


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


def _reference(sources: Sources) -> str:
    if not len(sources.reference):
        return "none, so there are no stars and no shift distance"
    return "found" + ("" if sources.reference.has_labels else ", without labels, so there are no stars")


def _warnings(spec: RunSpec, sources: Sources, measured: list[Accuracy]) -> list[str]:
    model, found = sources.model, []
    if model.is_random:
        found.append("The weights are random: nobody trained this model.")
    elif measured and all(accuracy.is_chance for accuracy in measured):
        best = max(measured, key=lambda accuracy: accuracy.value)
        found.append(
            f"Accuracy ({percent(best.value)}) cannot be told from chance: guessing among {model.head.outputs:,} "
            f"classes is right on as many of {best.images:,} images with a probability of {best.p_value:.2g}. Check "
            "the normalisation, the order of the classes and the input size."
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
