"""What was recorded of a run: its facts, and its numbers as tables and arrays."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from enigma.analysis.metrics.frame_metrics import run_metrics
from enigma.analysis.reading import notes, summary
from enigma.api.opened_frames import Frames, Reference
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.spec.titles import title
from enigma.store.home import Home
from enigma.store.run_folder import Run


class RecordedRun:
    """The part of an opened run that needs no figure: see `enigma.api.opened.OpenedRun`."""

    def __init__(self, run: Run, home: Home):
        self._run = run
        self._home = home

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits that the spec and its data determine."""
        return self._run.id

    @property
    def path(self) -> Path:
        """The run folder."""
        return self._run.path

    @property
    def spec(self) -> RunSpec:
        """Everything that determines the run."""
        return self._run.spec

    @property
    def state(self) -> str:
        """waiting, running, paused, stopped, finished, failed, or interrupted."""
        return self._run.state

    @property
    def facts(self) -> dict[str, Any]:
        """What was known when it began: classes, source accuracy, digests, versions, hardware."""
        return self._run.facts

    @property
    def notes(self) -> list[str]:
        """What a reader must know: broken images that were left out, what is missing and why."""
        return notes(self.facts)

    @property
    def title(self) -> str:
        """Method, corruption and severity in words."""
        return title(self.spec)

    @property
    def summary(self) -> dict[str, float | int | str | None]:
        """The numbers people ask for first: accuracies in [0, 1] and the best step; None without labels."""
        self._need_frames()
        return summary(self._run)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the model's outputs."""
        return tuple(self.facts["classes"])

    @property
    def steps(self) -> np.ndarray:
        """The steps that have a frame, integers of shape (frames,); empty before the first."""
        return np.array(self._run.frame_steps, dtype=np.int64)

    @property
    def scalars(self) -> pd.DataFrame:
        """What was measured on each batch of the stream: one row an update, indexed by step, entropies in nats."""
        return pd.DataFrame(self._run.scalars()).astype({"step": "int64"}).set_index("step")

    @property
    def metrics(self) -> pd.DataFrame:
        """Every metric of every frame: one row a frame, indexed by step, columns as the registry of metrics names them.

        Accuracy and calibration error in [0, 1], entropies in nats, NaN where labels or reference images are missing.
        """
        table = pd.DataFrame(run_metrics(self._run))
        # A run that is still recording may have one more frame by now.
        return table.set_index(pd.Index(self.steps[: len(table)], name="step"))

    @property
    def frames(self) -> Frames:
        """The frames in order: `frames[0].embeddings`, `frames.at(13).entropies`."""
        return Frames(self._run)

    @property
    def labels(self) -> np.ndarray:
        """True class of each probe image, of shape (probes,), -1 where it is not known or the image is unknown.

        Raises:
            InputError: the test images have no labels.
        """
        found = self._run.read_arrays("probe.safetensors")["labels"]
        if not (found >= 0).any():
            raise InputError(f"Expected labels in run {self.id}, but its test images have none.")
        return found

    @property
    def reference(self) -> Reference:
        """Embeddings and labels of the reference images under the source model.

        Raises:
            InputError: the run has no reference images.
        """
        found = Reference(self._run)
        if not len(found):
            raise InputError(f"Expected reference images in run {self.id}, but it has none; see `reference` of a spec.")
        return found

    def _need_frames(self) -> None:
        if not self._run.frame_steps:
            raise InputError(f"Expected run {self.id} to have a frame, but it has none yet; wait a moment.")
