"""REM on a small Vision Transformer, against the masking and the losses written out."""

import copy
import math

import torch
from torch import Tensor, nn
from torchvision.models.vision_transformer import VisionTransformer as TorchvisionTransformer

from enigma import adapt
from enigma.adapt.rem import ranked_loss
from tests.adapt.networks import batches, vit


def written_out_attention(attention: nn.MultiheadAttention, x: Tensor) -> Tensor:
    """Softmax of q'k / sqrt(d), mean over the heads."""
    q, k, _ = (x @ attention.in_proj_weight.T + attention.in_proj_bias).chunk(3, -1)
    heads, width = attention.num_heads, x.shape[-1] // attention.num_heads
    q, k = (t.reshape(len(x), -1, heads, width).transpose(1, 2) for t in (q, k))
    return (q @ k.transpose(2, 3) / math.sqrt(width)).softmax(-1).mean(1)


def forward(model: nn.Module, x: Tensor, kept: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Logits, and the mean attention each token receives in the last block."""
    tokens = model.patches(x).flatten(2).transpose(1, 2) + model.positions
    if kept is not None:
        tokens = torch.stack([image[order] for image, order in zip(tokens, kept, strict=True)])
    for block in model.blocks[:-1]:
        tokens = block(tokens)
    last = model.blocks[-1]
    received = written_out_attention(last.self_attn, last.norm1(tokens)).mean(1)
    return model.classifier(model.norm(last(tokens).mean(1))), received


def test_rem_equals_the_update_written_out() -> None:
    model, (batch,) = vit(), batches(1)
    adapter = adapt.build(model, "rem", optimizer="sgd", lr=0.1, momentum=0.0, m=0.25, n=3, lamb=0.5, margin=0.1)
    output = adapter.step(batch)
    by_hand = copy.deepcopy(model)
    logits, received = forward(by_hand, batch)
    torch.testing.assert_close(output, logits.detach(), rtol=0, atol=1e-10)
    levels = [logits, *(forward(by_hand, batch, received.argsort(1)[:, :count])[0] for count in (3, 2))]
    p = [level.softmax(1) for level in levels]
    h = [-(q * q.log()).sum(1) for q in p]
    loss = torch.zeros((), dtype=torch.float64)
    for easy, hard in ((0, 1), (0, 2), (1, 2)):
        loss = loss - (p[easy].detach() * p[hard].log()).sum(1).mean()
        loss = loss + 0.5 * (h[easy] - h[hard].detach() + 0.1 * math.log(5)).clamp(min=0).mean()
    assert abs(adapter.report.loss - loss.item()) < 1e-10
    adapted = [f"blocks.{i}.norm{j}.{kind}" for i in range(3) for j in (1, 2) for kind in ("weight", "bias")]
    parameters = dict(by_hand.named_parameters())
    gradients = torch.autograd.grad(loss, [parameters[name] for name in adapted])
    expected = parameters | {n: parameters[n] - 0.1 * g for n, g in zip(adapted, gradients, strict=True)}
    for name, parameter in adapter.model.named_parameters():
        torch.testing.assert_close(parameter, expected[name], rtol=0, atol=1e-10)


def test_ranking_costs_nothing_where_harder_views_are_less_certain() -> None:
    # Han et al. 2025, section 3.3: the ranking loss acts on pairs in the wrong order only.
    easy, hard = torch.tensor([[4.0, 0.0]]), torch.tensor([[1.0, 0.0]])
    assert ranked_loss([easy, hard], 1.0, 0.0) == ranked_loss([easy, hard], 0.0, 0.0)
    assert ranked_loss([hard, easy], 1.0, 0.0) > ranked_loss([hard, easy], 0.0, 0.0)


def test_rem_adapts_a_torchvision_transformer_with_a_class_token_and_leaves_no_hook() -> None:
    torch.manual_seed(0)
    model = TorchvisionTransformer(16, 4, 4, 2, 16, 32, num_classes=5).eval()
    nn.init.normal_(model.heads[0].weight)
    adapter = adapt.build(model, "rem", lr=0.01)
    batch = torch.rand(3, 3, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(adapter.step(batch), model(batch))
    assert adapter.report.gradient_norm > 0
    assert not any(m._forward_pre_hooks for m in adapter.model.modules())
    tokens: list[int] = []
    adapter.model.encoder.layers[1].register_forward_pre_hook(lambda _, inputs: tokens.append(inputs[0].shape[1]))
    adapter._masked(batch, torch.rand(3, 16), 0.25)
    adapter.model(batch)
    # Twelve of sixteen image tokens and the class token, then all of them.
    assert tokens == [13, 17]
