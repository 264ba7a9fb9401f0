"""The distance heads and their losses: equal to the reference numbers, safe, and what their papers say of them."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from enigma.functionals.entropy import softmax_entropy
from enigma.functionals.isomax import (
    HEADS,
    DisMax,
    DistanceHead,
    IsoMax,
    IsoMaxPlus,
    calibrated,
    entropic_loss,
    fractional_loss,
    quadrants,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "reference_runs.npz"


def golden(name: str) -> dict[str, Tensor]:
    with np.load(GOLDEN, allow_pickle=False) as arrays:
        return {key.split("/")[1]: torch.from_numpy(arrays[key]) for key in arrays.files if key.startswith(f"{name}/")}


@pytest.mark.parametrize(("name", "head"), [("isomax", IsoMax), ("isomaxplus", IsoMaxPlus)])
def test_head_loss_gradients_and_scores_equal_the_reference_numbers(name: str, head: type[DistanceHead]) -> None:
    expected = golden(name)
    layer = head(20, 7).double()
    layer.weight.data = expected["prototypes"]
    if isinstance(layer, IsoMaxPlus):
        layer.distance_scale.data = expected["distance_scale"]
    features = expected["features"].requires_grad_()
    logits = layer(features)
    loss = entropic_loss(logits, expected["targets"])
    loss.backward()
    close = {"rtol": 1e-8, "atol": 1e-8}
    torch.testing.assert_close(logits, expected["logits"], **close)
    torch.testing.assert_close(loss, expected["loss"], **close)
    torch.testing.assert_close(features.grad, expected["grad_features"], **close)
    torch.testing.assert_close(layer.weight.grad, expected["grad_prototypes"], **close)
    if isinstance(layer, IsoMaxPlus):
        torch.testing.assert_close(layer.distance_scale.grad, expected["grad_distance_scale"], **close)
    torch.testing.assert_close(-softmax_entropy(logits), expected["entropic_score"], **close)
    torch.testing.assert_close(logits.max(1).values, expected["minimum_distance_score"], **close)


def test_dismax_is_the_published_formula() -> None:
    torch.manual_seed(0)
    layer, features = DisMax(5, 4).double(), torch.randn(6, 5, dtype=torch.float64)
    layer.distance_scale.data.fill_(-2.5)
    for image, logits in zip(features, layer(features), strict=True):
        d = [2.5 * (image / image.norm() - p / p.norm()).norm() / math.sqrt(2) for p in layer.weight]
        expected = torch.stack([-(one + sum(d) / 4) for one in d])
        torch.testing.assert_close(logits, expected)


def test_mean_distance_of_dismax_changes_no_prediction() -> None:
    torch.manual_seed(0)
    layer, features = DisMax(5, 4), torch.randn(6, 5)
    with_mean = layer(features).softmax(1)
    without = (-IsoMaxPlus.distances(layer, features) / math.sqrt(2)).softmax(1)
    torch.testing.assert_close(with_mean, without)


def test_first_prediction_of_isomax_is_uniform_and_its_loss_log_classes() -> None:
    layer = IsoMax(8, 5)
    logits = layer(torch.randn(9, 8))
    torch.testing.assert_close(logits.softmax(1), torch.full((9, 5), 0.2))
    assert entropic_loss(logits, torch.arange(9) % 5).item() == pytest.approx(math.log(5))


@pytest.mark.parametrize("name", [name for name in HEADS if name != "softmax"])
def test_far_and_coinciding_points_stay_finite_in_single_precision(name: str) -> None:
    torch.manual_seed(0)
    layer = HEADS[name](8, 5)
    layer.weight.data.copy_(torch.randn(5, 8))
    features = torch.cat([torch.randn(3, 8) * 1e6, layer.weight.data.clone(), torch.zeros(1, 8)]).requires_grad_()
    loss = entropic_loss(layer(features), torch.arange(9) % 5)
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(features.grad).all()
    assert torch.isfinite(layer.weight.grad).all()


def test_far_distances_keep_their_differences() -> None:
    layer, exact = IsoMax(64, 30), IsoMax(64, 30).double()
    torch.manual_seed(0)
    layer.weight.data = torch.randn(30, 64)
    exact.weight.data = layer.weight.data.double()
    features = 1000 + torch.randn(40, 64)
    torch.testing.assert_close(layer(features).double(), exact(features.double()), rtol=1e-5, atol=0.0)


def test_entropic_scale_is_training_only_and_leaves_predictions_of_high_entropy() -> None:
    """A head trained with E_s = 10 is nearly certain at scale 10 and far from it without."""
    torch.manual_seed(0)
    centres = torch.randn(3, 6) * 3
    labels = torch.arange(300) % 3
    features = centres[labels] + torch.randn(300, 6) * 0.3
    layer = IsoMaxPlus(6, 3)
    optimizer = torch.optim.SGD(layer.parameters(), 0.1)
    for _ in range(200):
        optimizer.zero_grad()
        entropic_loss(layer(features), labels).backward()
        optimizer.step()
    logits = layer(features).detach()
    assert (logits.argmax(1) == labels).all()
    assert softmax_entropy(10 * logits).mean() < 0.05 < 0.5 < softmax_entropy(logits).mean()


def test_temperature_divides_the_logits_and_is_stored() -> None:
    layer, features = IsoMaxPlus(6, 3), torch.randn(4, 6)
    before = layer(features)
    layer.temperature.fill_(0.25)
    torch.testing.assert_close(layer(features), 4 * before)
    assert layer.state_dict()["temperature"].item() == 0.25


def test_calibration_finds_the_temperature_the_labels_were_drawn_with() -> None:
    torch.manual_seed(0)
    logits = torch.randn(20_000, 5)
    labels = torch.distributions.Categorical(logits=logits).sample()
    for factor in (0.1, 1.0, 10.0):
        assert calibrated(logits * factor, labels) == pytest.approx(factor, rel=0.05)


def test_quadrants_come_from_four_images_and_shares_say_which() -> None:
    images = torch.arange(6.0).view(6, 1, 1, 1).expand(6, 2, 4, 4).contiguous()
    mixed, shares = quadrants(images, torch.tensor([0, 1, 2, 0, 1, 2]), 3, torch.Generator().manual_seed(0))
    assert mixed.shape == images.shape
    for image, share in zip(mixed, shares, strict=True):
        corners = [image[:, rows, columns] for rows in (slice(2), slice(2, 4)) for columns in (slice(2), slice(2, 4))]
        assert all(corner.unique().numel() == 1 for corner in corners)
        counted = torch.zeros(3)
        for corner in corners:
            counted[int(corner.unique().item()) % 3] += 0.25
        torch.testing.assert_close(share, counted)


def test_each_quadrant_is_that_of_the_image_that_its_shuffle_names() -> None:
    """On images that are not square and whose pixels all differ, with the shuffles drawn again from the same seed."""
    images = torch.arange(5 * 2 * 4 * 6.0).view(5, 2, 4, 6)
    mixed, _ = quadrants(images, torch.zeros(5, dtype=torch.int64), 1, torch.Generator().manual_seed(3))
    again = torch.Generator().manual_seed(3)
    first, second, third, fourth = (torch.randperm(5, generator=again).tolist() for _ in range(4))
    for place in range(5):
        upper = torch.cat([images[first[place]][:, :2, :3], images[second[place]][:, :2, 3:]], dim=2)
        lower = torch.cat([images[third[place]][:, 2:, :3], images[fourth[place]][:, 2:, 3:]], dim=2)
        assert torch.equal(mixed[place], torch.cat([upper, lower], dim=1))


def test_shares_have_a_place_for_classes_that_no_image_has() -> None:
    _, shares = quadrants(torch.zeros(2, 1, 2, 2), torch.tensor([0, 1]), 4, torch.Generator().manual_seed(0))
    assert shares.shape == (2, 4)


def test_fractional_loss_is_half_of_cross_entropy_and_divergence() -> None:
    torch.manual_seed(0)
    logits, targets = torch.randn(5, 3, dtype=torch.float64), torch.tensor([0, 2])
    shares = torch.tensor([[1.0, 0, 0], [0.5, 0.25, 0.25], [0, 0.75, 0.25]], dtype=torch.float64)
    log_p = (10 * logits).log_softmax(1)
    whole = -(log_p[0, 0] + log_p[1, 2]) / 2
    divergence = sum(
        q * (math.log(q) - log_p[2 + i, j]) for i, row in enumerate(shares.tolist()) for j, q in enumerate(row) if q
    )
    expected = (whole + 0.5 * divergence / 3) / 2
    torch.testing.assert_close(fractional_loss(logits, targets, shares, alpha=0.5), expected)


def test_every_head_stands_in_for_the_last_linear_layer() -> None:
    for build in HEADS.values():
        network = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), build(8, 3))
        assert network(torch.randn(2, 4)).shape == (2, 3)
