"""Losses of predictions against labels that the predictions themselves suggest."""

from jaxtyping import Float
from torch import Tensor


def generalised_cross_entropy(logits: Float[Tensor, "batch classes"], q: float) -> Float[Tensor, " batch"]:
    """Generalised cross-entropy to the predicted class: (1 - p_max^q) / q.

    Between the cross-entropy -log p_max (q to 0), which trusts every label, and the mean absolute error
    1 - p_max (q = 1), which is robust to wrong ones.

    Source: Zhang and Sabuncu 2018, arXiv:1805.07836, equation 6; as a test-time loss Rusak et al. 2022,
    arXiv:2104.12928.

    >>> import torch
    >>> generalised_cross_entropy(torch.zeros(1, 4), q=1.0).item()
    0.75
    """
    return (1 - logits.softmax(-1).amax(-1) ** q) / q


def conjugate_loss(logits: Float[Tensor, "batch classes"], epsilon: float) -> Float[Tensor, " batch"]:
    """The PolyLoss of each prediction p against its conjugate pseudo-label y.

    y solves (I + epsilon diag(p) - epsilon p p') y = p, and the loss is
    logsumexp(z) - y'z + epsilon y'(1 - p). With epsilon = 0, the cross-entropy, y is p and the loss the entropy.

    Source: Goyal et al. 2022, arXiv:2207.09640, section 5.2 and equation 9; reference code oripress/CCC. The system
    is diagonal plus rank one, so Sherman and Morrison's formula solves it in linear time.

    >>> import torch
    >>> conjugate_loss(torch.zeros(1, 4), epsilon=0.0).item() == torch.log(torch.tensor(4.0)).item()
    True
    """
    p = logits.softmax(-1)
    scaled = p / (1 + epsilon * p)
    y = scaled / (1 - epsilon * (p * scaled).sum(-1, keepdim=True))
    return logits.logsumexp(-1) - (y * logits - epsilon * y * (1 - p)).sum(-1)


def soft_likelihood_ratio(logits: Float[Tensor, "batch classes"]) -> Float[Tensor, " batch"]:
    """Soft likelihood ratio: -sum_c p_c log(p_c / (1 - p_c)), with p at most 0.99.

    Unlike the entropy's, its gradient does not vanish for confident predictions until the limit is reached.

    Source: Mummadi et al. 2021, arXiv:2106.14999, equation 4; limit 0.99 as in ROID's reference code.

    >>> import torch
    >>> soft_likelihood_ratio(torch.zeros(1, 2)).abs().item() < 1e-4
    True
    """
    p = logits.softmax(-1).clamp(max=0.99)
    return -(p * (p / (1 - p) + 1e-5).log()).sum(-1)
