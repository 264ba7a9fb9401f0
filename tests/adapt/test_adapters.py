"""What every adapter promises, on a small network."""

import copy
import inspect

import pytest
import torch
from torch import nn

from enigma import adapt
from enigma.catalogue import METHODS
from enigma.errors import InputError
from enigma.functionals.entropy import softmax_entropy


def network(norm: type[nn.Module] = nn.BatchNorm2d) -> nn.Module:
    torch.manual_seed(0)
    layer = nn.GroupNorm(2, 8) if norm is nn.GroupNorm else norm(8)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), layer, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5)
    ).double()


def batches(count: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(16, 3, 8, 8, generator=generator, dtype=torch.float64) for _ in range(count)]


def settings(name: str) -> dict:
    loose = {"e_margin": 5.0, "d_margin": 1.0} if name in ("eta", "rdumb") else {}
    return {"lr": 0.05, "optimizer": "adam", **loose} if METHODS[name].uses_gradient else {}


def weights(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def test_entropy_of_uniform_prediction_is_log_classes_and_survives_huge_logits() -> None:
    assert softmax_entropy(torch.zeros(1, 10)).item() == pytest.approx(2.302585, abs=1e-6)
    extreme = torch.tensor([[1e4, -1e4, 0.0]], requires_grad=True)
    softmax_entropy(extreme).sum().backward()
    assert torch.isfinite(extreme.grad).all()


@pytest.mark.parametrize("name", METHODS)
def test_caller_model_is_untouched(name: str) -> None:
    model = network().train()
    before, grads = weights(model), [p.requires_grad for p in model.parameters()]
    adapter = adapt.build(model, name, **settings(name))
    for batch in batches(3):
        adapter.step(batch)
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert model.training
    assert grads == [p.requires_grad for p in model.parameters()]


@pytest.mark.parametrize("name", [n for n, m in METHODS.items() if m.uses_gradient])
@pytest.mark.parametrize("norm", [nn.BatchNorm2d, nn.GroupNorm])
def test_step_changes_only_scale_and_shift_of_normalisation(name: str, norm: type[nn.Module]) -> None:
    model = network(norm)
    adapter = adapt.build(model, name, **settings(name))
    adapter.step(batches(1)[0])
    changed = {n for n, p in adapter.model.named_parameters() if not torch.equal(p, dict(model.named_parameters())[n])}
    assert changed == {"1.weight", "1.bias"}
    assert adapter.report.gradient_norm > 0


@pytest.mark.parametrize("name", METHODS)
def test_reset_restores_weights_optimizer_and_method_state_exactly(name: str) -> None:
    adapter = adapt.build(network(), name, **settings(name))
    first = [adapter.step(batch) for batch in batches(4)]
    adapter.reset()
    again = [adapter.step(batch) for batch in batches(4)]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize("name", METHODS)
def test_state_lets_another_adapter_go_on_bit_for_bit(name: str) -> None:
    reset = {"reset_every": 3} if name == "rdumb" else {}
    adapter = adapt.build(network(), name, **settings(name), **reset)
    stream = batches(7)
    for batch in stream[:4]:
        adapter.step(batch)
    other = adapt.build(network(), name, **settings(name), **reset)
    other.load_state(copy.deepcopy(adapter.state()))
    for batch in stream[4:]:
        assert torch.equal(adapter.step(batch), other.step(batch))


def test_tent_step_equals_hand_written_gradient_descent() -> None:
    model, batch = network(), batches(1)[0]
    by_hand = copy.deepcopy(model).train()
    logits = by_hand(batch)
    p = logits.softmax(1)
    loss = -(p * p.log()).sum(1).mean()
    scale, shift = torch.autograd.grad(loss, [by_hand[1].weight, by_hand[1].bias])
    adapter = adapt.build(model, "tent", optimizer="sgd", lr=0.1, momentum=0.0)
    torch.testing.assert_close(adapter.step(batch), logits.detach(), rtol=0, atol=1e-12)
    torch.testing.assert_close(adapter.model[1].weight, by_hand[1].weight - 0.1 * scale, rtol=0, atol=1e-12)
    torch.testing.assert_close(adapter.model[1].bias, by_hand[1].bias - 0.1 * shift, rtol=0, atol=1e-12)
    assert adapter.report.loss == pytest.approx(loss.item(), abs=1e-12)


def test_rdumb_returns_to_the_source_after_reset_every_steps() -> None:
    model, stream = network(), batches(1) * 7
    adapter = adapt.build(model, "rdumb", reset_every=3, **settings("rdumb"))
    outputs = [adapter.step(batch) for batch in stream]
    assert torch.equal(outputs[0], outputs[3])
    assert torch.equal(outputs[3], outputs[6])
    assert not torch.equal(outputs[0], outputs[2])


def test_eta_without_reliable_images_learns_nothing() -> None:
    adapter = adapt.build(network(), "eta", lr=1.0, e_margin=1e-9)
    before = weights(adapter.model)
    adapter.step(batches(1)[0])
    assert adapter.report.samples_used == 0
    assert all(torch.equal(value, before[key]) for key, value in adapter.model.state_dict().items())


def test_evaluating_an_adapted_model_does_not_change_it() -> None:
    adapter = adapt.build(network(), "tent")
    before = weights(adapter.model)
    with torch.no_grad():
        adapter.model(batches(1)[0])
    assert all(torch.equal(value, before[key]) for key, value in adapter.model.state_dict().items())


@pytest.mark.parametrize("name", METHODS)
def test_catalogue_lists_exactly_the_settings_the_builder_takes(name: str) -> None:
    import importlib

    module, _, function = METHODS[name].builder.partition(":")
    signature = inspect.signature(getattr(importlib.import_module(module), function)).parameters
    listed = {setting.name: setting.default for setting in METHODS[name].settings}
    explicit = {n: p for n, p in signature.items() if p.kind is p.KEYWORD_ONLY and n not in ("optimizer", "lr")}
    assert set(explicit) - {"reset_every"} <= set(listed)
    for key, parameter in explicit.items():
        if key in listed:
            assert parameter.default == listed[key]
    if name != "eta":
        adapt.build(network(), name, **{k: v for k, v in listed.items() if v is not None})


def test_unknown_setting_model_without_norms_and_unknown_method_are_explained() -> None:
    with pytest.raises(InputError, match="temperature"):
        adapt.build(network(), "tent", temperature=2)
    with pytest.raises(InputError, match="normalisation|BatchNorm"):
        adapt.build(nn.Sequential(nn.Flatten(), nn.Linear(192, 5)), "tent")
    with pytest.raises(InputError, match="nonsense"):
        adapt.build(network(), "nonsense")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_tent_on_cuda_follows_the_cpu() -> None:
    stream = batches(5)
    cpu, cuda = (adapt.build(network().to(device), "tent", lr=0.05) for device in ("cpu", "cuda"))
    for batch in stream:
        torch.testing.assert_close(cuda.step(batch.cuda()).cpu(), cpu.step(batch), rtol=1e-6, atol=1e-8)
