"""REM: hides the object from a Vision Transformer, little by little, and keeps the entropies in order.

The tokens with the highest attention are hidden: none, then a share `m`, then 2 `m`, and so on for `n` levels.
Minimises sum_{j<i} CE(p_i, p_j) + `lamb` sum_{i<j} max(0, H_i - H_j + `margin` ln K) over the norms' scale and shift:
the prediction of a harder view follows that of an easier one, and its entropy stays above. The second term of each
pair (p_j, H_j) is a target and has no gradient. The last quarter of the blocks stays as it is, as in SAR.
The attention is the last block's, of the class token, or, where the model has none, the mean over all tokens.
Source: Han et al. 2025, arXiv:2505.16441, equations 4 to 7; reference code pilsHan/rem.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from enigma.adapt.adapter import Adapter, ParameterAdapter
from enigma.adapt.building_blocks import class_count, optimizer_factory, with_adaptable_norms
from enigma.functionals.entropy import cross_entropy, softmax_entropy
from enigma.spec.errors import InputError


class MaskingAdapter(ParameterAdapter):
    """Sees each batch several times, with more and more of its tokens hidden (final).

    Args:
        shares: the share of tokens that is hidden at each level after the first, which hides none.
        loss: from the logits of all levels to a scalar.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: Callable[[list[nn.Parameter]], torch.optim.Optimizer],
        shares: list[float],
        loss: Callable[[list[Tensor]], Tensor],
    ):
        super().__init__(model, optimizer)
        self._shares = shares
        self._loss = loss
        self._first, self._last = _blocks(model)
        self._class_tokens = 1 if _has_class_token(model) else 0

    def _adapt(self, batch: Tensor) -> Tensor:
        logits, attention = self._attended(batch)
        outputs = [logits, *(self._masked(batch, attention, share) for share in self._shares)]
        self._minimise(self._loss(outputs), len(batch))
        return logits

    def _attended(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Logits, and the attention that each image token receives, of shape (batch, tokens)."""
        seen: list[Tensor] = []

        def remember(module: nn.Module, arguments: tuple[Tensor, ...]) -> None:
            seen.append(arguments[0].detach())

        hook = self._last.register_forward_pre_hook(remember)
        try:
            logits = self.model(batch)
        finally:
            hook.remove()
        with torch.no_grad():
            _, weights = self._last(seen[0], seen[0], seen[0], need_weights=True)
        image_tokens = weights[:, :, self._class_tokens :]
        return logits, image_tokens[:, 0] if self._class_tokens else image_tokens.mean(1)

    def _masked(self, batch: Tensor, attention: Tensor, share: float) -> Tensor:
        """Logits without the share of image tokens that receives the most attention."""
        # The margin undoes the error of 1 - 0.1, so that the number is the one meant.
        count = int(attention.shape[1] * (1 - share) + 1e-9)
        kept = attention.topk(count, largest=False).indices + self._class_tokens
        kept = torch.cat([torch.zeros_like(kept[:, : self._class_tokens]), kept], 1)

        def hide(module: nn.Module, arguments: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            tokens = arguments[0]
            chosen = tokens.gather(1, kept[:, :, None].expand(-1, -1, tokens.shape[-1]))
            return (chosen, *arguments[1:])

        hook = self._first.register_forward_pre_hook(hide)
        try:
            return self.model(batch)
        finally:
            hook.remove()


def ranked_loss(outputs: list[Tensor], weight: float, margin: float) -> Tensor:
    """Masked consistency plus `weight` times entropy ranking, of logits ordered from easy to hard."""
    total = outputs[0].new_zeros(())
    entropies = [softmax_entropy(logits) for logits in outputs]
    for hard in range(1, len(outputs)):
        for easy in range(hard):
            total = total + cross_entropy(outputs[hard], outputs[easy].detach()).mean()
            total = total + weight * relu(entropies[easy] - entropies[hard].detach() + margin).mean()
    return total


def _blocks(model: nn.Module) -> tuple[nn.Module, nn.MultiheadAttention]:
    """The first transformer block and the last attention."""
    attentions = [(name, m) for name, m in model.named_modules() if isinstance(m, nn.MultiheadAttention)]
    if len(attentions) < 2 or not all(attention.batch_first for _, attention in attentions):
        raise InputError(
            "Expected a Vision Transformer with torch's MultiheadAttention, such as vit-ln or torchvision's vit_b_16, "
            "for rem, but got a model without; use another method, such as sar."
        )
    return model.get_submodule(attentions[0][0].rpartition(".")[0]), attentions[-1][1]


def _has_class_token(model: nn.Module) -> bool:
    return any(name.split(".")[-1] in ("class_token", "cls_token") for name, _ in model.named_parameters())


def build(
    model: nn.Module, *, m: float = 0.1, n: int = 3, lamb: float = 1.0, margin: float = 0.0, **optimizer: Any
) -> Adapter:
    """The paper's settings for all its data."""
    if m * (n - 1) >= 1:
        raise InputError(f"Expected rem to hide less than all tokens, but {n - 1} steps of {m:g} hide {m * (n - 1):g}.")
    _blocks(model)
    absolute = margin * math.log(class_count(model))
    return MaskingAdapter(
        with_adaptable_norms(model, freeze_top=True),
        optimizer_factory(**optimizer),
        [m * level for level in range(1, n)],
        lambda outputs: ranked_loss(outputs, lamb, absolute),
    )
