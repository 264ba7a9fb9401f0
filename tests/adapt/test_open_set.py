"""OSTTA and UniEnt: one update written out by hand, and what their papers state."""

import numpy as np
import pytest
import torch
from sklearn.mixture import GaussianMixture
from torch import nn

from enigma import adapt
from enigma.adapt.building_blocks import with_batch_statistics
from enigma.adapt.unient import unknown_probability, unlikeness
from enigma.models.classifier import Classifier
from enigma.spec.errors import InputError
from tests.adapt.networks import leaves, rows, two_layers, written_out


def entropy(logits: torch.Tensor) -> torch.Tensor:
    p = logits.softmax(1)
    return -(p * p.log()).sum(1)


def diversity(logits: torch.Tensor) -> torch.Tensor:
    p = logits.softmax(1).mean(0)
    return -(p * p.log()).sum()


def hidden(parameters: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """The embedding of `two_layers`: with an identity for its last layer."""
    width = parameters[4].shape[1]
    return written_out([*parameters[:4], torch.eye(width).double(), torch.zeros(width).double()], x)


def descended(parameters: list[torch.Tensor], loss: torch.Tensor, lr: float) -> None:
    """One step of gradient descent on scale and shift, in place."""
    gradients = torch.autograd.grad(loss, parameters[2:4])
    with torch.no_grad():
        for parameter, gradient in zip(parameters[2:4], gradients, strict=True):
            parameter -= lr * gradient


def split_entropy(method: str, f: torch.Tensor, w: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
    """Entropy of the known less 0.7 times that of the unknown side, from the source's embeddings and class weights."""
    cosine = ((f @ w.T) / (f.norm(dim=1)[:, None] * w.norm(dim=1))).max(1).values.detach()
    s = (1 - (cosine - cosine.min()) / (cosine.max() - cosine.min())).numpy()[:, None]
    mixture = GaussianMixture(2, random_state=0).fit(s)
    chance = torch.from_numpy(mixture.predict_proba(s)[:, mixture.means_[:, 0].argmax()])
    if method == "unient":
        return h[chance <= 0.5].mean() - 0.7 * h[chance > 0.5].mean()
    return (h * (1 - chance)).mean() - 0.7 * (h * chance).mean()


def test_ostta_equals_its_updates_written_out() -> None:
    model, stream = two_layers(), rows(3)
    adapter = adapt.build(model, "ostta", optimizer="sgd", lr=0.2, momentum=0.0, diversity=0.3)
    source, parameters, kept = leaves(model), leaves(model), []
    for x in stream:
        before, classes = written_out(source, x).softmax(1).max(1)
        logits = written_out(parameters, x)
        keep = logits.softmax(1)[torch.arange(len(x)), classes] >= before
        kept.append(int(keep.sum()))
        descended(parameters, entropy(logits)[keep].mean() - 0.3 * diversity(logits), 0.2)
        adapter.step(x)
        assert adapter.report.samples_used == kept[-1]
    torch.testing.assert_close(adapter.model[1].weight, parameters[2], rtol=1e-9, atol=1e-12)
    # At the first step nothing has changed, so all are kept; later some have lost confidence.
    assert kept[0] == 12
    assert min(kept) < 12


@pytest.mark.parametrize("method", ["unient", "unient_plus"])
def test_unient_equals_its_updates_written_out(method: str) -> None:
    model, stream = two_layers(), rows(3)
    adapter = adapt.build(model, method, optimizer="sgd", lr=0.2, momentum=0.0, diversity=0.3, unknown_weight=0.7)
    source, parameters = leaves(model), leaves(model)
    for x in stream:
        logits = written_out(parameters, x)
        split = split_entropy(method, hidden(source, x), source[4], entropy(logits))
        descended(parameters, split - 0.3 * diversity(logits), 0.2)
        adapter.step(x)
    torch.testing.assert_close(adapter.model[1].weight, parameters[2], rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(adapter.model[1].bias, parameters[3], rtol=1e-9, atol=1e-12)


def test_ostta_keeps_every_used_image_while_nothing_has_changed() -> None:
    """The source model sees the images that are not used as well, so that both normalise with the same batch."""
    x = rows(1, 20)[0]
    x[12:] += 5.0
    adapter = adapt.build(two_layers(), "ostta", optimizer="sgd", lr=0.2, momentum=0.0)
    adapter.step_on(x, torch.arange(20) < 12)
    assert adapter.report.samples_used == 12


@pytest.mark.parametrize("method", ["unient", "unient_plus"])
def test_unient_judges_used_images_beside_those_that_are_not(method: str) -> None:
    x, used = rows(1, 20)[0], torch.arange(20) < 12
    x[12:] += 5.0
    model = two_layers()
    adapter = adapt.build(model, method, optimizer="sgd", lr=0.2, momentum=0.0, diversity=0.3, unknown_weight=0.7)
    parameters = leaves(model)
    logits = written_out(parameters, x)[used]
    split = split_entropy(method, hidden(leaves(model), x)[used], parameters[4], entropy(logits))
    descended(parameters, split - 0.3 * diversity(logits), 0.2)
    adapter.step_on(x, used)
    assert adapter.report.samples_used == 12
    torch.testing.assert_close(adapter.model[1].weight, parameters[2], rtol=1e-9, atol=1e-12)


def test_unient_keeps_the_entropy_of_what_looks_unknown_above_that_of_tent() -> None:
    """What the paper is about: images off every class direction are not to become certain too."""
    model, x = two_layers(), rows(1, 40)[0]
    chance = unknown_probability(unlikeness(with_batch_statistics(model), x))
    is_unknown = torch.from_numpy(chance > 0.5)
    assert 0 < is_unknown.sum() < 40
    ends = {}
    for method in ("tent", "unient", "unient_plus"):
        weights = {} if method == "tent" else {"diversity": 0.0, "unknown_weight": 1.0}
        adapter = adapt.build(model, method, optimizer="sgd", lr=2.0, momentum=0.0, **weights)
        for _ in range(60):
            entropies = entropy(adapter.step(x))
        ends[method] = (entropies[is_unknown].mean(), entropies[is_unknown].mean() - entropies[~is_unknown].mean())
    for method in ("unient", "unient_plus"):
        assert ends[method][0] > ends["tent"][0] + 1.0
        assert ends[method][1] > ends["tent"][1] + 0.1


def test_unknown_probability_splits_what_is_far_apart_and_nothing_where_all_are_alike() -> None:
    generator = np.random.default_rng(0)
    s = np.r_[generator.normal(0.1, 0.03, 50), generator.normal(0.9, 0.03, 14)]
    assert (unknown_probability(s) > 0.5).nonzero()[0].tolist() == list(range(50, 64))
    assert (unknown_probability(np.zeros(9)) == 0).all()


def test_unient_says_which_models_it_cannot_take() -> None:
    """A classification layer that looks at more than the embedding has no class directions."""
    model = two_layers()
    model[3] = nn.Bilinear(8, 8, 4)
    with pytest.raises(InputError, match="Expected a linear classification layer or a distance head"):
        adapt.build(Classifier(model, [0.0] * 3, [1.0] * 3, "3"), "unient", optimizer="sgd", lr=0.1)
