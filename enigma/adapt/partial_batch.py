"""The loss of a part of a batch, where some images pass through the model but are not learned from."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from jaxtyping import Bool
from torch import Tensor, nn

Loss = tuple[Tensor | None, int]


class PartObjective(ABC):
    """An objective that shows the batch to another model too, which normalises with all of it as the adapting one."""

    def __call__(self, logits: Tensor, batch: Tensor, model: nn.Module) -> Loss:
        """The loss of all images of the batch."""
        return self.of_part(logits, batch, model, torch.ones(len(batch), dtype=torch.bool, device=batch.device))

    @abstractmethod
    def of_part(self, logits: Tensor, batch: Tensor, model: nn.Module, used: Bool[Tensor, " batch"]) -> Loss:
        """The loss of those images of the batch that are `used`, and the number of images in it."""


def loss_of_part(
    objective: Callable[[Tensor, Tensor, nn.Module], Loss],
    logits: Tensor,
    batch: Tensor,
    model: nn.Module,
    used: Bool[Tensor, " batch"],
) -> Loss:
    """What `objective` makes of the images that are `used`."""
    if isinstance(objective, PartObjective):
        return objective.of_part(logits, batch, model, used)
    return objective(logits[used], batch[used], model)
