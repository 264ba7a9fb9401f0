"""How unknown an image is to a model: the scores of the catalogue, most of them computed by pytorch-ood.

Every score is larger for an image that is less known, as in pytorch-ood; the papers of IsoMax have it the other
way round. pytorch-ood brings its models and losses along, so it is imported only where something is scored.
"""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from enigma.functionals.entropy import softmax_entropy
from enigma.functionals.isomax import DistanceHead

# The paper's k for CIFAR-10, which has 5,000 training images a class; of fewer images, a twentieth.
NEIGHBOURS = 50

Scores = dict[str, Float[np.ndarray, " images"]]


@dataclass(frozen=True)
class Reference:
    """Embedded training images, which some scores are fitted on."""

    embeddings: Float[Tensor, "images features"]
    labels: Int64[Tensor, " images"]

    @property
    def is_complete(self) -> bool:
        """Whether there are images of each class from 0 on, at least two."""
        counts = torch.bincount(self.labels[self.labels >= 0]) if len(self.labels) else torch.zeros(1)
        return bool(counts.min() > 1)


def temperature_of(head: nn.Module | None) -> float:
    """What the logits were divided by: 1 but for a calibrated distance head."""
    return float(head.temperature) if isinstance(head, DistanceHead) else 1.0


@torch.no_grad()
def scores(
    embeddings: Float[Tensor, "images features"],
    logits: Float[Tensor, "images classes"],
    head: nn.Module | None = None,
    reference: Reference | None = None,
) -> Scores:
    """All scores there are, by the names of the catalogue; in float64.

    Args:
        head: the classification layer, where its input is exactly the embedding; ReAct and ViM need it. The logits of
            a distance head are taken back to temperature 1, as its papers do.
        reference: for Mahalanobis, KNN, ReAct and ViM; without it they are left out.
    """
    from pytorch_ood.detector import GEN, EnergyBased, Entropy, MaxLogit, MaxSoftmax

    plain = logits.double() * temperature_of(head)
    found = {
        "msp": MaxSoftmax.score(plain),
        "entropy": Entropy.score(plain),
        "max_logit": MaxLogit.score(plain),
        "mmles": softmax_entropy(plain) - plain.max(1).values - plain.mean(1),
        "energy": EnergyBased.score(plain),
        "gen": GEN.score(plain),
    }
    if reference is not None and reference.is_complete:
        found |= _fitted(embeddings.float(), reference, head)
    return {name: values.double().cpu().numpy() for name, values in found.items()}


def _fitted(embeddings: Tensor, reference: Reference, head: nn.Module | None) -> dict[str, Tensor]:
    from pytorch_ood.detector import KNN, Mahalanobis, ReAct, ViM

    known, labels = reference.embeddings.float(), reference.labels
    neighbours = min(NEIGHBOURS, max(1, len(known) // 20))
    found = {
        "mahalanobis": Mahalanobis(None).fit_features(known, labels).predict_features(embeddings),
        "knn": KNN(None, k=neighbours).fit_features(known, labels).predict_features(embeddings),
    }
    if head is not None:
        head = copy.deepcopy(head).cpu().float()
        react = ReAct(lambda x: x, head).fit_feature_maps(known, labels)
        found["react"] = react.predict_feature_maps(embeddings)
    if isinstance(head, nn.Linear) and head.bias is not None:
        vim = ViM(None, d=known.shape[1] // 2, w=head.weight, b=head.bias).fit_features(known, labels)
        found["vim"] = vim.predict_features(embeddings)
    return found
