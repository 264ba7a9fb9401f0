"""What every adaptation method is to the rest of the program, and what it may be made of."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

State = dict[str, Tensor]


@dataclass(frozen=True)
class StepReport:
    """What the last step did.

    Attributes:
        loss: the value that was minimised, NaN where nothing was.
        gradient_norm: Euclidean norm over all adapted parameters, before the update.
        samples_used: images that entered the loss.
    """

    loss: float = float("nan")
    gradient_norm: float = 0.0
    samples_used: int = 0


@runtime_checkable
class Adapter(Protocol):
    """A model that adapts itself to what it sees."""

    model: nn.Module
    report: StepReport

    def step(self, batch: Tensor) -> Tensor:
        """Logits of shape (batch, classes) from before the update, then one update.

        Args:
            batch: float images in [0, 1], of shape (batch, channels, height, width), on the device of the model.

        Raises:
            NonFiniteLossError: the loss became NaN or infinite.
        """

    def reset(self) -> None:
        """Back to the state right after building: weights, optimizer and method state, exactly."""

    def state(self) -> State:
        """All that a later `load_state` needs to go on as if nothing had happened."""

    def load_state(self, state: State) -> None: ...


@runtime_checkable
class Memory(Protocol):
    """What a method remembers between steps, besides weights and optimizer."""

    def reset(self) -> None: ...

    def state(self) -> State: ...

    def load_state(self, state: State) -> None: ...


@runtime_checkable
class Objective(Memory, Protocol):
    """What is minimised; may remember things between steps."""

    def __call__(self, logits: Tensor, batch: Tensor, model: nn.Module) -> tuple[Tensor | None, int]:
        """The scalar loss (None: nothing to learn from this batch) and the number of images in it."""


@runtime_checkable
class Predictor(Protocol):
    """An adapter whose predictions are more than a forward pass of its model."""

    def predict(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings and logits as the method gives them now, without changing anything: what a frame shows."""
