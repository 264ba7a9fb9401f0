"""Layer-wise forward learning: the rule, the series, and that the stored experiment is what the code computes."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from enigma.analysis.layerwise import Layerwise, bundled, read_out
from enigma.functionals.binary import binary_entropy
from enigma.jobs.layerwise import Experiment, Layers, _images, _steps, run
from enigma.spec.errors import InputError

SMALL = Experiment(widths=(12, 6), steps=4, images_a_class=5, rate=0.05)


@pytest.fixture(scope="module")
def small() -> Layerwise:
    return run(SMALL)


def images() -> torch.Tensor:
    return _images("train", 5)[0]


def test_update_without_change_is_descent_of_each_layer_on_its_own_entropy() -> None:
    experiment = dataclasses.replace(SMALL, with_change=False, steps=1)
    layers = Layers.random(784, experiment)
    weights = [weight.clone().requires_grad_() for weight in layers.weights]
    x, expected = images(), []
    for weight in weights:
        z = x @ weight.T
        (slope,) = torch.autograd.grad(binary_entropy(z).sum() / len(x), weight)
        expected.append(weight.detach() - 0.05 * slope)
        x = torch.sigmoid(z.detach())
    list(_steps(layers, images(), experiment))
    for ours, theirs in zip(layers.weights, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def test_sum_of_the_published_increments_approximates_the_change_of_entropy_better_the_smaller_the_rate() -> None:
    gaps = []
    for scale in (1, 10):
        experiment = dataclasses.replace(SMALL, rate=0.05 / scale, steps=20 * scale, with_change=False)
        change, increments, before = 0.0, 0.0, None
        for zs, changes in _steps(Layers.random(784, experiment), images(), experiment):
            entropy = binary_entropy(zs[0]).sum().item()
            before = entropy if before is None else before
            change = entropy - before
            increments += -(zs[0] * changes[0]).sum().item() / np.log(2)
        gaps.append(abs(increments - change) / abs(change))
    assert gaps[1] < gaps[0] / 5
    assert gaps[1] < 0.05


def test_series_are_what_they_are_called(small: Layerwise) -> None:
    assert small.entropy.shape == (5, 2)
    assert (small.entropy >= 0).all()
    assert (small.entropy <= 1).all()
    # Of the first layer, whose input stays; a later layer's entropy may rise because its input moves.
    assert (np.diff(small.entropy[:, 0]) < 0).all()
    assert (small.increment[0] == 0).all()
    assert (small.increment[1:, 0] < 0).all()
    assert (np.abs(small.cosine) <= 1).all()
    assert small.outputs.shape == (5, 10, 6)
    x, layers = images(), Layers.random(784, SMALL)
    z = x.numpy() @ layers.weights[0].numpy().T
    d = 1 / (1 + np.exp(-z))
    assert small.norm[0, 0] == pytest.approx(np.linalg.norm(z), rel=1e-9)
    assert small.spread[0, 0] == pytest.approx(d.std(0).mean(), rel=1e-9)


def test_stored_experiment_comes_back(small: Layerwise, tmp_path: Path) -> None:
    small.write(tmp_path / "one" / "experiment.json")
    again = Layerwise.read(tmp_path / "one" / "experiment.json")
    for name in Layerwise.SERIES:
        np.testing.assert_allclose(getattr(again, name), getattr(small, name), rtol=1e-4)
    assert again.classes == small.classes
    assert len(again.table()) == 10
    assert again.table()["entropy"].iloc[3] == again.entropy[1, 1]


def test_file_that_is_no_experiment_is_explained(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"classes": []}')
    for name in ("bad.json", "missing.json"):
        with pytest.raises(InputError, match="layer-wise experiment"):
            Layerwise.read(tmp_path / name)


def test_read_out_finds_what_is_there_and_nothing_where_there_is_nothing() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 100)
    telling = labels[:, None] * 2.0 + 0.1 * rng.normal(size=(200, 3))
    assert read_out(telling, labels, telling, labels) == 1
    assert read_out(np.ones((200, 3)), labels, np.ones((200, 3)), labels, standardise=True) == 0.5
    # A difference far below the noise of any later layer is found again by scaling.
    assert read_out(1e-9 * telling, labels, 1e-9 * telling, labels, standardise=True) == 1


def test_bundled_experiment_begins_as_the_code_computes_it_and_shows_the_published_shape() -> None:
    stored = bundled()
    settings = {name: value for name, value in stored.settings.items() if name != "data"}
    experiment = Experiment(**{**settings, "widths": tuple(settings["widths"])})
    assert experiment == Experiment()
    x = _images("train", 100)[0]
    for step, (zs, _) in enumerate(_steps(Layers.random(784, experiment), x, experiment)):
        for layer, z in enumerate(zs):
            assert stored.entropy[step, layer] == pytest.approx(binary_entropy(z).mean().item(), rel=1e-4)
        if step == 5:
            break
    # Each of the first three layers' increments falls to one minimum inside the run and comes back.
    for layer in range(3):
        lowest = stored.increment[:, layer].argmin()
        assert 3 < lowest < 45
        assert stored.increment[-1, layer] > stored.increment[lowest, layer] / 4
    # And the information is gone: every image has the same largest output, and a linear layer can hardly tell them.
    assert stored.commonest[-1] == 1
    assert stored.readout[-1, 1:].max() < 0.2 < 0.7 < stored.pixel_readout
