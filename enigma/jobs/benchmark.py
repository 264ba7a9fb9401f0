"""What watching costs on this machine: the parts of a run, measured in turn beside a bare loop.

Figures of different moments say little, as other programs and the temperature of a processor change them. So every part
is measured once a round, all in one process, and what counts is its ratio to the bare loop of the same round.
"""

import dataclasses
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from enigma import adapt
from enigma.adapt.building_blocks import BATCH_NORMS, NORMS
from enigma.adapt.guarded import Guarded
from enigma.images.batches import Batches
from enigma.images.sources import Sources, load_sources
from enigma.recording.device import Compute
from enigma.recording.evaluation import Evaluator
from enigma.recording.exclusion import stream
from enigma.recording.provenance import provenance
from enigma.recording.starting_point import build_adapter, check_batch, source_images
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home

BARE = "bare"

# What each part is, in the order in which they are told.
PARTS = {
    BARE: "Tent as its authors write it: forward, entropy, backward, step of Adam",
    "forward": "a forward pass of the same batch, without a gradient",
    "method": "a step of the method",
    "followed": "the same, with the guards that follow the stream",
    "images": "the images of a batch, read and put on the device",
    "frame": "a frame: probe and reference images seen by the model",
}


@dataclasses.dataclass(frozen=True)
class Part:
    """How long one part took.

    Attributes:
        seconds: of one step, or of one frame: a number a round.
        ratios: the same over the bare loop's of that round.
    """

    name: str
    seconds: tuple[float, ...]
    ratios: tuple[float, ...]

    @property
    def median(self) -> float:
        """Of `seconds`."""
        return float(np.median(self.seconds))

    def ratio(self) -> tuple[float, float, float]:
        """Median, lower and upper quartile of `ratios`."""
        return tuple(float(value) for value in np.quantile(self.ratios, (0.5, 0.25, 0.75)))  # type: ignore[return-value]


@dataclasses.dataclass(frozen=True)
class Benchmark:
    """What was measured.

    Attributes:
        observed: the run that the spec asks for, over as many steps of the bare loop: worked out from the parts,
            without starting, metrics and projection.
        memory: the most that the process held, in bytes; on a GPU the most that torch held there.
        facts: versions, hardware and time.
    """

    spec: dict[str, Any]
    parts: tuple[Part, ...]
    observed: float
    memory: int
    facts: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """For JSON that a later benchmark compares with."""
        return dataclasses.asdict(self)


def benchmark(spec: RunSpec, home: Home, rounds: int = 5, steps: int = 10) -> Benchmark:
    """Measures the parts of the run that `spec` asks for; nothing is recorded.

    Args:
        rounds: how often each part is measured; one before them warms up.
        steps: of one measurement; of a frame there is one.

    Raises:
        InputError: the spec does not fit the model, the data or this machine.
    """
    sources = load_sources(spec.sources, home.cache)
    spec = spec.resolved(sources.model.head.outputs)
    check_batch(spec, sources)
    compute = Compute.of(spec.device, spec.precision)
    parts = _parts(spec, sources, compute, home)
    seconds: dict[str, list[float]] = {name: [] for name in parts}
    for number in range(rounds + 1):
        for name, part in parts.items():
            took = _timed(part, 1 if name == "frame" else steps, number * steps, compute)
            if number:
                seconds[name].append(took)
    bare = seconds[BARE]
    measured = tuple(
        Part(name, tuple(took), tuple(one / other for one, other in zip(took, bare, strict=True)))
        for name, took in seconds.items()
    )
    median = {part.name: part.median for part in measured}
    watched = spec.steps * (median["followed"] + median["images"]) + len(spec.frame_steps) * median["frame"]
    plain = spec.steps * (median[BARE] + median["images"])
    return Benchmark(spec.to_dict(), measured, watched / plain, _memory(compute), provenance(compute.device))


def _parts(spec: RunSpec, sources: Sources, compute: Compute, home: Home) -> dict[str, Callable[[int], object]]:
    """What is done at a step, by name; each part has a model of its own."""
    batches = Batches(sources.test.images, stream(spec.stream, sources, compute, home.cache))
    evaluator = Evaluator(compute, spec.batch_size)

    def adapter() -> adapt.Adapter:
        torch.manual_seed(spec.seed)
        return build_adapter(spec.adaptation, compute.place(sources.model.module), source_images(sources, compute))

    def pixels(step: int) -> Tensor:
        return compute.pixels(batches.read(step % spec.steps))

    # The same images each time: what takes longer with some images would otherwise look like noise.
    batch = pixels(0)
    alone, guarded = adapter(), Guarded(adapter())
    forward = adapter().model
    return {
        BARE: _bare(adapter().model, batch, spec.lr or 1e-3, compute),
        "forward": lambda _: _forward(forward, batch, compute),
        "method": lambda _: _stepped(alone, batch, compute),
        "followed": lambda _: _stepped(guarded, batch, compute),
        "images": pixels,
        "frame": lambda _: evaluator.frame(alone.model, sources, adapt.predictor(alone)),
    }


def _bare(model: nn.Module, batch: Tensor, lr: float, compute: Compute) -> Callable[[int], object]:
    """Tent without anything around it: weights and biases of the normalisation layers, statistics of the batch.

    Of a model without such layers, all weights.
    """
    model.train().requires_grad_(False)
    weights = []
    for module in model.modules():
        if isinstance(module, NORMS):
            weights += [weight.requires_grad_(True) for weight in module.parameters(recurse=False)]
        if isinstance(module, BATCH_NORMS):
            module.track_running_stats, module.running_mean, module.running_var = False, None, None
    optimizer = torch.optim.Adam(weights or [w.requires_grad_(True) for w in model.parameters()], lr=lr)

    def step(_: int) -> None:
        with compute.autocast():
            logits = model(batch)
            loss = -(logits.softmax(1) * logits.log_softmax(1)).sum(1).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


@torch.no_grad()
def _forward(model: nn.Module, batch: Tensor, compute: Compute) -> Tensor:
    with compute.autocast():
        logits: Tensor = model(batch)
    return logits


def _stepped(adapter: "adapt.Adapter | Guarded", batch: Tensor, compute: Compute) -> Tensor:
    with compute.autocast():
        return adapter.step(batch)


def _timed(part: Callable[[int], object], times: int, first: int, compute: Compute) -> float:
    """Seconds of one of `times`, after all that was begun on the device has ended."""
    _wait(compute)
    start = time.perf_counter()
    for step in range(first, first + times):
        part(step)
    _wait(compute)
    return (time.perf_counter() - start) / times


def _wait(compute: Compute) -> None:
    if compute.device.type != "cpu":
        torch.accelerator.synchronize(compute.device)


def _memory(compute: Compute) -> int:
    if compute.device.type == "cuda":
        return torch.cuda.max_memory_allocated(compute.device)
    # In KiB, but on macOS in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
