"""EATA, SAR and DeYO: what their papers state beyond the reference numbers."""

import math

import pytest
import torch

from enigma import adapt
from enigma.adapt.building_blocks import with_adaptable_norms
from enigma.adapt.deyo import occlude, shuffle_patches, shuffle_pixels
from enigma.adapt.eata import fisher_information
from tests.adapt.networks import batches, leaves, network, rows, two_layers, written_out


def drift(adapter: adapt.Adapter, source: torch.nn.Module) -> float:
    pairs = zip(adapter.model.parameters(), source.parameters(), strict=True)
    return math.sqrt(sum((a - b).square().sum().item() for a, b in pairs))


def test_fisher_information_is_the_mean_squared_gradient_of_the_log_likelihood_of_predictions() -> None:
    model, images = two_layers(), torch.cat(rows(2))
    expected = 0.0
    for batch in images.split(12):
        parameters = leaves(model)
        log_p = written_out(parameters, batch).log_softmax(1)
        (gradient,) = torch.autograd.grad(-log_p.max(1).values.mean(), parameters[2])
        expected = expected + gradient.square() / 2
    fisher = fisher_information(with_adaptable_norms(model), images, 12)
    assert set(fisher) == {"1.weight", "1.bias"}
    torch.testing.assert_close(fisher["1.weight"], expected, rtol=0, atol=1e-14)


def test_eata_without_regulariser_is_eta_and_a_strong_one_holds_the_source() -> None:
    chosen = {"lr": 0.01, "optimizer": "sgd", "momentum": 0.0, "e_margin": 5.0, "d_margin": 1.0}
    source, stream = network(), batches(8)
    drifts = []
    for alpha in (0.0, 1e3):
        adapter = adapt.build(source, "eata", source_images=batches(9)[8], fisher_alpha=alpha, **chosen)
        for batch in stream:
            adapter.step(batch)
        drifts.append(drift(adapter, source))
    eta = adapt.build(source, "eta", **chosen)
    for batch in stream:
        eta.step(batch)
    assert drifts[0] == drift(eta, source)
    assert drifts[1] < 0.5 * drifts[0]


def test_sar_without_radius_is_tent_on_reliable_images() -> None:
    model, (x,) = two_layers(), rows(1)
    sar = adapt.build(model, "sar", optimizer="sgd", lr=0.1, rho=0.0, e_margin=99.0)
    tent = adapt.build(model, "tent", optimizer="sgd", lr=0.1)
    for _ in range(3):
        torch.testing.assert_close(sar.step(x), tent.step(x), rtol=0, atol=1e-12)


def test_sar_goes_back_to_the_source_when_the_loss_has_collapsed() -> None:
    model, (batch,) = network(), batches(1)
    adapter = adapt.build(model, "sar", optimizer="sgd", lr=0.05, e_margin=99.0, reset_constant_em=50.0)
    adapter.step(batch)
    assert adapter.recoveries == 1
    assert drift(adapter, model) == 0
    never = adapt.build(model, "sar", optimizer="sgd", lr=0.05, e_margin=99.0, reset_constant_em=0.0)
    never.step(batch)
    assert never.recoveries == 0
    assert drift(never, model) > 0


def test_shuffled_patches_are_the_same_patches_and_pixels_the_same_pixels() -> None:
    torch.manual_seed(0)
    images = torch.rand(3, 3, 8, 8)
    patches = shuffle_patches(images, 4)
    cut = [t.unfold(2, 2, 2).unfold(3, 2, 2).permute(0, 2, 3, 1, 4, 5).reshape(3, 16, -1) for t in (images, patches)]
    assert not torch.equal(*cut)
    for before, after in zip(*cut, strict=True):
        assert sorted(map(tuple, before.tolist())) == sorted(map(tuple, after.tolist()))
    pixels = shuffle_pixels(images)
    assert not torch.equal(pixels, images)
    assert torch.equal(pixels.flatten(2).sort().values, images.flatten(2).sort().values)
    assert shuffle_patches(torch.rand(2, 3, 10, 9), 4).shape == (2, 3, 10, 9)


def test_occlusion_is_the_mean_colour_in_the_middle_and_nothing_else() -> None:
    images = torch.rand(2, 3, 8, 8)
    occluded = occlude(images, None, None, None)
    torch.testing.assert_close(occluded[:, :, 2:6, 2:6], images.mean((2, 3), keepdim=True).expand(2, 3, 4, 4))
    occluded[:, :, 2:6, 2:6] = images[:, :, 2:6, 2:6]
    assert torch.equal(occluded, images)


@pytest.mark.parametrize("augmentation", ["patch", "pixel", "occlusion"])
def test_deyo_uses_images_whose_prediction_falls_and_no_others(augmentation: str) -> None:
    model, (batch,) = network(), batches(1)
    torch.manual_seed(5)
    adapter = adapt.build(
        model, "deyo", optimizer="sgd", lr=0.1, momentum=0.0, augmentation=augmentation, entropy_margin=5.0,
        plpd_threshold=0.01,
    )  # fmt: skip
    logits = adapter.step(batch)
    # The same, written out, with the same random order.
    torch.manual_seed(5)
    destroyed = {
        "patch": lambda x: shuffle_patches(x, 4), "pixel": shuffle_pixels,
        "occlusion": lambda x: occlude(x, None, None, None),
    }[augmentation](batch)  # fmt: skip
    by_hand = network().train()
    p, q = by_hand(batch).softmax(1), by_hand(destroyed).softmax(1)
    top = p.argmax(1)
    plpd = (p - q)[torch.arange(8), top].detach()
    keep = plpd > 0.01
    assert 0 < keep.sum() < 8
    assert adapter.report.samples_used == keep.sum()
    h = -(p * p.log()).sum(1)
    weight = torch.exp(0.4 * math.log(5) - h.detach()) + torch.exp(plpd)
    (scale,) = torch.autograd.grad((weight * h)[keep].mean(), by_hand[1].weight)
    torch.testing.assert_close(adapter.model[1].weight, by_hand[1].weight - 0.1 * scale, rtol=0, atol=1e-12)
    torch.testing.assert_close(logits.softmax(1), p.detach(), rtol=0, atol=1e-12)
