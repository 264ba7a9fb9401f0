"""What a loop holds to be watched: `Watch`, of which `log` takes what there is at a step."""

import atexit
import contextlib
import os
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from enigma.recording.watched.arrays import number, whole_number
from enigma.recording.watched.folder import Folder, Form
from enigma.recording.watched.frame import frame
from enigma.recording.watched.given import Given
from enigma.recording.watched.logged import (
    Seen,
    Streamed,
    check_form,
    check_given,
    device_of,
    form_of,
    seen_of,
    streamed_of,
)
from enigma.recording.watched.schedule import Schedule
from enigma.recording.watched.signals import Stream
from enigma.recording.watched.writer import Writer
from enigma.spec.errors import InputError
from enigma.store.run_folder import Arrays

_UNLABELLED = -1
Row = dict[str, float]


class Watch:
    """Records a loop that is somebody else's, log by log, as a run (final).

    The run folder appears at the first log that holds embeddings or logits. Arrays are copied before `log` returns and
    written by a thread of its own. Logs may come from several threads; their steps must not go back.

    Attributes:
        run_id: of the run; empty before the first log of embeddings or logits.
    """

    def __init__(self, given: Given, root: Path, *, keeps_all: bool = False):
        self._given, self._root = given, root
        self._process, self._guard = os.getpid(), threading.RLock()
        self._schedule, self._stream = Schedule(keeps_all), Stream()
        self._of_probe = Stream()
        self._writer: Writer | None = None
        self._folder: Folder | None = None
        self._form: Form | None = None
        self._step, self._row, self._has_arrays = -1, Row(), False
        self._early: list[tuple[int, Row]] = []
        self._latest: tuple[int, Arrays] | None = None
        self._first: np.ndarray | None = None
        self._is_over = False
        self.run_id = ""

    def __repr__(self) -> str:
        return f"<Watch {self._given.name!r}: run {self.run_id or 'not begun'}, {self._schedule.count} frames>"

    def log(
        self,
        step: Any,
        *,
        embeddings: Any = None,
        logits: Any = None,
        loss: Any = None,
        stream_logits: Any = None,
        stream_source_logits: Any = None,
        stream_labels: Any = None,
    ) -> None:
        """Records what is known after `step` updates; tensors or arrays, any subset, several calls a step.

        Args:
            step: updates so far, a whole number; 0 is before any. It must not go back.
            embeddings: of the probe, (probes, features). Without, the logits stand in.
            logits: of the probe, (probes, classes). Without, the run has no predictions.
            loss: of this step, one number.
            stream_logits: of the images that this step adapts to or trains on, (batch, classes). Without, the probe
                tells when to stop.
            stream_source_logits: of the model before its first step on the same images; without, their stream does not
                tell when to stop.
            stream_labels: classes of the same images, (batch,).

        Raises:
            InputError: something has another shape than before, the step goes back, nothing was given, the watch is
                over, or an earlier log could not be written.
        """
        with self._guard:
            self._check()
            at = whole_number(step, "step")
            if all(v is None for v in (embeddings, logits, loss, stream_logits, stream_source_logits, stream_labels)):
                raise InputError("Expected embeddings, logits, a loss or a stream to log, but got none of them.")
            seen = seen_of(embeddings, logits)
            has_arrays = any(part is not None for part in seen)
            self._check_step(at, has_arrays)
            row: Row = {} if loss is None else {"loss": number(loss, "loss")}
            streamed = streamed_of(stream_logits, stream_source_logits, stream_labels)
            if has_arrays:
                self._begin(seen, streamed, device_of(embeddings if embeddings is not None else logits))
            if at > self._step:
                self._end_step()
                self._step, self._row, self._has_arrays = at, Row(), False
            self._row |= row | self._told(seen[1], streamed)
            if has_arrays:
                self._has_arrays = True
                self._frame(at, *seen)

    def log_model(
        self, step: Any, model: Any, probe: Any, *, layer: str | None = None, batch_size: int = 256, **also: Any
    ) -> bool:
        """Looks at a torch model by itself where a frame is due: at steps 0 to 5, 7, 9, 12, a quarter more each time.

        The model is put into evaluation mode for it and back as it was; it takes no gradient, and no random number.

        Args:
            step: as in `log`.
            model: a `torch.nn.Module`; what it returns may be logits, a tuple that begins with them, or hold `.logits`.
            probe: its input for all images of the probe: a tensor, an array, or a mapping of such by argument.
            layer: name of the layer whose input is the embedding; None for the last layer that makes logits. Where that
                input has more than one vector an image, as tokens or pixels, their mean counts; of a causal language
                model the last token's.
            batch_size: images at a time.
            also: a loss or a stream, as in `log`; they are recorded at every step.

        Returns:
            Whether a frame was due.

        Raises:
            InputError: the model has no such layer, or as in `log`.
        """
        with self._guard:
            self._check()
            at = whole_number(step, "step")
            if not self._schedule.is_due(at):
                if any(value is not None for value in also.values()):
                    self.log(at, **also)
                return False
            # It imports torch, which a loop without it need not have.
            from enigma.recording.watched.network import looked_at

            embeddings, logits = looked_at(model, probe, layer, batch_size)
            self.log(at, embeddings=embeddings, logits=logits, **also)
            return True

    def finish(self) -> str:
        """Ends the run and returns its id; what is logged afterwards is refused.

        Raises:
            InputError: nothing but numbers was logged, or something could not be written.
        """
        with self._guard:
            if not self._is_over:
                if self._folder is None:
                    self._is_over = True
                    raise InputError(
                        "Expected embeddings or logits in at least one log, but got none; there is nothing to show, "
                        "and no run was recorded."
                    )
                self._settle("finished")
            return self.run_id

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.finish()
            return
        with self._guard, contextlib.suppress(InputError):
            # What the loop raised is what its author has to see.
            if self._folder is not None and not self._is_over:
                stopped = isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit)
                told = "" if stopped else f"The loop ended with {type(error).__name__}: {str(error)[:300]}"
                self._settle("stopped" if stopped else "failed", told)

    def _settle(self, state: str, message: str = "") -> None:
        assert self._folder is not None
        assert self._writer is not None
        folder, step = self._folder, self._step
        self._is_over = True
        self._put_rest()
        self._writer.put(lambda: folder.settle(state, step, message))
        self._writer.close()
        folder.release()
        self._writer.check()

    def _check(self) -> None:
        if os.getpid() != self._process:
            raise InputError(
                f"Expected to log from process {self._process}, which began the watch, but this is {os.getpid()}, "
                "forked from it; begin a watch of its own there, or log from the first."
            )
        if self._is_over:
            raise InputError("Expected a watch that goes on, but this one is over; begin another.")
        if self._writer is not None:
            self._writer.check()

    def _check_step(self, step: int, has_arrays: bool) -> None:
        if step < self._step:
            raise InputError(f"Expected a step from {self._step:,} on, which was the last one, but got {step:,}.")
        if has_arrays and step == self._step and self._has_arrays:
            raise InputError(f"Expected embeddings and logits once a step, in one log, but step {step:,} has them.")

    def _told(self, logits: np.ndarray | None, streamed: Streamed | None) -> Row:
        """The columns that this log fills."""
        if streamed is not None:
            # From now on the stream tells when to stop, and not the probe.
            self._first = None
            found, before, classes = streamed
            if self._folder is not None:
                self._folder.follow(len(found), source_known=bool(before.size))
            source, labels = (before if before.size else None), (classes if classes.size else None)
            return self._stream.row(found.astype(np.float64), source, labels, running=True)
        if logits is None or self._first is None:
            return {}
        return self._of_probe.row(logits.astype(np.float64), self._first, self._given.labels, running=False)

    def _begin(self, seen: Seen, streamed: Streamed | None, device: str) -> None:
        """Begins the run with the first arrays, or sees that later ones are like them."""
        form = form_of(seen, 0 if streamed is None else len(streamed[0]), device)
        if self._form is not None:
            check_form(self._form, form)
            return
        check_given(self._given, form)
        logits = seen[1]
        known = bool(streamed[1].size) if streamed else logits is not None
        folder = Folder.begun(self._root, self._given, form, source_known=known)
        # The probe stands in for a stream only where none is logged from the first.
        self._first = None if streamed or logits is None else logits.astype(np.float64)
        self._form, self._folder, self._writer, self.run_id = form, folder, Writer(), folder.run.id
        atexit.register(_leave, weakref.ref(self))
        self._writer.put(folder.write_still)
        for step, row in self._early:
            self._put_row(step, row)
        self._early.clear()

    def _frame(self, step: int, embeddings: np.ndarray | None, logits: np.ndarray | None) -> None:
        assert self._folder is not None
        assert self._writer is not None
        points = embeddings if embeddings is not None else logits
        assert points is not None
        labels = self._given.labels
        labels = np.full(len(points), _UNLABELLED) if labels is None else labels
        arrays = frame(points, logits, labels, len(self._folder.facts["classes"]))
        if not self._schedule.keeps(step):
            # The last one is kept in any case, when it is known to be the last.
            self._latest = step, arrays
            return
        self._latest = None
        folder = self._folder
        self._writer.put(lambda: folder.write_frame(step, arrays))

    def _end_step(self) -> None:
        """All that will be known of the step is known."""
        if self._row:
            self._put_row(self._step, self._row)
            self._row = Row()

    def _put_rest(self) -> None:
        """What waits because more might have come: the numbers of the last step, and its frame."""
        assert self._folder is not None
        assert self._writer is not None
        self._end_step()
        if self._latest is not None:
            folder, latest = self._folder, self._latest
            self._writer.put(lambda: folder.write_frame(*latest))

    def _put_row(self, step: int, row: Mapping[str, float]) -> None:
        if self._folder is None or self._writer is None:
            self._early.append((step, dict(row)))
            return
        folder, kept = self._folder, dict(row)
        self._writer.put(lambda: folder.write_row(step, kept))

    def _leave(self) -> None:
        """The process ends, and nobody has said that the loop is over."""
        if self._is_over or self._folder is None or self._writer is None or os.getpid() != self._process:
            return
        self._is_over = True
        folder, step = self._folder, self._step
        with contextlib.suppress(InputError):
            self._put_rest()
            self._writer.put(lambda: folder.leave(step))
        self._writer.close()


def _leave(watch: "weakref.ref[Watch]") -> None:
    if (found := watch()) is not None:
        found._leave()
