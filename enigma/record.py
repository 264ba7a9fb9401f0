"""The one loop: step, record a frame when due, write it.

Frame k is the model after k updates, so frame 0 is before any; the frame at a step is recorded before
the batch of that step is seen. Evaluating the probe never changes the model, so the frames do not
influence the run.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np
import torch
from filelock import FileLock, Timeout
from safetensors.torch import load, save
from torch import Tensor, nn

from enigma import adapt, runs
from enigma.adapt.adapter import Adapter, StepReport
from enigma.adapt.parts import BATCH_NORMS
from enigma.catalogue import METHODS
from enigma.compute import Compute
from enigma.errors import InputError, NonFiniteLossError
from enigma.evaluate import Evaluator
from enigma.functionals.entropy import softmax_entropy
from enigma.provenance import provenance
from enigma.runs import Run
from enigma.sources.prepare import Sources, prepare
from enigma.spec import RunSpec
from enigma.thumbnails import sprite

CHECKPOINT_SECONDS = 5.0
STATUS_SECONDS = 0.5

# Embeddings beyond this are a model that has diverged: distances between them overflow in single precision.
LARGEST = 1e12


@dataclass(frozen=True)
class Progress:
    """What is known after a step: for a progress bar."""

    step: int
    entropy: float
    accuracy: float


@dataclass
class Listeners:
    """Who is told what while a run goes on; by default nobody."""

    corrupting: Callable[[int, int], None] = lambda done, total: None
    started: Callable[[Run], None] = lambda run: None
    stepped: Callable[[Progress], None] = lambda progress: None
    framed: Callable[[Run, int], None] = lambda run, step: None


def record(
    spec: RunSpec, root: Path, cache: Path, listeners: Listeners | None = None, extends: Run | None = None
) -> Run:
    """Records the run that `spec` determines below `root`, going on from its last checkpoint if there is one.

    The result of a run that was interrupted at any step, and how often so ever, is identical to that
    of one that was not. `Run.ask("pause")` or `Run.ask("stop")` ends it early. With `extends`, the run
    takes over what that shorter run has recorded.

    Raises:
        InputError: the spec does not fit the model or the data, or the run is being recorded elsewhere.
        NonFiniteLossError: the loss became NaN or infinite; the run keeps what it has.
    """
    listeners = listeners or Listeners()
    sources = prepare(spec, cache, listeners.corrupting)
    _check(spec, sources)
    compute = Compute.of(spec)
    run_id = spec.run_id(sources.data_digest)
    run = runs.Run(root / run_id)
    if not run.has("run.json") and extends is not None and extends.has("checkpoint.safetensors"):
        run = runs.extend(extends, root, spec, run_id)
    elif not run.has("run.json"):
        run = _create(spec, root, run_id, sources, compute)
    lock = FileLock(run.path / "lock")
    try:
        # Whoever asks for the state of the run holds the lock for a moment.
        with lock.acquire(timeout=2):
            if run.status["state"] != "finished":
                listeners.started(run)
                _Recording(spec, run, sources, compute, listeners).go()
            return run
    except Timeout as error:
        raise InputError(
            f"Expected run {run_id} to be free, but another process is recording it; wait or stop it."
        ) from error


@dataclass
class _Recording:
    """One process's work on one run: builds the adapter, then steps it."""

    spec: RunSpec
    run: Run
    sources: Sources
    compute: Compute
    listeners: Listeners
    _rows: list[tuple[float | int, ...]] = field(default_factory=list)

    def go(self) -> None:
        torch.manual_seed(self.spec.seed)
        self.run.path.joinpath("control").unlink(missing_ok=True)
        module = self.compute.place(self.sources.model.module)
        self._evaluate = Evaluator(self.compute, self.spec.batch_size)
        self._adapter = build_adapter(self.spec, module)
        self._source = [p.detach().clone() for p in _moving(self._adapter.model)]
        step = self._restore()
        self.run.rewind(step, self.spec.frame_steps)
        self.run.set_status("running", step)
        self._loop(step)

    def _loop(self, step: int) -> None:
        checkpointed = reported = time.monotonic()
        while True:
            if step in self.spec.frame_steps:
                self._frame(step)
            wish = self._wish()
            if step == self.spec.steps or wish:
                self._settle(step, wish)
                return
            self._step(step)
            step += 1
            now = time.monotonic()
            if now - checkpointed > CHECKPOINT_SECONDS:
                self._checkpoint(step)
                checkpointed = now
            if now - reported > STATUS_SECONDS:
                self._flush()
                self.run.set_status("running", step)
                reported = now

    def _step(self, step: int) -> None:
        positions = self.sources.order.batch(step)
        batch = self.compute.pixels(self.sources.test.images[positions])
        with self.compute.autocast():
            logits = self._adapter.step(batch)
        entropy = softmax_entropy(logits.float()).mean().item()
        correct = logits.argmax(1).cpu().numpy() == self.sources.test.labels[positions]
        report = self._adapter.report
        if not _is_finite(report, entropy):
            self._fail(step + 1, report.loss)
        row = (report.loss, entropy, correct.mean().item(), report.gradient_norm, self._drift(), report.samples_used)
        self._rows.append((step + 1, *row))
        self.listeners.stepped(Progress(step + 1, entropy, correct.mean().item()))

    def _frame(self, step: int) -> None:
        if not self.run.has(runs.frame_name(step)):
            arrays = self._evaluate.frame(self._adapter.model, self.sources)
            # Written so that NaN is refused too.
            if not (float(np.abs(arrays["embeddings"]).max()) < LARGEST and np.isfinite(arrays["entropies"]).all()):
                self._fail(step, math.nan)
            self.run.write_arrays(runs.frame_name(step), arrays)
        self.listeners.framed(self.run, step)

    def _drift(self) -> float:
        """Euclidean distance of the adapted parameters from those of the source model."""
        pairs = zip(_moving(self._adapter.model), self._source, strict=True)
        return math.sqrt(sum((now.detach() - before).square().sum().item() for now, before in pairs))

    def _wish(self) -> str:
        path = self.run.path / "control"
        return path.read_text().strip() if path.exists() else ""

    def _settle(self, step: int, wish: str) -> None:
        """Ends the recording: at the last step, paused (to go on) or stopped (with a last frame of its own)."""
        if wish == "stop" and step not in self.spec.frame_steps:
            self._frame(step)
        self._checkpoint(step)
        self.run.path.joinpath("control").unlink(missing_ok=True)
        state = "finished" if step == self.spec.steps else "stopped" if wish == "stop" else "paused"
        self.run.set_status(state, step)
        self.run.seal()

    def _fail(self, step: int, loss: float) -> NoReturn:
        message = (
            f"Expected a finite loss, but got {loss} at step {step}; the run keeps its {len(self.run.frame_steps)} "
            "frames. Try a smaller learning rate."
        )
        self._flush()
        self.run.set_status("failed", step, message)
        self.run.seal()
        raise NonFiniteLossError(message)

    def _flush(self) -> None:
        if self._rows:
            self.run.append_scalars(self._rows)
            self._rows = []

    def _checkpoint(self, step: int) -> None:
        self._flush()
        state = {f"adapter/{name}": value.detach().cpu().contiguous() for name, value in self._adapter.state().items()}
        state["random"] = torch.get_rng_state()
        self.run.write("checkpoint.safetensors", save(state, {"step": str(step)}))

    def _restore(self) -> int:
        if not self.run.has("checkpoint.safetensors"):
            return 0
        state = load((self.run.path / "checkpoint.safetensors").read_bytes())
        torch.set_rng_state(state.pop("random"))
        self._adapter.load_state({name.removeprefix("adapter/"): value for name, value in state.items()})
        return int(self.run.read_facts("checkpoint.safetensors")["step"])


def build_adapter(spec: RunSpec, model: nn.Module) -> Adapter:
    """The adapter that `spec` asks for, around a copy of `model`."""
    takes_optimizer = spec.method not in METHODS or METHODS[spec.method].uses_gradient
    common = {"optimizer": spec.optimizer, "lr": spec.lr} if takes_optimizer else {}
    return adapt.build(model, spec.method, **common, **spec.settings)


def _create(spec: RunSpec, root: Path, run_id: str, sources: Sources, compute: Compute) -> Run:
    """A new run folder with all that does not change: facts, reference, probe, thumbnails."""
    module = compute.place(sources.model.module)
    evaluate = Evaluator(compute, spec.batch_size)
    probe, reference = evaluate.source(module, sources.probe), evaluate.source(module, sources.reference)
    facts = {
        "classes": list(sources.model.classes),
        "source_accuracy": float((probe["predictions"] == sources.probe.labels).mean()),
        "clean_accuracy": sources.model.clean_accuracy,
        "digests": {
            "model": sources.model.digest,
            "test": sources.test.digest,
            "reference": sources.reference.digest,
        },
        **provenance(compute.device),
    }
    run = runs.create(root, spec, run_id, facts)
    run.write_arrays(
        "reference.safetensors", {"embeddings": reference["embeddings"], "labels": sources.reference.labels}
    )
    run.write_arrays(
        "probe.safetensors",
        {
            "labels": sources.probe.labels,
            "indices": sources.probe.indices,
            "source_predictions": probe["predictions"],
            "source_confidences": probe["confidences"],
        },
    )
    run.write("thumbnails.webp", sprite(sources.probe.images))
    return run


def _check(spec: RunSpec, sources: Sources) -> None:
    has_batch_norm = any(isinstance(module, BATCH_NORMS) for module in sources.model.module.modules())
    if spec.batch_size == 1 and has_batch_norm and spec.method != "source":
        raise InputError(
            f"Expected `batch_size` to be at least 2, because {spec.method} normalises {spec.model} with the "
            "statistics of the batch, but got 1; use a larger batch or a model with GroupNorm or LayerNorm."
        )


def _moving(model: nn.Module) -> list[Tensor]:
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def _is_finite(report: StepReport, entropy: float) -> bool:
    return math.isfinite(entropy) and (not report.samples_used or math.isfinite(report.loss + report.gradient_norm))
