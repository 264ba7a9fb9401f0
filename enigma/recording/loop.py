"""The one loop: step, record a frame when due, write it.

Frame k is the model after k updates, so frame 0 is before any; the frame at a step is recorded before
the batch of that step is seen. Evaluating the probe never changes the model, so the frames do not
influence the run.
"""

import contextlib
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np
import torch
from filelock import FileLock, Timeout
from safetensors.torch import load, save
from torch import Tensor

from enigma import adapt
from enigma.adapt.adapter import StepReport, under
from enigma.adapt.guarded import Guarded
from enigma.functionals.accuracy import accuracy_of
from enigma.functionals.entropy import softmax_entropy
from enigma.images.batches import Batches
from enigma.images.sources import Sources, load_sources
from enigma.recording import exclusion, full_disk, going_on
from enigma.recording.device import Compute
from enigma.recording.drift import Drift
from enigma.recording.evaluation import Evaluator
from enigma.recording.listeners import Listeners, Progress
from enigma.recording.new_run import create
from enigma.recording.starting_point import StartingPoint, check_batch
from enigma.recording.watched.arrays import LARGEST
from enigma.spec.errors import BusyRunError, NonFiniteLossError
from enigma.spec.run_spec import RunSpec
from enigma.store import collection, run_folder, scalars
from enigma.store.run_folder import Run

CHECKPOINT_SECONDS = 5.0
STATUS_SECONDS = 0.5


def record(
    spec: RunSpec, root: Path, cache: Path, listeners: Listeners | None = None, extends: Run | None = None,
    threads: int | None = None,
) -> Run:  # fmt: skip
    """Records the run that `spec` determines below `root`, going on from its last checkpoint if there is one.

    The result of a run that was interrupted at any step, and how often so ever, is identical to that
    of one that was not. `Run.ask("pause")` or `Run.ask("stop")` ends it early. With `extends`, the run
    takes over what that shorter run has recorded. `threads` of torch is for a new run: one that goes on
    keeps its number, where the machine has a core for each; None is what `enigma.spec.threads` says.

    Raises:
        InputError: the spec does not fit the model or the data.
        BusyRunError: the run is being recorded elsewhere.
        FullDiskError: there is no room left; the run is paused and keeps what it has.
        NonFiniteLossError: the loss became NaN or infinite; the run keeps what it has.
    """
    listeners = listeners or Listeners()
    sources = load_sources(spec.sources, cache, listeners.corrupting)
    # Classes and images are known now: what is recorded names its optimizer, learning rate and numbers of images.
    spec = spec.resolved(sources.model.head.outputs).at_most(sources.available)
    check_batch(spec, sources)
    compute = Compute.of(spec.device, spec.precision, threads)
    run_id = spec.run_id(sources.data_digest)
    run = run_folder.Run(root / run_id)
    with full_disk.pausing(run):
        return _recorded(spec, run, sources, compute, listeners, cache, extends)


def _recorded(
    spec: RunSpec, run: Run, sources: Sources, compute: Compute, listeners: Listeners, cache: Path, extends: Run | None
) -> Run:
    """Begins the run, or goes on with it from where it stands."""
    root, run_id = run.path.parent, run.id
    if run.path.exists():
        with _alone(run):
            if going_on.is_finished(run):
                return run
            going_on.prepare(run, spec, listeners)
    # A run that goes on as it was meant to, and was set aside as damaged, has nothing to take over.
    if not run.path.exists() and extends is not None and extends.id != run_id:
        extends.verify()
        if extends.has("checkpoint.safetensors"):
            run = collection.extend(extends, root, spec, run_id)
    start = None
    if not run.path.exists():
        # What the method cannot do with this model is said before there is a run.
        start = StartingPoint.of(spec, sources, compute)
        run = create(spec, root, run_id, sources, compute)
        going_on.take_over(run)
    with _alone(run):
        if not going_on.is_finished(run):
            going_on.keep_threads(run, compute, listeners)
            # What was asked of an earlier recording; from here on it is meant for this one.
            run.path.joinpath("control").unlink(missing_ok=True)
            listeners.started(run)
            start = start or StartingPoint.of(spec, sources, compute)
            _Recording(spec, run, sources, compute, listeners, cache).go(start)
    return run


@contextlib.contextmanager
def _alone(run: Run) -> Iterator[None]:
    try:
        # Whoever asks for the state of the run holds the lock for a moment.
        with FileLock(run.path / "lock").acquire(timeout=2):
            yield
    except Timeout as error:
        raise BusyRunError(
            f"Expected run {run.id} to be free, but another process is recording it; wait or stop it."
        ) from error


@dataclass
class _Recording:
    """One process's work on one run: steps the adapter and records."""

    spec: RunSpec
    run: Run
    sources: Sources
    compute: Compute
    listeners: Listeners
    cache: Path
    _rows: list[tuple[float | int, ...]] = field(default_factory=list)

    def go(self, start: StartingPoint) -> None:
        torch.set_rng_state(start.random)
        self._evaluate = Evaluator(self.compute, self.spec.batch_size)
        self._predict = adapt.predictor(start.adapter)
        self._adapter = Guarded(start.adapter, stop=self.spec.stop, reset=self.spec.reset)
        self._order = exclusion.stream(self.spec.stream, self.sources, self.compute, self.cache)
        self._batches = Batches(self.sources.test.images, self._order)
        self._drift = Drift(self._adapter.model)
        step = self._restore()
        self.run.rewind(step, self.spec.frame_steps)
        self.run.set_status("running", step)
        self._loop(step)

    def _loop(self, step: int) -> None:
        checkpointed = reported = time.monotonic()
        while True:
            if step in self.spec.frame_steps:
                self._frame(step)
            wish = self.run.wish
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
        positions = self._order.batch(step)
        batch = self.compute.pixels(self._batches.read(step))
        with self.compute.autocast():
            logits = self._adapter.step(batch, self._used(positions, batch.device))
        entropy = softmax_entropy(logits.float()).mean().item()
        accuracy = accuracy_of(logits.argmax(1).cpu().numpy(), self.sources.test.labels[positions])
        report = self._adapter.report
        if not _is_finite(report, entropy):
            self._fail(step + 1, report.loss)
        drift = self._drift.total(self._adapter.model)
        row = (report.loss, entropy, accuracy, report.gradient_norm, drift, report.samples_used)
        event = scalars.EVENTS.index(self._adapter.event)
        self._rows.append((step + 1, *row, *self._adapter.signals.values(), event))
        self.listeners.stepped(Progress(step + 1, entropy, accuracy))

    def _used(self, positions: np.ndarray, device: torch.device) -> Tensor | None:
        """Which images of a batch enter the loss, where not all do."""
        if self.spec.unknown_loss != "masked":
            return None
        return torch.from_numpy(~self.sources.is_unknown[positions]).to(device)

    def _frame(self, step: int) -> None:
        if not self.run.has(run_folder.frame_name(step)):
            arrays = self._evaluate.frame(self._adapter.model, self.sources, self._predict)
            # Written so that NaN is refused too.
            if not (float(np.abs(arrays["embeddings"]).max()) < LARGEST and np.isfinite(arrays["entropies"]).all()):
                self._fail(step, math.nan)
            drift, names = self._drift.each(self._adapter.model)
            self.run.write_arrays(run_folder.frame_name(step), arrays | drift, names)
        self.listeners.framed(self.run, step)

    def _settle(self, step: int, wish: str) -> None:
        """Ends the recording: at the last step, paused (to go on) or stopped (with a last frame of its own)."""
        if wish == "stop" and step not in self.spec.frame_steps:
            self._frame(step)
        self._checkpoint(step)
        state = "finished" if step == self.spec.steps else "stopped" if wish == "stop" else "paused"
        # Sealed first: what says that it is finished is whole.
        self.run.seal()
        self.run.set_status(state, step)
        if state == "finished":
            going_on.tidy(self.run)
        # Last, so that who asked reads that it is being done until it is.
        self.run.path.joinpath("control").unlink(missing_ok=True)

    def _fail(self, step: int, loss: float) -> NoReturn:
        message = (
            f"Expected a finite loss, but got {loss} at step {step}; the run keeps its {len(self.run.frame_steps)} "
            "frames. Try a smaller learning rate."
        )
        self._flush()
        self.run.note_scalars()
        self.run.seal()
        self.run.set_status("failed", step, message)
        raise NonFiniteLossError(message)

    def _flush(self) -> None:
        if self._rows:
            self.run.append_scalars(self._rows)
            self._rows = []

    def _checkpoint(self, step: int) -> None:
        self._flush()
        # The rows first: they are as far as the checkpoint when that is there.
        self.run.note_scalars()
        state = {f"adapter/{name}": value.detach().cpu().contiguous() for name, value in self._adapter.state().items()}
        state["random"] = torch.get_rng_state()
        self.run.write("checkpoint.safetensors", save(state, {"step": str(step)}))

    def _restore(self) -> int:
        if not self.run.has("checkpoint.safetensors"):
            return 0
        state = load((self.run.path / "checkpoint.safetensors").read_bytes())
        torch.set_rng_state(state.pop("random"))
        self._adapter.load_state(under("adapter/", state))
        return int(self.run.read_facts("checkpoint.safetensors")["step"])


def _is_finite(report: StepReport, entropy: float) -> bool:
    return math.isfinite(entropy) and (not report.samples_used or math.isfinite(report.loss + report.gradient_norm))
