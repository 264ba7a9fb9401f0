"""CoTTA: a student learns from its own slow average, and forgets a little at every step.

The teacher predicts a batch, as the mean over `augmentations` random views where the source model is unsure of
it (mean confidence below `ap`). The student's cross-entropy to the teacher is minimised over all parameters. Then
the teacher becomes `mt` teacher + (1 - `mt`) student, and each weight of the student goes back to the source's
with probability `rst`. What is predicted, here and in the frames, is the teacher's; frames show it without the
random views.
Source: Wang et al. 2022, arXiv:2203.13591, equations 1 to 8; reference code qinenergy/cotta.
"""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from enigma.adapt.adapter import Adapter, ParameterAdapter, State, under
from enigma.adapt.augment import view
from enigma.adapt.building_blocks import class_count, for_size, optimizer_factory, with_batch_statistics
from enigma.functionals.entropy import cross_entropy


class TeacherAdapter(ParameterAdapter):
    """Adapts a student; `model` is its teacher (final).

    Args:
        student: the model that is updated.
        consistency: from the student's and the teacher's logits to one number an image.
        momentum: share of the teacher that stays at each step.
        restore: probability that a weight of the student goes back to the source's.
        threshold: the teacher's prediction is averaged over `views` where the source model's is below this.
    """

    def __init__(
        self,
        student: nn.Module,
        consistency: Callable[[Tensor, Tensor], Tensor],
        optimizer: Callable[[list[nn.Parameter]], torch.optim.Optimizer],
        *,
        momentum: float,
        restore: float,
        threshold: float,
        views: int,
    ):
        super().__init__(student, optimizer)
        self._student = student
        self._consistency = consistency
        self._momentum, self._restore, self._threshold, self._views = momentum, restore, threshold, views
        self._anchor = copy.deepcopy(student).requires_grad_(False)
        # The teacher's parameters never have a gradient, but they are what moves.
        self.model = copy.deepcopy(student)

    def _adapt(self, batch: Tensor) -> Tensor:
        targets = self._taught(batch)
        self._minimise(self._consistency(self._student(batch), targets).mean(), len(batch))
        self._update()
        return targets

    @torch.no_grad()
    def _taught(self, batch: Tensor) -> Tensor:
        if self._anchor(batch).softmax(-1).amax(-1).mean() >= self._threshold:
            return self.model(batch)
        return torch.stack([self.model(view(batch)) for _ in range(self._views)]).mean(0)

    @torch.no_grad()
    def _update(self) -> None:
        teacher = dict(self.model.named_parameters())
        for name, parameter in self._adapted.items():
            teacher[name].mul_(self._momentum).add_(parameter, alpha=1 - self._momentum)
            # Drawn on the CPU, whose generator a checkpoint holds.
            forget = (torch.rand(parameter.shape) < self._restore).to(parameter.device)
            parameter.copy_(torch.where(forget, self._source[name], parameter))

    def _restore_source(self) -> None:
        super()._restore_source()
        self._student.load_state_dict(self._source)

    def state(self) -> State:
        return super().state() | {f"teacher/{name}": p.detach() for name, p in self.model.named_parameters()}

    def load_state(self, state: State) -> None:
        super().load_state(state)
        parameters = dict(self.model.named_parameters())
        with torch.no_grad():
            for name, value in under("teacher/", state).items():
                parameters[name].copy_(value)


def symmetric_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """The mean of the cross-entropies either way round, of each image."""
    return 0.5 * cross_entropy(logits, targets) + 0.5 * cross_entropy(targets, logits)


def build(
    model: nn.Module,
    *,
    mt: float = 0.999,
    rst: float | None = None,
    ap: float | None = None,
    augmentations: int = 32,
    loss: str | None = None,
    **optimizer: Any,
) -> Adapter:
    """None means the reference code's for CIFAR-10, CIFAR-100 or ImageNet, by the number of classes."""
    small = 0.92 if class_count(model) <= 10 else 0.72
    kind = for_size(model, cifar="cross_entropy", imagenet="symmetric") if loss is None else loss
    return TeacherAdapter(
        with_batch_statistics(model).requires_grad_(True),
        symmetric_cross_entropy if kind == "symmetric" else cross_entropy,
        optimizer_factory(**optimizer, nesterov=True),
        momentum=mt,
        restore=for_size(model, cifar=0.01, imagenet=0.001) if rst is None else rst,
        threshold=for_size(model, cifar=small, imagenet=0.1) if ap is None else ap,
        views=augmentations,
    )
