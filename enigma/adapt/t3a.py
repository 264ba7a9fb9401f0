"""T3A: a classifier made of the embeddings of confident test images; the model stays as it was trained.

Each class keeps a support set: its row of the classifier's weights, then embeddings of test images predicted as
it, of which the `supports` with lowest entropy stay. An image is classified by the inner product of its embedding
with the normalised sum of the normalised supports of each class. A batch joins the supports before it is predicted.
Source: Iwasawa and Matsuo 2021, *Test-time classifier adjustment module*, equations 3 to 6; reference code
matsuolab/T3A.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import normalize

from enigma.adapt.adapter import Adapter, State, StepReport
from enigma.adapt.building_blocks import frozen_copy
from enigma.functionals.entropy import softmax_entropy
from enigma.models.classifier import classification_layer, embed
from enigma.spec.errors import InputError


class PrototypeAdapter:
    """Grows the supports by each batch and predicts from them (final)."""

    def __init__(self, model: nn.Module, supports: int):
        self.model = model
        self.report = StepReport()
        self._most = supports
        self.reset()

    @torch.no_grad()
    def reset(self) -> None:
        layer = _linear_layer(self.model)
        self._supports = layer.weight.detach().clone()
        self._labels = torch.arange(len(self._supports), device=self._supports.device)
        self._entropies = softmax_entropy(layer(self._supports))

    @torch.no_grad()
    def step(self, batch: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch classes"]:
        embeddings, logits = embed(self.model, batch)
        self._supports = torch.cat([self._supports, embeddings.to(self._supports.dtype)])
        self._labels = torch.cat([self._labels, logits.argmax(1)])
        self._entropies = torch.cat([self._entropies, softmax_entropy(logits).to(self._entropies.dtype)])
        if self._most:
            self._drop()
        return self._classified(embeddings)

    @torch.no_grad()
    def predict(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        embeddings, _ = embed(self.model, batch)
        return embeddings, self._classified(embeddings)

    def _drop(self) -> None:
        """Keeps of each class the supports of lowest entropy."""
        order = self._entropies.argsort(stable=True)
        of_class = [order[self._labels[order] == label][: self._most] for label in range(self._classes)]
        kept = torch.cat(of_class).sort().values
        self._supports, self._labels, self._entropies = (
            values[kept] for values in (self._supports, self._labels, self._entropies)
        )

    @property
    def _classes(self) -> int:
        return _linear_layer(self.model).out_features

    def _classified(self, embeddings: Tensor) -> Tensor:
        sums = self._supports.new_zeros(self._classes, self._supports.shape[1])
        sums.index_add_(0, self._labels, normalize(self._supports, dim=1))
        return embeddings @ normalize(sums, dim=1).to(embeddings.dtype).T

    def state(self) -> State:
        return {"supports": self._supports, "labels": self._labels, "entropies": self._entropies}

    def load_state(self, state: State) -> None:
        device = self._supports.device
        self._supports, self._labels, self._entropies = (
            state[name].to(device) for name in ("supports", "labels", "entropies")
        )


def _linear_layer(model: nn.Module) -> nn.Linear:
    layer = classification_layer(model)
    if not isinstance(layer, nn.Linear):
        raise InputError(
            f"Expected a model that ends in a linear layer for t3a, but got {type(layer).__name__}; use lame."
        )
    return layer


def build(model: nn.Module, *, supports: int = 100) -> Adapter:
    """The paper chooses `supports` among 1, 5, 20, 50, 100 and all (here 0) on source data."""
    return PrototypeAdapter(frozen_copy(model), supports)
