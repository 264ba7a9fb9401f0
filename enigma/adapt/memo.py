"""MEMO: adapts to each image alone, by the entropy of its mean prediction over random views, and starts anew.

For each image: minimise H(1/n sum_i softmax(z_i)) over `augmentations` views, with one update of all parameters;
predict the image; go back to the source. Nothing is carried from image to image, so the logits of a step are
those from after the image's own update, and `model` between steps is the source's. BatchNorm uses the stored
statistics, or a mix with the image's own where `prior` says so.
A frame shows the predictions and embeddings after each probe image's own update, with views drawn from a seed of
their own; they are the same at every step.
Source: Zhang et al. 2022, arXiv:2110.09506, equation 3 and algorithm 1; reference code zhangmarvin/memo.
"""

import copy
import hashlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from enigma.adapt.adapter import Adapter, State, StepReport
from enigma.adapt.augment import augmix_views
from enigma.adapt.building_blocks import for_size, frozen_copy, optimizer_factory, with_source_prior
from enigma.functionals.entropy import marginal_entropy
from enigma.models.classifier import embed

VIEWS_SEED = 0


class EpisodicAdapter:
    """Adapts to one image at a time and forgets it (final).

    Args:
        model: a model of the adapter's own, all of whose parameters may be updated.
        optimizer: makes the optimizer, anew for each image.
        augmentations: views of each image.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: Callable[[list[nn.Parameter]], torch.optim.Optimizer],
        augmentations: int,
    ):
        self.model = model
        self.report = StepReport()
        self._make_optimizer = optimizer
        self._augmentations = augmentations
        self._source = copy.deepcopy(model.state_dict())
        self._known: dict[str, tuple[Tensor, Tensor]] = {}

    def step(self, batch: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch classes"]:
        losses, norms, logits = [], [], []
        for loss, norm, (_, own) in self._episodes(batch):
            losses.append(loss)
            norms.append(norm)
            logits.append(own)
        self.report = StepReport(math.fsum(losses) / len(batch), math.fsum(norms) / len(batch), len(batch))
        return torch.cat(logits)

    def predict(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        # The same images give the same numbers at every step, so they are worked out once.
        key = hashlib.sha256(batch.detach().cpu().contiguous().numpy().data).hexdigest()
        if key not in self._known:
            with torch.random.fork_rng(devices=[]):
                torch.default_generator.manual_seed(VIEWS_SEED)
                outputs = [output for _, _, output in self._episodes(batch)]
            embeddings, logits = zip(*outputs, strict=True)
            self._known[key] = torch.cat(embeddings), torch.cat(logits)
        return self._known[key]

    def _episodes(self, batch: Tensor) -> Iterator[tuple[float, float, tuple[Tensor, Tensor]]]:
        """Loss, gradient norm, and embedding and logits after the update, of one image after the other."""
        parameters = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        for image in batch:
            optimizer = self._make_optimizer(parameters)
            optimizer.zero_grad(set_to_none=True)
            with torch.enable_grad():
                loss = marginal_entropy(self.model(augmix_views(image, self._augmentations)))
                loss.backward()
            norm = torch.nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None]).item()
            if math.isfinite(loss.item()) and math.isfinite(norm):
                optimizer.step()
            with torch.no_grad():
                output = embed(self.model, image[None])
            self.reset()
            yield loss.item(), norm, output

    def reset(self) -> None:
        self.model.load_state_dict(self._source)

    def state(self) -> State:
        return {}

    def load_state(self, state: State) -> None:
        """There is no state to load."""


def build(model: nn.Module, *, augmentations: int = 8, prior: float | None = None, **optimizer: Any) -> Adapter:
    """Eight views, where the paper has 32 (CIFAR) or 64, keep a batch affordable on a CPU.

    `prior` is the weight of the stored statistics in images, the image itself counting as one; None means 16 for
    more than 100 classes, and the stored statistics alone otherwise, both as the paper has it.
    """
    weight = for_size(model, cifar=math.inf, imagenet=16.0) if prior is None else prior
    own = frozen_copy(model) if math.isinf(weight) else with_source_prior(model, weight, count=1)
    return EpisodicAdapter(own.requires_grad_(True), optimizer_factory(**optimizer), augmentations)
