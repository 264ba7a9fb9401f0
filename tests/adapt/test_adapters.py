"""What every adapter promises, on small networks."""

import inspect
from importlib import import_module

import pytest
import torch
from torch import nn

from enigma import adapt
from enigma.adapt.building_blocks import top_layers
from enigma.functionals.entropy import softmax_entropy
from enigma.spec.catalogue import METHODS
from enigma.spec.errors import InputError
from tests.adapt.networks import NETWORKS, PAIRS, build, few, network, settings, vit, weights


def test_entropy_of_uniform_prediction_is_log_classes_and_survives_huge_logits() -> None:
    assert softmax_entropy(torch.zeros(1, 10)).item() == pytest.approx(2.302585, abs=1e-6)
    extreme = torch.tensor([[1e4, -1e4, 0.0]], requires_grad=True)
    softmax_entropy(extreme).sum().backward()
    assert torch.isfinite(extreme.grad).all()


@pytest.mark.parametrize(("name", "network_name"), PAIRS)
def test_caller_model_is_untouched(name: str, network_name: str) -> None:
    model = NETWORKS[network_name]().train()
    before, grads = weights(model), [p.requires_grad for p in model.parameters()]
    adapter = adapt.build(model, name, **settings(name))
    for batch in few(2):
        assert adapter.step(batch).shape == (4, 5)
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert model.training
    assert grads == [p.requires_grad for p in model.parameters()]
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize(("name", "network_name"), [(n, w) for n, w in PAIRS if METHODS[n].uses_gradient])
def test_step_changes_only_what_the_method_adapts(name: str, network_name: str) -> None:
    before = dict(NETWORKS[network_name]().named_parameters())
    adapter = build(name, network_name)
    adapter.step(few(1)[0])
    assert adapter.report.gradient_norm > 0
    assert adapter.report.samples_used > 0
    changed = {n for n, p in adapter.model.named_parameters() if n not in before or not torch.equal(p, before[n])}
    classifier = {n for n in before if n.startswith(("5.", "classifier."))}
    if name == "memo":
        assert not changed
    elif name.endswith("-correction"):
        assert {parameter.split(".")[-1] for parameter in changed} == {"G", "bias"}
    elif name == "cotta":
        assert changed == set(before)
    elif name == "shot_im":
        assert changed == set(before) - classifier
    elif network_name == "vit":
        assert changed
        assert all("norm" in parameter for parameter in changed)
    else:
        assert changed == {"1.weight", "1.bias"}


@pytest.mark.parametrize("name", METHODS)
def test_method_works_in_mixed_precision(name: str) -> None:
    chosen = {k: v.float() if isinstance(v, torch.Tensor) else v for k, v in settings(name).items()}
    model = (vit() if name == "rem" else network()).float()
    with torch.autocast("cpu", torch.bfloat16):
        adapter = adapt.build(model, name, **chosen)
        for batch in few(2):
            assert torch.isfinite(adapter.step(batch.float())).all()
            _, logits = adapt.predictor(adapter)(batch.float())
            assert torch.isfinite(logits).all()


@pytest.mark.parametrize("name", ["norm_prior", "lame", "roid", "memo"])
def test_frame_shows_what_the_method_would_predict_now(name: str) -> None:
    adapter, batch = build(name), few(1)[0]
    with torch.no_grad():
        _, logits = adapt.predictor(adapter)(batch)
    torch.default_generator.manual_seed(0)
    torch.testing.assert_close(adapter.step(batch), logits, rtol=0, atol=1e-12)


@pytest.mark.parametrize("norm", [nn.BatchNorm2d, nn.GroupNorm, nn.InstanceNorm2d])
def test_tent_adapts_every_kind_of_affine_norm(norm: type[nn.Module]) -> None:
    layer = nn.InstanceNorm2d(8, affine=True) if norm is nn.InstanceNorm2d else None
    model = network(norm)
    if layer is not None:
        model[1] = layer.double()
    adapter = adapt.build(model, "tent", lr=0.1)
    adapter.step(few(1)[0])
    assert not torch.equal(adapter.model[1].weight, model[1].weight)


@pytest.mark.parametrize(
    ("convolution", "norm", "shape"), [(nn.Conv1d, nn.BatchNorm1d, 1), (nn.Conv3d, nn.BatchNorm3d, 3)]
)
def test_one_and_three_dimensional_batch_norm_adapt_and_mix_statistics(
    convolution: type[nn.Module], norm: type[nn.Module], shape: int
) -> None:
    model = nn.Sequential(convolution(2, 4, 1), norm(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 3**shape, 3))
    batch = torch.randn(6, 2, *(3,) * shape)
    adapter = adapt.build(model, "tent", lr=0.1)
    adapter.step(batch)
    assert not torch.equal(adapter.model[1].weight, model[1].weight)
    mixed = adapt.build(model, "norm_prior", prior=0.0)
    torch.testing.assert_close(mixed.step(batch), adapt.build(model, "norm").step(batch))


@pytest.mark.parametrize("name", METHODS)
def test_catalogue_lists_exactly_the_settings_the_builder_takes(name: str) -> None:
    module, _, function = METHODS[name].builder.partition(":")
    signature = inspect.signature(getattr(import_module(module), function)).parameters
    listed = {setting.name: setting.default for setting in METHODS[name].settings}
    explicit = {n: p for n, p in signature.items() if p.kind is p.KEYWORD_ONLY and n != "source_images"}
    if name != "eta":  # whose `reset_every` is RDumb's
        assert set(explicit) <= set(listed)
    assert all(p.default == listed[key] for key, p in explicit.items() if key in listed)
    named = {k: v for k, v in listed.items() if v is not None}
    images = {"source_images": few(1)[0]} if "source_images" in signature else {}
    model = vit() if name == "rem" else network()
    assert isinstance(adapt.build(model, name, **named, **images), adapt.Adapter)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_and_setting_says_what_it_is(name: str) -> None:
    method = METHODS[name]
    assert method.summary.endswith(".")
    assert "20" in method.reference or name == "source"
    assert (method.papers_optimizers == "") == (not method.uses_gradient)
    for setting in method.settings:
        assert setting.help.endswith(".")
        assert len(setting.help) > 20
        assert setting.default is not None or "default" in setting.help


def test_paper_optimizer_goes_by_the_number_of_classes() -> None:
    for classes, rate in ((10, 1e-3), (100, 1e-3), (101, 2.5e-4), (1000, 2.5e-4)):
        adapter = adapt.build(network(classes=classes), "tent")
        (group,) = adapter._optimizer.param_groups
        assert group["lr"] == rate
        assert ("momentum" in group) == (classes > 100)


def test_sar_leaves_the_top_of_resnets_and_transformers_alone() -> None:
    from torchvision.models import resnet18
    from torchvision.models.vision_transformer import VisionTransformer

    resnet = resnet18()
    is_top = top_layers(resnet)
    assert [n for n, m in resnet.named_modules() if isinstance(m, nn.BatchNorm2d) and is_top(n)] == [
        n for n, m in resnet.named_modules() if isinstance(m, nn.BatchNorm2d) and n.startswith("layer4")
    ]
    transformer = VisionTransformer(16, 8, 12, 1, 8, 16)
    is_top = top_layers(transformer)
    top = {n.removeprefix("encoder.layers.encoder_layer_").split(".")[0] for n, m in transformer.named_modules()
           if isinstance(m, nn.LayerNorm) and is_top(n)}  # fmt: skip
    assert top == {"9", "10", "11", "encoder"}


def test_what_a_method_cannot_do_is_explained() -> None:
    with pytest.raises(InputError, match="temperature"):
        adapt.build(network(), "tent", temperature=2)
    with pytest.raises(InputError, match="learning rate: -1.0"):
        adapt.build(network(), "tent", lr=-1.0)
    bare = nn.Sequential(nn.Flatten(), nn.Linear(192, 5))
    for name in ("tent", "eta", "sar", "deyo", "roid", "come_sar"):
        with pytest.raises(InputError, match=r"BatchNorm.*'source', 'lame' or 't3a'"):
            adapt.build(bare, name)
    with pytest.raises(InputError, match="nonsense"):
        adapt.build(network(), "nonsense")
    with pytest.raises(InputError, match="training images for eata"):
        adapt.build(network(), "eata")
    with pytest.raises(InputError, match=r"Vision Transformer.*sar"):
        adapt.build(network(), "rem")
    with pytest.raises(InputError, match="hide"):
        adapt.build(vit(), "rem", m=0.5, n=3)
    with pytest.raises(InputError, match="'norm'"):
        adapt.build(nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8, track_running_stats=False)), "norm_prior")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize(("name", "network_name"), [pair for pair in PAIRS if pair[1] != "group"])
def test_method_on_cuda_follows_the_cpu(name: str, network_name: str) -> None:
    chosen = settings(name)
    stream, outputs = few(4), {}
    for device in ("cpu", "cuda"):
        moved = {k: v.to(device) if isinstance(v, torch.Tensor) else v for k, v in chosen.items()}
        torch.manual_seed(3)
        adapter = adapt.build(NETWORKS[network_name]().to(device), name, **moved)
        outputs[device] = [adapter.step(batch.to(device)).cpu() for batch in stream]
        other = adapt.build(NETWORKS[network_name]().to(device), name, **moved)
        other.load_state({key: value.cpu() for key, value in adapter.state().items()})
        assert other.step(stream[0].to(device)).device.type == device
    torch.testing.assert_close(outputs["cuda"], outputs["cpu"], rtol=1e-6, atol=1e-6)
