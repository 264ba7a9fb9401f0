"""LAME: corrects the predictions of a batch so that neighbours agree; the model stays as it was trained.

The assignments Y maximise sum_i y_i' log p_i + sum_ij w_ij y_i' y_j - sum_i y_i' log y_i, up to a constant the
evidence of the model plus agreement between neighbours in embedding space, by rounds of Y = softmax(log P + W Y).
Source: Boudiaf et al. 2022, arXiv:2201.05718, equations 4 to 6; reference code fiveai/LAME.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import normalize

from enigma.adapt.adapter import Adapter, FixedAdapter
from enigma.adapt.building_blocks import frozen_copy
from enigma.models.classifier import embed

ROUNDS = 100
TOLERANCE = 1e-8


class LaplacianAdapter(FixedAdapter):
    """Predicts the assignments of each batch; depends on nothing that came before (final)."""

    def __init__(self, model: nn.Module, affinity: str, neighbours: int):
        super().__init__(model)
        self._affinity = affinity
        self._neighbours = neighbours

    @torch.no_grad()
    def step(self, batch: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch classes"]:
        return self.predict(batch)[1]

    @torch.no_grad()
    def predict(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        embeddings, logits = embed(self.model, batch)
        # The rounds need more digits than mixed precision has.
        with torch.autocast(batch.device.type, enabled=False):
            weights = affinities(embeddings.to(batch.dtype), self._affinity, self._neighbours)
            return embeddings, log_assignments(logits.to(batch.dtype).log_softmax(-1), weights)


def affinities(embeddings: Float[Tensor, "batch features"], kind: str, neighbours: int) -> Float[Tensor, "batch batch"]:
    """How much each image of a batch counts for each other.

    'knn': 1 for the nearest neighbours, else 0; 'rbf': exp(-d^2 / 2 s^2), s the mean distance to the last of the
    neighbours; 'linear': the cosine similarity. All of embeddings divided by their norm.
    """
    unit = normalize(embeddings.flatten(1), dim=1)
    if kind == "linear":
        return unit @ unit.T
    distances = torch.cdist(unit, unit, compute_mode="donot_use_mm_for_euclid_dist")
    apart = distances.clone().fill_diagonal_(float("inf"))
    nearest = apart.topk(min(neighbours, len(unit) - 1), largest=False)
    if kind == "rbf":
        scale = nearest.values[:, -1].mean() if len(unit) > 1 else distances.new_ones(())
        return torch.exp(-distances.square() / (2 * scale.square()))
    return torch.zeros_like(distances).scatter_(1, nearest.indices, 1.0)


def log_assignments(
    log_p: Float[Tensor, "batch classes"], weights: Float[Tensor, "batch batch"], rounds: int = ROUNDS
) -> Float[Tensor, "batch classes"]:
    """The logarithm of the assignments, from log-probabilities and affinities, by the concave-convex procedure."""
    log_y, energy = log_p, torch.nan
    for _ in range(rounds):
        log_y = (log_p + weights @ log_y.exp()).log_softmax(-1)
        before, energy = energy, laplacian_energy(log_y, log_p, weights)
        if abs(energy - before) <= TOLERANCE * abs(before):
            break
    return log_y


def laplacian_energy(
    log_y: Float[Tensor, "batch classes"], log_p: Float[Tensor, "batch classes"], weights: Float[Tensor, "batch batch"]
) -> float:
    """What each round lowers where `weights` is positive semi-definite: the negative of the module's formula, /2."""
    y = log_y.exp()
    return (y * (log_y - log_p) - 0.5 * y * (weights @ y)).sum().item()


def build(model: nn.Module, *, affinity: str = "knn", neighbours: int = 5) -> Adapter:
    """Five nearest neighbours are the reference code's best choice."""
    return LaplacianAdapter(frozen_copy(model), affinity, neighbours)
