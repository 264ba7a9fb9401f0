"""Logits are found in whatever a network returns, and a network may take grey images."""

from collections import namedtuple
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from enigma import adapt
from enigma.functionals.entropy import softmax_entropy
from enigma.models import classifier
from enigma.models.classifier import embed
from enigma.models.preprocess import Preprocess
from enigma.spec.errors import InputError

Pair = namedtuple("Pair", ["features", "scores"])
FORMS: dict[str, Callable[[Tensor, Tensor], Any]] = {
    "logits": lambda features, logits: logits,
    "object": lambda features, logits: SimpleNamespace(logits=logits, hidden_states=features),
    "dictionary": lambda features, logits: {"features": features, "logits": logits},
    "dictionary of another name": lambda features, logits: {"out": logits, "map": features[:, :, None, None, None]},
    "dictionary of two tables": lambda features, logits: {"features": features, "out": logits},
    "tuple": lambda features, logits: (logits, features),
    "tuple, logits last": lambda features, logits: (features, logits),
    "named tuple": Pair,
    "list with None": lambda features, logits: [None, logits],
    "height and width of 1": lambda features, logits: logits[:, :, None, None],
}


class Returning(nn.Module):
    """Features of 8 numbers, logits of 5 classes, in a form of its own."""

    def __init__(self, form: Callable[[Tensor, Tensor], Any], channels: int = 3):
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Sequential(nn.Conv2d(channels, 8, 3), nn.BatchNorm2d(8), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(8, 5)
        self.form = form

    def forward(self, x: Tensor) -> Any:
        features = self.body(x)
        return self.form(features, self.head(features))


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_loaded_model_gives_the_logits_of_any_output(form: Callable[[Tensor, Tensor], Any]) -> None:
    plain, network = Returning(FORMS["logits"]).eval(), Returning(form)
    model = classifier.assembled(network, Preprocess(16), None)
    x = torch.rand(3, 3, 16, 16)
    embeddings, logits = embed(model.module, x)
    torch.testing.assert_close(logits, plain(x))
    torch.testing.assert_close(embeddings, plain.body(x))
    assert (model.head.name, model.head.outputs, model.head.is_exact) == ("head", 5, True)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_tent_adapts_a_model_of_any_output_as_it_does_one_of_logits(form: Callable[[Tensor, Tensor], Any]) -> None:
    network = Returning(form)
    mine, plain = adapt.build(network, "tent", lr=0.05), adapt.build(Returning(FORMS["logits"]), "tent", lr=0.05)
    for seed in range(3):
        x = torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(seed))
        torch.testing.assert_close(mine.step(x), plain.step(x))
    # The caller's model returns what it did.
    assert type(network(x)) is type(form(torch.zeros(6, 8), torch.zeros(6, 5)))
    torch.testing.assert_close(adapt.predictor(mine)(x), adapt.predictor(plain)(x))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (lambda features, logits: {"a": features, "b": logits + 1}, r"`logits`, but it has a, b"),
        (lambda features, logits: "text", "but its output is str"),
        (lambda features, logits: {"map": logits[:, None]}, r"dict of map: \(2, 1, 5\)"),
        (lambda features, logits: logits.argmax(1), r"of shape \(2,\)"),
    ],
)
def test_output_without_logits_is_described(form: Callable[[Tensor, Tensor], Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        classifier.assembled(Returning(form), Preprocess(16), None)


def test_network_of_grey_images_is_given_the_brightness_of_the_colours() -> None:
    network = Returning(FORMS["logits"], channels=1)
    model = classifier.assembled(network, Preprocess(16, mean=(0.3,) * 3, std=(0.5,) * 3), None)
    assert model.head.channels == 1
    grey = torch.rand(3, 1, 16, 16)
    expected = network((grey - 0.3) / 0.5)
    torch.testing.assert_close(model.module(grey.expand(-1, 3, -1, -1)), expected)


def test_network_that_checks_its_channels_itself_is_given_grey_images_too() -> None:
    class Checking(Returning):
        def forward(self, x: Tensor) -> Any:
            if x.shape[1] != 1:
                raise ValueError("another number of channels")
            return super().forward(x)

    model = classifier.assembled(Checking(FORMS["logits"], channels=1), Preprocess(16), None)
    assert model.head.channels == 1
    network = model.module.network
    red = torch.zeros(1, 3, 16, 16)
    red[:, 0] = 1
    torch.testing.assert_close(model.module(red), network(torch.full((1, 1, 16, 16), 0.299)))


def test_network_of_other_channels_and_one_that_fails_are_explained_by_what_is_wrong() -> None:
    with pytest.raises(InputError, match="to have 4 channels.*images with 4 channels"):
        classifier.assembled(Returning(FORMS["logits"], channels=4), Preprocess(16), None)

    def fails(features: Tensor, logits: Tensor) -> Tensor:
        return logits.there_is_none

    with pytest.raises(InputError, match=r"line \d+ of test_outputs.py, `return logits.there_is_none`, says Attribute"):
        classifier.assembled(Returning(fails), Preprocess(16), None)


def test_convolution_that_classifies_counts_the_classes_where_nothing_is_linear() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 120, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    x = torch.rand(6, 3, 16, 16)
    adapter = adapt.build(network, "tent")
    # The paper's settings for more than a hundred classes.
    assert adapter._optimizer.param_groups[0]["lr"] == 2.5e-4
    before = softmax_entropy(adapter.step(x)).mean()
    for _ in range(20):
        adapter.step(x)
    assert softmax_entropy(adapter.step(x)).mean() < before
    for name in ("eta", "sar", "norm", "rdumb", "lame"):
        assert adapt.build(network, name).step(x).shape == (6, 120)
    embeddings, logits = adapt.predictor(adapt.build(network, "source"))(x)
    assert (embeddings.shape, logits.shape) == ((6, 8), (6, 120))


def test_how_the_model_was_taken_is_said() -> None:
    model = classifier.assembled(Returning(FORMS["tuple, logits last"], channels=1), Preprocess(16), None)
    assert model.notes == (
        "The logits are part 2 of the tuple that the model returns.",
        "The model takes grey images: it is given the brightness of the colours.",
    )
    assert classifier.assembled(Returning(FORMS["logits"]), Preprocess(16), None).notes == ()
