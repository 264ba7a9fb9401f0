"""ROID: certain and diverse images teach, the source is mixed in, and predictions follow the batch's classes.

Minimises the soft likelihood ratio of each image plus the symmetric cross-entropy between it and a random view of
it, weighted by exp(diversity x certainty / T); images less diverse than average are left out. Diversity is one
minus the cosine similarity to the moving average of predictions, certainty the negative entropy, each scaled to
[0, 1] over the batch. After each update the parameters become `momentum_src` adapted + (1 - `momentum_src`) source.
Predictions are weighted by the batch's smoothed mean prediction.
Source: Marsden et al. 2024, arXiv:2306.00650, section 3; reference code mariodoebler/test-time-adaptation. That code
multiplies the logits by the prior, the paper's derivation the probabilities, as is done here.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from enigma.adapt.adapter import Adapter, GradientAdapter, RunningAverage
from enigma.adapt.augment import view
from enigma.adapt.building_blocks import class_count, optimizer_factory, with_adaptable_norms
from enigma.adapt.cotta import symmetric_cross_entropy
from enigma.functionals.entropy import softmax_entropy
from enigma.functionals.pseudo_labels import soft_likelihood_ratio
from enigma.models.classifier import embed


class WeightedLikelihoodRatio(RunningAverage):
    """Weighted soft likelihood ratio and consistency; remembers the moving average of predictions (final)."""

    def __init__(self, classes: int, momentum: float, temperature: float):
        super().__init__()
        self._classes = classes
        self._momentum = momentum
        self._temperature = temperature

    def __call__(self, logits: Tensor, batch: Tensor, model: nn.Module) -> tuple[Tensor, int]:
        weights = self._weights(logits.detach())
        keep = weights > 0
        views = model(view(batch[keep], padding="reflect", blur_and_noise=False))
        losses = soft_likelihood_ratio(logits[keep]) + symmetric_cross_entropy(views, logits[keep])
        return (weights[keep] * losses).sum() / len(batch), int(keep.sum())

    def _weights(self, logits: Tensor) -> Tensor:
        """One weight an image, 0 for those that are less diverse than the batch's mean."""
        p = logits.softmax(-1)
        average = torch.full_like(p[0], 1 / self._classes) if self._average is None else self._average
        diversity = _scaled(1 - cosine_similarity(average[None], p, dim=-1))
        certainty = _scaled(-softmax_entropy(logits))
        self._average = self._momentum * average + (1 - self._momentum) * p.mean(0)
        weights = torch.exp(diversity * certainty / self._temperature)
        return torch.where(diversity < diversity.mean(), torch.zeros_like(weights), weights)


class EnsemblingAdapter(GradientAdapter):
    """Mixes the source's parameters in after each update, and corrects predictions by the prior (final)."""

    def __init__(self, model: nn.Module, objective: WeightedLikelihoodRatio, optimizer: Any, *, momentum: float):
        super().__init__(model, objective, optimizer)
        self._momentum = momentum

    def _adapt(self, batch: Tensor) -> Tensor:
        logits = super()._adapt(batch)
        with torch.no_grad():
            for name, parameter in self._adapted.items():
                parameter.mul_(self._momentum).add_(self._source[name], alpha=1 - self._momentum)
        return prior_corrected(logits.detach())

    @torch.no_grad()
    def predict(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        embeddings, logits = embed(self.model, batch)
        return embeddings, prior_corrected(logits)


def prior_corrected(logits: Tensor) -> Tensor:
    """Logits plus the logarithm of the smoothed prior (m + s) / (1 + s K), m the mean prediction of the batch.

    s is max(1/n, 1/K) / max_c m_c for n images and K classes, so that the prior is flat for small batches.
    """
    count, classes = logits.shape
    mean = logits.softmax(-1).mean(0)
    smooth = max(1 / count, 1 / classes) / mean.max()
    return logits + ((mean + smooth) / (1 + smooth * classes)).log()


def _scaled(values: Tensor) -> Tensor:
    """From 0 to 1 over the batch; all 0 where they are equal."""
    spread = values.max() - values.min()
    return (values - values.min()) / spread.clamp_min(torch.finfo(values.dtype).tiny)


def build(
    model: nn.Module,
    *,
    momentum_src: float = 0.99,
    momentum_probs: float = 0.9,
    temperature: float = 1 / 3,
    **optimizer: Any,
) -> Adapter:
    """The paper uses the same settings throughout."""
    objective = WeightedLikelihoodRatio(class_count(model), momentum_probs, temperature)
    return EnsemblingAdapter(
        with_adaptable_norms(model), objective, optimizer_factory(**optimizer), momentum=momentum_src
    )
