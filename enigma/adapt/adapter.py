"""The adapters that most methods are made of, and all that who writes another method imports.

A method is a composition: an objective x the parameters it moves x how the model normalises x an
optimizer x when it goes back to the source. `GradientAdapter` puts these together; a method that
needs another kind of step (two passes, a teacher) is a `ParameterAdapter` with an `_adapt` of its
own, or any class with the members of `Adapter` (`enigma.adapt.interface`).
"""

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from enigma.adapt.interface import Adapter, Memory, Objective, Predictor, State, StepReport
from enigma.adapt.partial_batch import loss_of_part

__all__ = [
    "Adapter", "FixedAdapter", "GradientAdapter", "Loss", "Memory", "Memoryless", "Objective", "ParameterAdapter",
    "Predictor", "RunningAverage", "State", "StepReport", "under",
]  # fmt: skip


class Memoryless:
    """Remembers nothing."""

    def reset(self) -> None:
        """Nothing to forget."""

    def state(self) -> State:
        return {}

    def load_state(self, state: State) -> None:
        """Nothing to load."""


class RunningAverage:
    """Remembers one moving average, None before the first batch; how it moves is up to who derives from it."""

    def __init__(self) -> None:
        self._average: Tensor | None = None

    def reset(self) -> None:
        self._average = None

    def state(self) -> State:
        return {} if self._average is None else {"average": self._average}

    def load_state(self, state: State) -> None:
        self._average = state.get("average")


class Loss(Memoryless):
    """An objective that is a function of the logits alone (final).

    Args:
        function: from logits of shape (batch, classes) to a scalar.
    """

    def __init__(self, function: Callable[[Tensor], Tensor]):
        self._function = function

    def __call__(self, logits: Tensor, batch: Tensor, model: nn.Module) -> tuple[Tensor, int]:
        return self._function(logits), len(logits)


class FixedAdapter:
    """Predicts, never updates the model."""

    def __init__(self, model: nn.Module):
        self.model = model
        self.report = StepReport()

    @torch.no_grad()
    def step(self, batch: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch classes"]:
        return self.model(batch)

    def reset(self) -> None:
        """Nothing has changed, so there is nothing to restore."""

    def state(self) -> State:
        return {}

    def load_state(self, state: State) -> None:
        """There is no state to load."""


class ParameterAdapter(ABC):
    """Updates the parameters that require a gradient, once a batch; how is up to `_adapt` (abstract).

    Args:
        model: a model of the adapter's own, already configured.
        optimizer: makes the optimizer from the parameters that require a gradient.
        memory: what the method remembers besides; part of the state.
        reset_every: go back to the source after this many steps; 0 means never.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: Callable[[list[nn.Parameter]], torch.optim.Optimizer],
        memory: Memory | None = None,
        *,
        reset_every: int = 0,
    ):
        self.model = model
        self.report = StepReport()
        self._adapted = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self._parameters = list(self._adapted.values())
        self._memory = memory or Memoryless()
        self._make_optimizer = optimizer
        self._optimizer = optimizer(self._parameters)
        self._reset_every = reset_every
        self._source = copy.deepcopy(model.state_dict())
        self._steps = 0

    @torch.enable_grad()
    def step(self, batch: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch classes"]:
        if self._reset_every and self._steps and self._steps % self._reset_every == 0:
            self._restore_source()
        logits = self._adapt(batch)
        self._steps += 1
        return logits.detach()

    @abstractmethod
    def _adapt(self, batch: Tensor) -> Tensor:
        """The step itself: logits from before the update, the update, and `report`."""

    def _minimise(self, loss: Tensor | None, used: int) -> None:
        """One update of the parameters, and the report of it."""
        gradient_norm = self._gradient(loss)
        # A loss or gradient that is not finite would destroy the weights; the caller sees it in the report.
        if loss is not None and torch.isfinite(loss) and gradient_norm < float("inf"):
            self._optimizer.step()
        self.report = StepReport(float("nan") if loss is None else loss.item(), gradient_norm, used)

    def _gradient(self, loss: Tensor | None) -> float:
        """Leaves the gradient of the loss at the parameters; its Euclidean norm."""
        self._optimizer.zero_grad(set_to_none=True)
        if loss is None:
            return 0.0
        loss.backward()
        gradients = [p.grad for p in self._parameters if p.grad is not None]
        return torch.nn.utils.get_total_norm(gradients).item()

    def reset(self) -> None:
        self._restore_source()
        self._steps = 0

    def _restore_source(self) -> None:
        self.model.load_state_dict(self._source)
        self._optimizer = self._make_optimizer(self._parameters)
        self._memory.reset()

    def state(self) -> State:
        # All else in the model is frozen and comes with the source.
        state = {f"model/{name}": parameter.detach() for name, parameter in self._adapted.items()}
        for index, values in self._optimizer.state_dict()["state"].items():
            state |= {f"optimizer/{index}/{name}": v for name, v in values.items() if v is not None}
        state |= {f"objective/{name}": value for name, value in self._memory.state().items()}
        return state | {"steps": torch.tensor(self._steps)}

    def load_state(self, state: State) -> None:
        with torch.no_grad():
            for name, value in under("model/", state).items():
                self._adapted[name].copy_(value)
        optimizer: dict[int, State] = {}
        for name, value in under("optimizer/", state).items():
            index, key = name.split("/")
            optimizer.setdefault(int(index), {})[key] = value
        self._optimizer = self._make_optimizer(self._parameters)
        self._optimizer.load_state_dict(self._optimizer.state_dict() | {"state": optimizer})
        device = self._parameters[0].device
        self._memory.load_state({name: value.to(device) for name, value in under("objective/", state).items()})
        self._steps = int(state["steps"])


class GradientAdapter(ParameterAdapter):
    """One forward pass, one gradient, one update a batch.

    Args:
        model: a model of the adapter's own, already configured.
        objective: what to minimise.
        optimizer: makes the optimizer from the parameters that require a gradient.
        reset_every: go back to the source after this many steps; 0 means never.
    """

    def __init__(
        self,
        model: nn.Module,
        objective: Objective,
        optimizer: Callable[[list[nn.Parameter]], torch.optim.Optimizer],
        *,
        reset_every: int = 0,
    ):
        super().__init__(model, optimizer, objective, reset_every=reset_every)
        self._objective = objective
        self._used: Tensor | None = None

    def step_on(
        self, batch: Float[Tensor, "batch ..."], used: Bool[Tensor, " batch"]
    ) -> Float[Tensor, "batch classes"]:
        """A step in which only the images that are `used` enter the loss; all of them pass through the model."""
        self._used = used
        try:
            return self.step(batch)
        finally:
            self._used = None

    def _adapt(self, batch: Tensor) -> Tensor:
        logits = self.model(batch)
        if self._used is None:
            self._minimise(*self._objective(logits, batch, self.model))
        else:
            self._minimise(*loss_of_part(self._objective, logits, batch, self.model, self._used))
        return logits


def under(prefix: str, state: State) -> State:
    """The part of a state whose names begin with `prefix`, without it."""
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
