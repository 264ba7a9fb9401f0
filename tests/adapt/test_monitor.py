"""The signals of a stream, against what they are by definition."""

import copy

import numpy as np
import pytest
import torch
from scipy.stats import entropy
from torch import Tensor, nn

from enigma import adapt
from enigma.adapt.monitor import DECAY, Monitor


@pytest.fixture
def batches() -> list[Tensor]:
    return list(torch.randn(6, 16, 3, 8, 8, generator=torch.Generator().manual_seed(1)))


def test_signals_are_what_their_names_say(model: nn.Module, batches: list[Tensor]) -> None:
    adapter = adapt.build(model, "tent", lr=0.05)
    initial, monitor = copy.deepcopy(adapter.model), Monitor(adapter.model)
    mean = before = histogram = None
    for batch in batches:
        logits = adapter.step(batch)
        signals = monitor(batch, logits)
        p, q = logits.softmax(1).double().numpy(), initial(batch).softmax(1).detach().double().numpy()
        share = np.bincount(p.argmax(1), minlength=5) / len(p)
        mean = p.mean(0) if mean is None else DECAY * mean + (1 - DECAY) * p.mean(0)
        before = q.mean(0) if before is None else DECAY * before + (1 - DECAY) * q.mean(0)
        histogram = share if histogram is None else DECAY * histogram + (1 - DECAY) * share
    centred = logits.numpy() - logits.numpy().mean(1, keepdims=True)
    expected = (
        p.max(1).mean(), entropy(mean), entropy(before), histogram.max(), entropy(mean, before),
        (p.argmax(1) != q.argmax(1)).mean(), np.linalg.norm(centred, axis=1).mean(),
    )  # fmt: skip
    np.testing.assert_allclose(signals.values(), expected, rtol=1e-5)
    assert signals.flip_rate > 0


def test_nothing_has_shifted_before_the_first_update(model: nn.Module, batches: list[Tensor]) -> None:
    adapter = adapt.build(model, "tent", lr=0.05)
    monitor = Monitor(adapter.model)
    signals = monitor(batches[0], adapter.step(batches[0]))
    assert (signals.flip_rate, signals.diversity) == (0, signals.initial_diversity)
    assert signals.histogram_shift == pytest.approx(0, abs=1e-12)


def test_state_goes_on_where_it_was(model: nn.Module, batches: list[Tensor]) -> None:
    adapter = adapt.build(model, "tent", lr=0.05)
    monitor, other = Monitor(adapter.model), Monitor(adapter.model)
    outputs = [adapter.step(batch) for batch in batches]
    for batch, logits in zip(batches[:3], outputs[:3], strict=True):
        monitor(batch, logits)
    other.load_state(monitor.state())
    assert other(batches[3], outputs[3]) == monitor(batches[3], outputs[3])


def test_memory_does_not_grow_with_the_stream(model: nn.Module, batches: list[Tensor]) -> None:
    monitor = Monitor(adapt.build(model, "tent", lr=0.05).model)
    sizes = set()
    for batch in batches:
        monitor(batch, model(batch))
        sizes.add(sum(value.numel() for value in monitor.state().values()))
    assert sizes == {15}


def test_a_method_that_moves_no_parameter_needs_no_second_model(model: nn.Module, batches: list[Tensor]) -> None:
    adapter = adapt.build(model, "norm")
    signals = Monitor(adapter.model)(batches[0], adapter.step(batches[0]))
    assert signals.flip_rate == 0
