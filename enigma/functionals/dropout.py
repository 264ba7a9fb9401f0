"""How much a prediction depends on single features: disagreement under dropout."""

import torch
from jaxtyping import Float, Integer
from torch import Tensor, nn

SAMPLES = 10


def dropout_rate(classes: int) -> float:
    """Share of features that are dropped: 0.4 up to ten classes, 0.3 up to 200, 0.2 beyond, as in AETTA's code."""
    return 0.4 if classes <= 10 else 0.3 if classes <= 200 else 0.2


@torch.no_grad()
def dropout_disagreement(
    embeddings: Float[Tensor, "images features"],
    predictions: Integer[Tensor, " images"],
    head: nn.Linear,
    seed: int = 0,
) -> tuple[float, float]:
    """Share of predictions that change when features are dropped, and the entropy of the mean dropped prediction.

    Ten times, every feature is dropped with the probability of `dropout_rate` and the others are enlarged to make up
    for it. AETTA drops features after every stage of a ResNet; here, for any model, those before the last layer.

    Args:
        embeddings: the input of the last layer.
        predictions: the classes predicted without dropout.
        head: the last layer.
        seed: of the features that are dropped.

    Returns:
        The disagreement in [0, 1] and the entropy in nats.

    Source: Lee et al. 2024 (AETTA), arXiv:2404.01351, section 3; reference code taeckyung/AETTA.
    """
    rate = dropout_rate(head.out_features)
    weight, bias = (None if p is None else p.detach().cpu().double() for p in (head.weight, head.bias))
    assert weight is not None
    generator = torch.Generator().manual_seed(seed)
    disagreement, mean = 0.0, torch.zeros(head.out_features, dtype=torch.float64)
    for _ in range(SAMPLES):
        kept = torch.rand(embeddings.shape, generator=generator, dtype=torch.float64) >= rate
        logits = nn.functional.linear(embeddings.double() * kept / (1 - rate), weight, bias)
        disagreement += (logits.argmax(1) != predictions).double().mean().item() / SAMPLES
        mean += logits.softmax(1).mean(0) / SAMPLES
    return disagreement, torch.special.entr(mean).sum().item()
