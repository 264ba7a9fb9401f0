"""What watching costs: every part is measured beside a bare loop that is Tent."""

import json

import numpy as np
import pytest
import torch

from enigma.images.sources import load_sources
from enigma.jobs import benchmark as subject
from enigma.jobs.benchmark import BARE, PARTS, benchmark
from enigma.recording.device import Compute
from enigma.recording.starting_point import build_adapter
from enigma.spec.errors import InputError
from enigma.store.home import Home
from tests.conftest import TINY


def test_every_part_is_measured_in_every_round_beside_the_bare_loop(home: Home) -> None:
    found = benchmark(TINY, home, rounds=2, steps=1)
    assert [part.name for part in found.parts] == list(PARTS)
    assert all(len(part.seconds) == 2 and min(part.seconds) > 0 for part in found.parts)
    by_name = {part.name: part for part in found.parts}
    assert by_name[BARE].ratios == (1.0, 1.0)
    frame = by_name["frame"]
    np.testing.assert_allclose(frame.ratios, np.divide(frame.seconds, by_name[BARE].seconds))
    seconds = {name: float(np.median(part.seconds)) for name, part in by_name.items()}
    watched = 8 * (seconds["followed"] + seconds["images"]) + 4 * seconds["frame"]
    assert found.observed == pytest.approx(watched / (8 * (seconds[BARE] + seconds["images"])))
    assert found.memory > 50e6
    assert json.loads(json.dumps(found.to_dict()))["facts"]["hardware"]["device"] == "cpu"
    assert not list(home.runs.glob("*"))


def test_the_bare_loop_takes_the_steps_of_tent(home: Home) -> None:
    spec = TINY.override(precision="float64", lr=1e-3, optimizer="adam")
    sources, compute = load_sources(spec.sources, home.cache), Compute.of("cpu", "float64")
    batch = compute.pixels(sources.test.images[:16])

    def adapter():
        return build_adapter(spec.adaptation, compute.place(sources.model.module), None)

    ours, model = adapter(), adapter().model
    step = subject._bare(model, batch, 1e-3, compute)
    for number in range(3):
        ours.step(batch)
        step(number)
    with torch.no_grad():
        assert torch.dist(model(batch), ours.model(batch)) < 1e-9
    # They have moved: three steps of Adam change every weight by about 0.003.
    start = dict(adapter().model.named_parameters())
    moved = [torch.dist(weight, start[name]) for name, weight in model.named_parameters() if weight.requires_grad]
    assert min(moved) > 1e-3


def test_what_does_not_fit_is_refused_before_anything_is_measured(home: Home) -> None:
    with pytest.raises(InputError, match="batch_size"):
        benchmark(TINY.override(batch_size=1), home)
