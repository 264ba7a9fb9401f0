"""Entropies of predictions, in nats."""

import torch
from jaxtyping import Float
from torch import Tensor


def softmax_entropy(logits: Float[Tensor, "batch classes"]) -> Float[Tensor, " batch"]:
    """Shannon entropy of each prediction: H(z) = -sum_c p_c log p_c with p = softmax(z), in nats.

    Uses log_softmax, so it is finite for any finite logits.

    Source: Wang et al. 2021 (Tent), section 3.1.

    >>> softmax_entropy(torch.zeros(1, 4)).item() == torch.log(torch.tensor(4.0)).item()
    True
    """
    log_p = torch.log_softmax(logits, dim=-1)
    return -(log_p.exp() * log_p).sum(-1)
