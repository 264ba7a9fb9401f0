"""Recording through the public API gives the runs that the command line gives, and finds them again."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import enigma
from enigma.api.opened import OpenedRun
from enigma.cli.main import cli
from enigma.jobs import queue as jobs
from enigma.jobs.queue import Job
from enigma.recording.listeners import Progress
from enigma.spec.run_spec import RunSpec
from enigma.store.home import Home
from tests.api.conftest import TINY


@pytest.fixture(scope="module")
def told() -> list[Progress]:
    return []


@pytest.fixture(scope="module")
def run(api_home: Home, photos: Path, told: list[Progress]) -> OpenedRun:
    spec = {**TINY, "dataset": str(photos), "corruption": "contrast"}
    return enigma.run(spec, home=api_home, project=False, on_step=told.append)


def test_run_is_recorded_with_a_word_after_every_step(run: OpenedRun, told: list[Progress]) -> None:
    assert run.state == "finished"
    assert [progress.step for progress in told] == [1, 2, 3, 4]
    assert run.steps.tolist() == [0, 1, 4]


@pytest.mark.slow
def test_run_is_projected_at_its_end_unless_told_otherwise(run: OpenedRun, api_home: Home) -> None:
    stored = run.path / "derived" / "projections" / "umap.safetensors"
    assert not stored.exists()
    assert enigma.run(run.spec, home=api_home).id == run.id
    assert stored.is_file()
    assert run.projection("umap").probes.shape == (3, 60, 2)


def test_what_is_recorded_is_opened_however_it_is_asked_for(
    run: OpenedRun, api_home: Home, photos: Path, tmp_path: Path
) -> None:
    (tmp_path / "spec.toml").write_text(run.spec.to_toml())
    before = (run.path / "status.json").stat().st_mtime_ns
    again: list[Progress] = []
    for asked in (run.spec, run.spec.to_dict(), tmp_path / "spec.toml"):
        assert enigma.run(asked, home=str(api_home.path), project=False, on_step=again.append).id == run.id
    fields = {**TINY, "dataset": str(photos), "corruption": "contrast"}
    assert enigma.run(home=api_home, project=False, **fields).id == run.id
    options = [word for name, value in fields.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    result = CliRunner().invoke(cli, ["--home", str(api_home.path), "run", *options, "--no-projection", "--json"])
    assert json.loads(result.stdout)["run"] == run.id
    assert again == []
    assert (run.path / "status.json").stat().st_mtime_ns == before


def test_method_is_recorded_with_its_recipe_and_found_by_the_stored_fields(
    run: OpenedRun, api_home: Home, photos: Path
) -> None:
    fields = {
        **TINY,
        "steps": 1,
        "frames": 2,
        "dataset": str(photos),
        "method": "memo",
        "settings": {"augmentations": 1},
    }
    found = enigma.run(home=api_home, project=False, **fields)
    told = json.loads((found.path / "run.json").read_text())["spec"]
    assert (told["optimizer"], told["lr"]) == ("sgd", 0.005)
    assert enigma.run(told, home=api_home, project=False).id == found.id
    # What another method was set to does not come along.
    assert enigma.run(found.spec, home=api_home, project=False, method="norm").spec.settings == {}


def test_model_that_must_be_opened_first_is_stored_with_its_recipe(
    api_home: Home, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "many_classes.py").write_text(
        "from torch import nn\n\n\ndef net(num_classes=200):\n"
        "    layers = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()\n"
        "    return nn.Sequential(*layers, nn.Linear(8, num_classes))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    spec = RunSpec.parse({**TINY, "steps": 1, "frames": 2, "dataset": str(photos), "model": "many_classes:net"})
    assert spec.lr is None
    found = enigma.run(spec, home=api_home, project=False)
    assert (found.spec.optimizer, found.spec.lr) == ("sgd", 0.00025)
    assert enigma.run(spec, home=api_home, project=False).id == found.id
    assert enigma.run(found.spec, home=api_home, project=False).id == found.id


def test_finished_run_goes_on_for_more_steps(run: OpenedRun, api_home: Home, photos: Path) -> None:
    shorter = enigma.run(run.spec, home=api_home, project=False, seed=1)
    longer = enigma.resume(shorter, 2, home=api_home, project=False)
    assert longer.steps.tolist() == [0, 1, 4, 5, 6]
    assert enigma.open_run(shorter.id, home=api_home).id == longer.id


def test_specs_of_a_sweep_are_in_order() -> None:
    found = enigma.specs({**TINY, "seed": [3, 4], "batch_size": [16, 101]})
    assert [(spec.seed, spec.batch_size) for spec in found] == [(3, 16), (4, 16), (3, 101), (4, 101)]


@pytest.mark.slow
def test_sweep_gives_its_runs_in_order_and_says_what_failed(api_home: Home, photos: Path, tmp_path: Path) -> None:
    values = {**TINY, "steps": 1, "frames": 2, "dataset": str(photos), "seed": [3, 4], "batch_size": [16, 1]}
    states: list[str] = []
    with pytest.warns(UserWarning, match="at least 2") as warned:
        found = enigma.sweep(
            values, home=api_home, workers=1, project=False, on_run=lambda outcome: states.append(outcome.state)
        )
    assert len(warned) == 2
    assert [run.spec.seed for run in found] == [3, 4]
    assert sorted(states) == ["failed", "failed", "recorded", "recorded"]


def test_queue_is_read_and_ended(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for number, state in enumerate(("waiting", "failed", "done")):
        jobs.write(home, Job(f"{number:020d}", RunSpec().to_dict(), state=state))
    waiting, failed = enigma.queue(home=home)
    with pytest.raises(enigma.InputError, match="over"):
        enigma.dismiss(waiting, home=home)
    with pytest.raises(enigma.InputError, match="runs or waits"):
        enigma.cancel(failed.id, home=home)
    enigma.cancel(waiting, home=home)
    enigma.dismiss(failed, home=home)
    assert enigma.queue(home=home) == []
    with pytest.raises(enigma.InputError, match="id of a job"):
        enigma.cancel("7", home=home)


@pytest.mark.parametrize("asked", [{"severity": 9}, {"sverity": 1}, {"spec": "nowhere.toml"}, {"method": "tnet"}])
def test_nonsense_is_one_sentence(asked: dict, tmp_path: Path) -> None:
    with pytest.raises(enigma.InputError, match="^Expected"):
        enigma.run(home=tmp_path, **asked)
