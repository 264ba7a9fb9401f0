"""How long a run will take and how much room it will need, from one step and one frame of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from enigma import adapt
from enigma.adapt.adapter import Adapter
from enigma.images.batches import Batches
from enigma.images.sources import Sources
from enigma.recording.device import Compute
from enigma.recording.evaluation import Evaluator
from enigma.spec.durations import duration
from enigma.spec.own_code import explained
from enigma.spec.run_spec import RunSpec
from enigma.store.thumbnails import sprite

_COUNTED_PICTURES = 64
# Coordinates of a projection, in single precision.
_PROJECTED = 8
# Of an embedding of the reference, in half precision.
_HALF = 2


@dataclass(frozen=True)
class Cost:
    """What a run is expected to take, without its projection.

    Attributes:
        seconds: of all steps and frames on this machine, as busy as it is now.
        step_seconds, frame_seconds: of one of each.
        megabytes: of the run folder once it is finished (10^6 bytes).
    """

    seconds: float
    step_seconds: float
    frame_seconds: float
    megabytes: float

    def __str__(self) -> str:
        return f"about {duration(self.seconds)} on this machine, without the projection, and {self.megabytes:,.1f} MB"


def expected_cost(spec: RunSpec, sources: Sources, compute: Compute, adapter: Adapter) -> Cost:
    """Takes four steps, of which the first warms up, and evaluates one frame of the probe that `sources` has.

    The quickest step counts: what else the machine does makes steps longer, never shorter. The adapter has moved
    afterwards. Of a frame, what there is for each image of the probe grows with their number.

    Raises:
        InputError: the method cannot take a step.
    """
    batches = Batches(sources.test.images, sources.order)
    with explained("a step of the method"), compute.autocast():
        adapter.step(compute.pixels(batches.read(0)))
        step = min(_timed(partial(_step, adapter, batches, number, compute), compute)[1] for number in range(1, 4))
    asked = spec.at_most(sources.available)
    evaluator, predict = Evaluator(compute, max(asked.batch_size, 2)), adapt.predictor(adapter)
    frame, seconds = _timed(partial(evaluator.frame, adapter.model, sources, predict), compute)
    references = asked.references if sources.available["references"] else 0
    images = len(sources.probe) + len(sources.reference)
    frame_seconds = seconds * (asked.probes + references) / images
    frames = len(asked.frame_steps)
    each = sum(array.nbytes for array in frame.values() if array.shape[:1] == (len(sources.probe),))
    rest = sum(array.nbytes for array in frame.values()) - each
    pictures = sources.probe.images[: min(_COUNTED_PICTURES, len(sources.probe))]
    picture = len(sprite(pictures)) / len(pictures)
    features = frame["embeddings"].shape[1]
    size = (
        frames * (each * asked.probes / len(sources.probe) + rest + _PROJECTED * asked.probes)
        + references * features * _HALF
        + picture * (asked.probes + references)
    )
    return Cost(asked.steps * step + frames * frame_seconds, step, frame_seconds, size / 1e6)


def _step(adapter: Adapter, batches: Batches, number: int, compute: Compute) -> None:
    adapter.step(compute.pixels(batches.read(number)))


def _timed(work: Callable[[], Any], compute: Compute) -> tuple[Any, float]:
    start = time.perf_counter()
    done = work()
    if compute.device.type == "cuda":
        torch.cuda.synchronize(compute.device)
    return done, time.perf_counter() - start
