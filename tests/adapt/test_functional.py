"""The functional as a method: what it minimises, and what moves."""

import copy
import math

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from enigma import adapt
from enigma.adapt.functional import with_correction
from enigma.models.classifier import classification_layer, embed
from enigma.recording.loop import record
from enigma.recording.starting_point import build_adapter
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from tests.adapt.networks import batches, network
from tests.conftest import TINY

CORRECTIONS = ("functional-classes-correction", "functional-margin-correction")


def shannon_bits(z: torch.Tensor) -> torch.Tensor:
    """Entropy of sigmoid(z) as its own cross-entropy: a route that shares no code with the functional."""
    return binary_cross_entropy_with_logits(z, z.sigmoid(), reduction="none") / math.log(2)


@pytest.mark.parametrize("suffix", ["", "-correction"])
def test_loss_is_the_mean_binary_entropy_of_the_form(suffix: str) -> None:
    logits = adapt.build(network(), "norm").step(batches(1)[0])
    classes = adapt.build(network(), f"functional-classes{suffix}")
    margin = adapt.build(network(), f"functional-margin{suffix}")
    torch.testing.assert_close(classes.step(batches(1)[0]), logits, rtol=0, atol=1e-12)
    margin.step(batches(1)[0])
    ordered = logits.sort(1, descending=True).values
    assert classes.report.loss == pytest.approx(shannon_bits(logits).sum(1).mean().item(), abs=1e-12)
    assert margin.report.loss == pytest.approx(shannon_bits(ordered[:, 0] - ordered[:, 1]).mean().item(), abs=1e-12)


def test_margin_of_a_two_class_model_steps_as_tent_with_its_rate_divided_by_ln_2() -> None:
    torch.manual_seed(0)
    model = network()
    model[-1] = nn.Linear(8, 2).double()
    settings = {"optimizer": "sgd", "momentum": 0.0}
    margin = adapt.build(model, "functional-margin", lr=0.1, **settings)
    tent = adapt.build(model, "tent", lr=0.1 / math.log(2), **settings)
    for batch in batches(10):
        torch.testing.assert_close(margin.step(batch), tent.step(batch), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", CORRECTIONS)
def test_correction_moves_only_g_and_b_of_the_last_layer_and_equals_hand_written_descent(name: str) -> None:
    model, batch = network(), batches(1)[0]
    adapter = adapt.build(model, name, optimizer="sgd", lr=0.1, momentum=0.0)
    features, logits = embed(adapter.model, batch)
    z = logits.detach().requires_grad_()
    top = z.sort(1, descending=True).values
    loss = shannon_bits(z).sum() if "classes" in name else shannon_bits(top[:, 0] - top[:, 1]).sum()
    (slopes,) = torch.autograd.grad(loss / len(batch), z)
    before = {key: value.clone() for key, value in adapter.model.state_dict().items()}
    adapter.step(batch)
    after = adapter.model.state_dict()
    assert {key for key in before if not torch.equal(before[key], after[key])} == {"5.G", "5.bias"}
    torch.testing.assert_close(after["5.G"], -0.1 * slopes.T @ features.detach(), rtol=0, atol=1e-12)
    torch.testing.assert_close(after["5.bias"], before["5.bias"] - 0.1 * slopes.sum(0), rtol=0, atol=1e-12)


def test_corrected_model_still_gives_its_embeddings() -> None:
    own = with_correction(network())
    assert classification_layer(own) is own[-1]
    assert embed(own, batches(1)[0])[0].shape == (8, 8)


def test_model_without_a_linear_layer_and_unknown_words_are_explained() -> None:
    with pytest.raises(InputError, match="ends in a classification layer"):
        adapt.build(nn.Sequential(nn.Conv2d(3, 5, 8), nn.Flatten()), CORRECTIONS[0])
    from enigma.adapt.functional import build

    with pytest.raises(InputError, match="'classes' or 'margin'"):
        build(network(), form="pairs", parameters="norms")
    with pytest.raises(InputError, match="'norms' or 'correction'"):
        build(network(), form="margin", parameters="all")


def test_layer_that_is_the_whole_model_is_corrected_too() -> None:
    linear = nn.Linear(4, 3).double()
    adapter = adapt.build(linear, CORRECTIONS[1], lr=0.1)
    x = torch.randn(8, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    first = copy.deepcopy(adapter.step(x))
    torch.testing.assert_close(first, linear(x).detach(), rtol=0, atol=1e-12)
    for _ in range(50):
        adapter.step(x)
    assert adapter.report.loss < shannon_bits(first.topk(2).values.diff(dim=1)).mean().item()


def test_spec_builds_every_form() -> None:
    for name in ("functional-classes", "functional-margin", *CORRECTIONS):
        spec = RunSpec(method=name, settings={"momentum": 0.5}, optimizer="sgd")
        assert build_adapter(spec.adaptation, network(), None).step(batches(1)[0]).shape == (8, 5)


@pytest.mark.parametrize("model", ["resnet-bn", "vit-ln"])
def test_correction_is_recorded_like_any_method_and_starts_where_norm_starts(model: str, home: Home) -> None:
    spec = TINY.override(model=model, method="functional-margin-correction", lr=0.01)
    run = record(spec, home.runs, home.cache)
    norm = record(TINY.override(model=model, method="norm"), home.runs, home.cache)
    assert run.frame_steps == (0, 1, 3, 8)
    (_, first), (_, of_norm) = next(iter(run.frames())), next(iter(norm.frames()))
    assert (first["top_logits"] == of_norm["top_logits"]).all()
    scalars = run.scalars()
    assert scalars["parameter_drift"][-1] > 0
    # Only the last layer moves, so the embeddings of the probe never do.
    last = list(run.frames())[-1][1]
    assert (last["embeddings"] == first["embeddings"]).all()
    assert (last["top_logits"] != first["top_logits"]).any()
