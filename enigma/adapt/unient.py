"""UniEnt and UniEnt+: certain about what looks known, uncertain about what looks unknown.

An image looks unknown as far as its embedding by the source model points away from every class weight:
s = 1 - max_c cos(f, w_c), brought to [0, 1] within the batch. A mixture of two normal distributions over s splits the
batch. UniEnt minimises the mean entropy of the known side less `unknown_weight` times that of the unknown side, less
`diversity` times the entropy of the mean prediction; UniEnt+ weights every image by its probability of either side
instead of splitting.
Source: Gao et al. 2024, arXiv:2404.06065, equations 5 to 9; reference code gaozhengqing/UniEnt.
"""

from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from sklearn.mixture import GaussianMixture
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from enigma.adapt.adapter import Adapter, GradientAdapter, Memoryless
from enigma.adapt.building_blocks import optimizer_factory, with_adaptable_norms, with_batch_statistics
from enigma.adapt.partial_batch import Loss, PartObjective
from enigma.functionals.entropy import marginal_entropy, softmax_entropy
from enigma.models.classifier import classification_layer, embed
from enigma.spec.errors import InputError


class UnifiedEntropy(PartObjective, Memoryless):
    """Entropy down on the known side, up on the unknown side (final).

    Args:
        source: the model before adaptation, with batch statistics.
        soft: weight by probability (UniEnt+) instead of splitting.
    """

    def __init__(self, source: nn.Module, diversity: float, unknown_weight: float, *, soft: bool):
        self._source = source
        self._diversity, self._unknown_weight, self._soft = diversity, unknown_weight, soft

    def of_part(self, logits: Tensor, batch: Tensor, model: nn.Module, used: Bool[Tensor, " batch"]) -> Loss:
        """Of the images that are `used`; the source model sees the whole batch, as the adapting one has."""
        logits = logits[used]
        chance = torch.from_numpy(unknown_probability(unlikeness(self._source, batch, used))).to(logits)
        entropies = softmax_entropy(logits)
        if self._soft:
            known, unknown = (entropies * (1 - chance)).mean(), (entropies * chance).mean()
        else:
            is_unknown = chance > 0.5
            known, unknown = _mean(entropies[~is_unknown]), _mean(entropies[is_unknown])
        loss = known - self._unknown_weight * unknown - self._diversity * marginal_entropy(logits)
        return loss, len(logits)


@torch.no_grad()
def unlikeness(
    source: nn.Module, batch: Tensor, used: Bool[Tensor, " batch"] | None = None
) -> Float[np.ndarray, " used"]:
    """S of each image that is used, from 0 for the most known of them to 1 for the least; all 0 where none stands out.

    Args:
        source: the model before adaptation.
        batch: all that it sees at once.
        used: which images are meant; default: all.
    """
    embeddings, _ = embed(source, batch)
    embeddings = embeddings if used is None else embeddings[used]
    weight = classification_layer(source).weight
    assert isinstance(weight, Tensor)
    nearest = cosine_similarity(embeddings[:, None], weight.flatten(1)[None], dim=2).max(1).values
    low, high = nearest.min(), nearest.max()
    return ((high - nearest) / (high - low).clamp_min(torch.finfo(nearest.dtype).tiny)).double().cpu().numpy()


def unknown_probability(s: Float[np.ndarray, " batch"]) -> Float[np.ndarray, " batch"]:
    """Probability of the component with the larger mean, in a mixture of two normal distributions over s."""
    if len(np.unique(s)) < 2:
        return np.zeros(len(s))
    mixture = GaussianMixture(2, random_state=0).fit(s[:, None])
    return mixture.predict_proba(s[:, None])[:, int(mixture.means_[:, 0].argmax())]


def build_unient(model: nn.Module, *, diversity: float = 0.5, unknown_weight: float = 0.5, **optimizer: Any) -> Adapter:
    """The authors choose both weights for each dataset from 0.1, 0.2, 0.5 and 1.

    Raises:
        InputError: the classification layer has no class weights as long as an embedding.
    """
    return _build(model, diversity, unknown_weight, soft=False, **optimizer)


def build_unient_plus(
    model: nn.Module, *, diversity: float = 0.5, unknown_weight: float = 0.5, **optimizer: Any
) -> Adapter:
    """As `build_unient`."""
    return _build(model, diversity, unknown_weight, soft=True, **optimizer)


def _build(model: nn.Module, diversity: float, unknown_weight: float, *, soft: bool, **optimizer: Any) -> Adapter:
    layer = classification_layer(model)
    weight = getattr(layer, "weight", None)
    if not isinstance(weight, Tensor) or weight.flatten(1).shape[1] != getattr(layer, "in_features", -1):
        raise InputError(
            f"Expected a linear classification layer or a distance head for UniEnt, but got {type(layer).__name__}; "
            "use ostta, or another model."
        )
    objective = UnifiedEntropy(with_batch_statistics(model), diversity, unknown_weight, soft=soft)
    return GradientAdapter(with_adaptable_norms(model), objective, optimizer_factory(**optimizer))


def _mean(values: Tensor) -> Tensor:
    """Of none, zero that a gradient flows through."""
    return values.mean() if len(values) else values.sum()
