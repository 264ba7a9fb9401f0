"""What a stream tells, without labels, of a model that adapts to it.

Everything is computed from the logits a step returns anyway and, where the model changes, from one more forward pass
of the model as it was before the first step: three numbers a class are remembered, however long the stream.
"""

import copy
from dataclasses import astuple, dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from enigma.adapt.adapter import State

DECAY = 0.9
"""Weight of the past in the running means: they look back about ten batches."""


@dataclass(frozen=True)
class Signals:
    """One step of a stream, seen without labels.

    Attributes:
        confidence: mean probability of the predicted class.
        diversity: entropy of the running mean prediction, in nats.
        initial_diversity: the same of the model before its first step, on the same images.
        largest_class: running share of the class that is predicted most.
        histogram_shift: Kullback-Leibler divergence, in nats, of the running mean prediction from that of the model
            before its first step.
        flip_rate: share of this batch that the model before its first step predicts to be of another class.
        logit_norm: mean Euclidean norm of the logits of an image, their mean subtracted.
    """

    confidence: float
    diversity: float
    initial_diversity: float
    largest_class: float
    histogram_shift: float
    flip_rate: float
    logit_norm: float

    def values(self) -> tuple[float, ...]:
        return astuple(self)


class Monitor:
    """Follows one adapting model (final).

    Args:
        model: the model before its first step; a copy of it is kept if it has parameters to adapt.
    """

    def __init__(self, model: nn.Module):
        moves = any(parameter.requires_grad for parameter in model.parameters())
        self._initial = copy.deepcopy(model) if moves else None
        self._means: State = {}

    @torch.no_grad()
    def __call__(self, batch: Tensor, logits: Float[Tensor, "batch classes"]) -> Signals:
        """The signals after a step on `batch` that returned `logits`."""
        logits = logits.double()
        probabilities, predictions = logits.softmax(1), logits.argmax(1)
        initial = self._initial_logits(batch, logits)
        now = self._mean("prediction", probabilities.mean(0))
        before = self._mean("initial", initial.softmax(1).mean(0))
        histogram = self._mean("histogram", torch.bincount(predictions, minlength=logits.shape[1]) / len(logits))
        return Signals(
            confidence=probabilities.amax(1).mean().item(),
            diversity=torch.special.entr(now).sum().item(),
            initial_diversity=torch.special.entr(before).sum().item(),
            largest_class=histogram.max().item(),
            histogram_shift=(torch.xlogy(now, now) - torch.xlogy(now, before)).sum().item(),
            flip_rate=(predictions != initial.argmax(1)).double().mean().item(),
            logit_norm=torch.linalg.vector_norm(logits - logits.mean(1, keepdim=True), dim=1).mean().item(),
        )

    def _initial_logits(self, batch: Tensor, logits: Tensor) -> Tensor:
        if self._initial is None:
            return logits
        # A model that draws random numbers must not change those that the method draws.
        with torch.random.fork_rng(devices=[batch.device] if batch.is_cuda else []):
            return self._initial(batch).double()

    def _mean(self, name: str, value: Tensor) -> Tensor:
        """The running mean; the first value counts whole."""
        value = value.double()
        past = self._means.get(name)
        self._means[name] = value if past is None else DECAY * past + (1 - DECAY) * value
        return self._means[name]

    def state(self) -> State:
        return dict(self._means)

    def load_state(self, state: State) -> None:
        self._means = dict(state)
