"""The frames and the reference images of an opened run, as arrays that are mapped from the disk."""

from collections.abc import Sequence
from functools import cached_property
from typing import overload

import numpy as np

from enigma.analysis.metrics.frame_metrics import frame_metrics
from enigma.analysis.metrics.observed import confidences
from enigma.spec.errors import InputError
from enigma.store.mapped import mapped
from enigma.store.run_folder import Run, frame_name


class Frame:
    """What was recorded at one step, for every image of the probe.

    Arrays that were recorded are read-only views of the file on disk: nothing is read before it is looked at. They are
    as they were stored, embeddings in half precision unless a value was too large for it. `predictions` is a view too;
    `confidences`, `probabilities` and `metrics` are computed, and so are copies.

    >>> import enigma
    >>> frame = enigma.open_run("429b4332ba79").frames[0]
    >>> frame.embeddings.shape, frame.embeddings.dtype
    ((1000, 96), dtype('float16'))
    """

    def __init__(self, run: Run, step: int):
        self._run = run
        self.step = step

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """Everything recorded, by name, as views; `enigma.recording.evaluation.Evaluator.frame` says what there is."""
        return mapped(self._run.path / frame_name(self.step))

    @property
    def embeddings(self) -> np.ndarray:
        """Input of the classification layer, of shape (probes, features); a view."""
        return self._recorded("embeddings")

    @property
    def top_logits(self) -> np.ndarray:
        """The up to ten largest logits of each image, of shape (probes, up to 10), largest first; a view."""
        return self._recorded("top_logits")

    @property
    def top_classes(self) -> np.ndarray:
        """The classes of `top_logits`, of shape (probes, up to 10); a view."""
        return self._recorded("top_classes")

    @property
    def logsumexp(self) -> np.ndarray:
        """Log Σ exp(logit) over all classes, of shape (probes,); `top_logits` less this is log p; a view."""
        return self._recorded("logsumexp")

    @property
    def entropies(self) -> np.ndarray:
        """Entropy of each prediction in nats, of shape (probes,); a view."""
        return self._recorded("entropies")

    @property
    def label_log_probabilities(self) -> np.ndarray:
        """Logarithm of the probability of the true class, of shape (probes,); NaN without a label; a view."""
        return self._recorded("label_log_probabilities")

    @property
    def mean_prediction(self) -> np.ndarray:
        """Mean probability of each class over the probe, of shape (classes,); a view."""
        return self._recorded("mean_prediction")

    @property
    def class_means(self) -> np.ndarray:
        """Class means of the reference images embedded by this state of the model, of shape (classes, features).

        A view; NaN for a class without reference images.
        """
        return self._recorded("class_means")

    @property
    def scores(self) -> np.ndarray:
        """How unknown each image is, of shape (probes, scores), named by `facts["scores"]`; a view.

        Raises:
            InputError: the run has no unknown images.
        """
        return self._recorded("scores")

    @property
    def dropout(self) -> np.ndarray:
        """How predictions change when a part of the embedding is dropped, of shape (2,); a view.

        See `enigma.functionals.dropout`; not recorded where the last layer is not linear.
        """
        return self._recorded("dropout")

    @property
    def parameter_drift(self) -> np.ndarray:
        """How far each adapted tensor has moved and its norm at the source model, of shape (2, tensors); a view."""
        return self._recorded("parameter_drift")

    @property
    def predictions(self) -> np.ndarray:
        """Predicted class of each image, of shape (probes,); a view."""
        return self.top_classes[:, 0]

    @property
    def confidences(self) -> np.ndarray:
        """Probability of the predicted class, of shape (probes,), in [0, 1]; computed."""
        return confidences(self.arrays)

    @property
    def probabilities(self) -> np.ndarray:
        """Probabilities of `top_classes`, of shape (probes, up to 10), in [0, 1]; computed."""
        return np.exp(self.top_logits.astype(np.float64) - self.logsumexp[:, None])

    @property
    def metrics(self) -> dict[str, float]:
        """Every metric by its name in the registry; accuracies in [0, 1], entropies in nats, NaN where not known."""
        return frame_metrics(self._run, self.step)

    def _recorded(self, name: str) -> np.ndarray:
        if name not in self.arrays:
            raise InputError(
                f"Expected `{name}` in the frame at step {self.step} of run {self._run.id}, but it was not recorded; "
                f"there are {', '.join(self.arrays)}."
            )
        return self.arrays[name]

    def __repr__(self) -> str:
        shape = self.arrays["embeddings"].shape
        return f"<Frame at step {self.step:,} of run {self._run.id}: {shape[0]:,} probe images>"


class Frames(Sequence[Frame]):
    """The frames of a run in order, by position; `at` finds one by its step."""

    def __init__(self, run: Run):
        self._run = run
        self._steps = run.frame_steps

    @overload
    def __getitem__(self, index: int) -> Frame: ...
    @overload
    def __getitem__(self, index: slice) -> list[Frame]: ...
    def __getitem__(self, index: int | slice) -> Frame | list[Frame]:
        if isinstance(index, slice):
            return [Frame(self._run, step) for step in self._steps[index]]
        return Frame(self._run, self._steps[index])

    def __len__(self) -> int:
        return len(self._steps)

    def at(self, step: int) -> Frame:
        """The frame recorded at a step.

        Raises:
            InputError: none was; the message names those that were.
        """
        if step not in self._steps:
            recorded = ", ".join(f"{one:,}" for one in self._steps) or "none yet"
            raise InputError(f"Expected a step with a frame ({recorded}), but got {step}.")
        return Frame(self._run, step)

    def __repr__(self) -> str:
        return f"<{len(self)} frames of run {self._run.id}, at steps {', '.join(map(str, self._steps))}>"


class Reference:
    """The training or clean images that distances are measured to, under the source model.

    Attributes:
        embeddings: of shape (references, features); a read-only view of the file.
        labels: class of each, of shape (references,), -1 where not known; a read-only view.
    """

    def __init__(self, run: Run):
        arrays = mapped(run.path / "reference.safetensors")
        self.embeddings, self.labels = arrays["embeddings"], arrays["labels"]

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"<{len(self):,} reference images with {self.embeddings.shape[1]:,} features>"
