"""A sweep makes every combination, records each once, and gives the same bits however many processes work."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from enigma.jobs import sweep
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from tests.conftest import TINY


def test_lists_and_ranges_make_every_combination():
    specs = sweep.grid(
        {
            "method": ["tent", "eta"],
            "seed": {"from": 0, "to": 4, "step": 2},
            "lr": {"from": 1e-4, "to": 1e-2, "count": 3},
        }
    )
    assert len(specs) == len({spec.to_json() for spec in specs}) == 18
    assert {spec.lr for spec in specs} == {1e-4, 1e-3, 1e-2}
    assert {spec.seed for spec in specs} == {0, 2, 4}


def test_a_field_that_takes_a_list_is_swept_by_a_list_of_lists():
    (plain,) = sweep.grid({"steps": 10, "frames": [0, 5, 10]})
    assert plain.frame_steps == (0, 5, 10)
    both = sweep.grid({"steps": 10, "frames": [[0, 10], [0, 5, 10]]})
    assert [spec.frame_steps for spec in both] == [(0, 10), (0, 5, 10)]


def test_settings_are_swept_too():
    specs = sweep.grid({"method": "rdumb", "settings": {"reset_every": [10, 20], "betas": [0.9, 0.99]}})
    assert [spec.settings["reset_every"] for spec in specs] == [10, 20]
    assert all(spec.settings["betas"] == (0.9, 0.99) for spec in specs)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"lr": {"from": 1}}, "to be a range"),
        ({"lr": {"from": "a", "to": "b"}}, "to be a range"),
        ({"seed": []}, "at least one value"),
        ({"sede": [1, 2]}, "did you mean 'seed'"),
        ({"seed": {"from": 0, "to": 10**9}}, "at most 100,000 runs"),
        ({"severity": [1, 9]}, "severity"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(values: dict, said: str):
    with pytest.raises(InputError, match=said):
        sweep.grid(values)


def embeddings(home: Home, outcomes: list[sweep.Outcome]) -> list[np.ndarray]:
    return [home.find(outcome.run_id).frame(8)["embeddings"] for outcome in outcomes]


def test_one_failed_run_stops_no_other_and_what_exists_is_skipped(home: Home):
    specs = [TINY, TINY.override(lr=1e20), TINY.override(seed=1)]
    with ThreadPoolExecutor(1) as executor:
        outcomes = sweep.sweep(specs, home, executor, project=False)
        again = sweep.sweep(specs[:1], home, executor, project=False)
    assert [outcome.state for outcome in outcomes] == ["recorded", "failed", "recorded"]
    assert "Try a smaller learning rate" in outcomes[1].message
    assert [outcome.state for outcome in again] == ["skipped"]


@pytest.mark.slow
def test_serial_and_parallel_give_the_same_bits(tmp_path: Path, cache: Path):
    specs = sweep.grid({**TINY.to_dict(), "seed": [0, 1]})
    found = []
    for name, workers in (("serial", ThreadPoolExecutor(1)), ("parallel", sweep.processes(2))):
        home = Home(tmp_path / name)
        home.path.mkdir()
        home.cache.symlink_to(cache)
        with workers as executor:
            found.append(embeddings(home, sweep.sweep(specs, home, executor, project=False)))
    assert all(np.array_equal(one, other) for one, other in zip(*found, strict=True))
    assert not np.array_equal(*found[0])


def test_a_spec_of_its_own_is_a_sweep_of_one():
    assert sweep.grid(TINY.to_dict()) == [RunSpec.parse(TINY.to_dict())]
