"""Methods that look at random views: CoTTA, ROID and MEMO, against their updates written out."""

import copy

import pytest
import torch
from torch import Tensor

from enigma import adapt
from enigma.adapt.augment import augmix_views, view
from enigma.adapt.roid import prior_corrected
from tests.adapt.networks import batches, leaves, network, rows, settings, two_layers, written_out


def cross(p: Tensor, q: Tensor) -> Tensor:
    return -(p * q.log()).sum(1)


def test_views_are_images_of_the_same_form_and_random_by_torch_alone() -> None:
    images = torch.rand(4, 3, 8, 8)
    torch.manual_seed(1)
    first = [view(images), view(images, padding="reflect", blur_and_noise=False), augmix_views(images[0], 3)]
    torch.manual_seed(1)
    again = [view(images), view(images, padding="reflect", blur_and_noise=False), augmix_views(images[0], 3)]
    for a, b in zip(first, again, strict=True):
        assert torch.equal(a, b)
        assert 0 <= a.min() <= a.max() <= 1
    assert [tuple(a.shape) for a in first] == [(4, 3, 8, 8), (4, 3, 8, 8), (3, 3, 8, 8)]
    assert not torch.equal(first[0], images)
    assert not torch.equal(first[2][0], first[2][1])


def test_cotta_equals_teacher_student_and_forgetting_written_out() -> None:
    model, stream = two_layers(), rows(3)
    adapter = adapt.build(
        model, "cotta", optimizer="sgd", lr=0.1, momentum=0.0, ap=0.0, loss="symmetric", mt=0.9, rst=0.3
    )
    source = leaves(model)
    student, teacher = leaves(model), leaves(model)
    torch.manual_seed(7)
    outputs = [adapter.step(x) for x in stream]
    torch.manual_seed(7)
    for x, output in zip(stream, outputs, strict=True):
        target = written_out(teacher, x).detach()
        torch.testing.assert_close(output, target, rtol=0, atol=1e-12)
        p, q = written_out(student, x).softmax(1), target.softmax(1)
        gradients = torch.autograd.grad((0.5 * cross(q, p) + 0.5 * cross(p, q)).mean(), student)
        for i, gradient in enumerate(gradients):
            moved = student[i].detach() - 0.1 * gradient
            teacher[i] = 0.9 * teacher[i].detach() + 0.1 * moved
            student[i] = torch.where(torch.rand(moved.shape) < 0.3, source[i].detach(), moved).requires_grad_(True)
    for mine, theirs in zip(adapter.model.parameters(), teacher, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-12)


def test_cotta_averages_the_teacher_over_views_only_where_the_source_is_unsure() -> None:
    model, (batch,) = network(), batches(1)
    torch.manual_seed(7)
    unsure = adapt.build(model, "cotta", ap=1.0, augmentations=3).step(batch)
    torch.manual_seed(7)
    by_hand = copy.deepcopy(model).train()
    with torch.no_grad():
        expected = sum(by_hand(view(batch)) for _ in range(3)) / 3
        torch.testing.assert_close(unsure, expected, rtol=0, atol=1e-12)
        sure = adapt.build(model, "cotta", ap=0.0).step(batch)
        torch.testing.assert_close(sure, by_hand(batch), rtol=0, atol=1e-12)


def test_cotta_that_forgets_everything_keeps_its_student_at_the_source() -> None:
    # Wang et al. 2022, section 3.3: stochastic restoration bounds how far the student can go.
    distances = []
    for rst in (0.0, 0.5, 1.0):
        adapter = adapt.build(network(), "cotta", **settings("cotta"), rst=rst)
        torch.manual_seed(0)
        for batch in batches(5):
            adapter.step(batch)
        pairs = zip(adapter._student.parameters(), network().parameters(), strict=True)
        distances.append(sum((a - b).square().sum().item() for a, b in pairs))
    assert distances[0] > distances[1] > distances[2] == 0


def test_roid_equals_the_update_written_out() -> None:
    model, (batch,) = network(), batches(1)
    adapter = adapt.build(model, "roid", optimizer="sgd", lr=0.1, momentum=0.0)
    torch.manual_seed(7)
    output = adapter.step(batch)
    by_hand = copy.deepcopy(model).train()
    logits = by_hand(batch)
    p = logits.softmax(1)
    with torch.no_grad():
        uniform = torch.full((5,), 0.2, dtype=torch.float64)
        diversity = 1 - (p @ uniform) / (p.norm(dim=1) * uniform.norm())
        diversity = (diversity - diversity.min()) / (diversity.max() - diversity.min())
        certainty = (p * p.log()).sum(1)
        certainty = (certainty - certainty.min()) / (certainty.max() - certainty.min())
        keep = diversity >= diversity.mean()
        weight = torch.exp(diversity * certainty * 3)[keep]
    assert adapter.report.samples_used == keep.sum()
    torch.manual_seed(7)
    q = by_hand(view(batch[keep], padding="reflect", blur_and_noise=False)).softmax(1)
    p = p[keep]
    ratio = -(p * (p / (1 - p) + 1e-5).log()).sum(1)
    loss = (weight * (ratio + 0.5 * cross(p, q) + 0.5 * cross(q, p))).sum() / 8
    assert adapter.report.loss == pytest.approx(loss.item(), abs=1e-12)
    (scale,) = torch.autograd.grad(loss, by_hand[1].weight)
    expected = 0.99 * (by_hand[1].weight - 0.1 * scale) + 0.01 * by_hand[1].weight
    torch.testing.assert_close(adapter.model[1].weight, expected, rtol=0, atol=1e-12)
    mean = logits.softmax(1).mean(0)
    smooth = 0.2 / mean.max()
    corrected = logits.softmax(1) * (mean + smooth) / (1 + 5 * smooth)
    corrected = corrected / corrected.sum(1, keepdim=True)
    torch.testing.assert_close(output.softmax(1), corrected, rtol=0, atol=1e-12)


def test_roid_without_momentum_stays_at_the_source_and_an_even_batch_needs_no_correction() -> None:
    # Marsden et al. 2024, section 3.4 and 3.5.
    adapter = adapt.build(network(), "roid", lr=0.1, momentum_src=0.0)
    for batch in batches(3):
        adapter.step(batch)
    assert torch.equal(adapter.model[1].weight, network()[1].weight)
    even = torch.eye(4, dtype=torch.float64)
    torch.testing.assert_close(prior_corrected(even).softmax(1), even.softmax(1))
    skewed = torch.tensor([[2.0, 0.0], [2.0, 0.0], [0.1, 0.0], [0.0, 0.0]])
    assert prior_corrected(skewed).softmax(1)[3, 0] > 0.5


def test_memo_equals_one_update_of_each_image_written_out() -> None:
    model, batch = network().eval(), batches(1)[0][:3]
    adapter = adapt.build(model, "memo", optimizer="sgd", lr=0.1, augmentations=4)
    torch.manual_seed(7)
    output = adapter.step(batch)
    torch.manual_seed(7)
    losses = []
    for image, row in zip(batch, output, strict=True):
        by_hand = copy.deepcopy(model)
        mean = by_hand(augmix_views(image, 4)).softmax(1).mean(0)
        loss = -(mean * mean.log()).sum()
        losses.append(loss.item())
        parameters = list(by_hand.parameters())
        with torch.no_grad():
            for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
                parameter -= 0.1 * gradient
            torch.testing.assert_close(row, by_hand(image[None])[0], rtol=0, atol=1e-12)
    assert adapter.report.loss == pytest.approx(sum(losses) / 3, abs=1e-12)


def test_memo_carries_nothing_from_image_to_image_and_lowers_the_entropy_of_its_views() -> None:
    # Zhang et al. 2022, section 3: the model is adapted to each test point from the same weights.
    model, batch = network(), batches(1)[0][:3]
    adapter = adapt.build(model, "memo", lr=0.05, augmentations=4)
    outputs = []
    for image in batch:
        torch.manual_seed(7)
        outputs.append(adapter.step(image[None]))
    for image, output in zip(batch.flip(0), outputs[::-1], strict=True):
        torch.manual_seed(7)
        assert torch.equal(adapter.step(image[None]), output)
    source = adapt.build(model, "source").step(batch).softmax(1)
    sharper = torch.cat(outputs).softmax(1)
    assert (sharper * sharper.log()).sum() > (source * source.log()).sum()


def test_memo_mixes_an_image_into_the_stored_statistics_for_imagenet_sizes() -> None:
    model, batch = network(), batches(1)[0][:2]
    frozen = adapt.build(model, "memo", lr=0.0, optimizer="sgd", augmentations=1)
    torch.testing.assert_close(frozen.step(batch), adapt.build(model, "source").step(batch), rtol=0, atol=1e-12)
    mixed = adapt.build(model, "memo", lr=0.0, optimizer="sgd", augmentations=1, prior=16.0)
    expected = torch.cat([adapt.build(model, "norm_prior", prior=16.0).step(image[None]) for image in batch])
    torch.testing.assert_close(mixed.step(batch), expected, rtol=0, atol=1e-12)
