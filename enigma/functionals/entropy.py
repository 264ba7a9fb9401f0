"""Entropies of predictions, in nats."""

import math

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


def cross_entropy(
    logits: Float[Tensor, "batch classes"], targets: Float[Tensor, "batch classes"]
) -> Float[Tensor, " batch"]:
    """Cross-entropy of each prediction to that of `targets`: -sum_c q_c log p_c with q = softmax(targets), in nats.

    A gradient flows into both; detach `targets` where it should not. With equal arguments it is `softmax_entropy`.

    >>> round(cross_entropy(torch.zeros(1, 4), torch.randn(1, 4)).item(), 4), round(math.log(4), 4)
    (1.3863, 1.3863)
    """
    return -(targets.softmax(-1) * logits.log_softmax(-1)).sum(-1)


def marginal_entropy(logits: Float[Tensor, "*batches batch classes"]) -> Float[Tensor, "*batches"]:
    """Entropy of the mean prediction over a batch, in nats: H(1/n sum_i softmax(z_i)).

    Large where the batch is predicted to be of many classes; at least the mean entropy of its predictions,
    because entropy is concave.

    >>> two = torch.tensor([[50.0, -50.0], [-50.0, 50.0]])
    >>> round(marginal_entropy(two).item(), 4), round(softmax_entropy(two).mean().item(), 4)
    (0.6931, 0.0)
    """
    log_p = logits.log_softmax(-1)
    log_mean = torch.logsumexp(log_p, -2) - math.log(logits.shape[-2])
    return -(log_mean.exp() * log_mean).sum(-1)


def opinion_entropy(logits: Float[Tensor, "batch classes"], mass: float | int) -> Float[Tensor, " batch"]:
    """Entropy of each prediction read as an opinion of subjective logic, which may also be 'I do not know'.

    Class c has belief b_c = exp(z_c) / S and the uncertainty is u = mass / S, with S = sum_c exp(z_c) + mass;
    the entropy is that of (b_1, ..., b_K, u), each with 1e-7 added as in the reference code. The norm of the
    logits is treated as a constant, so a gradient turns the logits but cannot make them grow.

    Source: Zhang et al. 2025 (COME), arXiv:2410.10894, equations 4 and 9; reference code BlueWhaleLab/COME.

    >>> round(opinion_entropy(torch.zeros(1, 3), mass=1).item(), 4) == round(math.log(4), 4)
    True
    """
    norm = torch.linalg.vector_norm(logits, dim=-1, keepdim=True)
    steady = logits / norm.clamp_min(torch.finfo(norm.dtype).tiny) * norm.detach()
    evidence = torch.cat([steady, steady.new_full((len(steady), 1), math.log(mass))], dim=1)
    opinion = evidence.softmax(-1) + 1e-7
    return -(opinion * opinion.log()).sum(-1)
