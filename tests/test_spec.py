"""RunSpec: one validated description of a run."""

import itertools
import json
import tomllib

import pytest

from enigma.errors import InputError
from enigma.spec import RunSpec


def test_spec_survives_toml_and_json(tmp_path) -> None:
    spec = RunSpec(method="rdumb", settings={"reset_every": 200, "e_margin": 0.9}, frames=(0, 5, 10), steps=10)
    for name, text in (("a.toml", spec.to_toml()), ("a.json", spec.to_json())):
        (tmp_path / name).write_text(text)
        assert RunSpec.read(tmp_path / name) == spec
    assert tomllib.loads(spec.to_toml()) == json.loads(spec.to_json())


@pytest.mark.parametrize("steps", [1, 2, 3, 7, 19, 20, 1000, 54321])
@pytest.mark.parametrize("count", [2, 3, 20, 50])
def test_frames_are_distinct_start_at_zero_and_end_at_the_last_step(steps: int, count: int) -> None:
    frames = RunSpec(steps=steps, frames=count).frame_steps
    assert len(frames) == min(count, steps + 1)
    assert frames[0] == 0
    assert frames[-1] == steps
    assert list(frames) == sorted(set(frames))


def test_frames_grow_apart_logarithmically() -> None:
    frames = RunSpec(steps=1000, frames=20).frame_steps
    gaps = [b / a for a, b in itertools.pairwise(frames[10:])]
    assert max(gaps) / min(gaps) < 1.1


@pytest.mark.parametrize(
    ("values", "field", "came"),
    [
        ({"severity": 7}, "severity", "7"),
        ({"severity": 2.5}, "severity", "2.5"),
        ({"steps": 0}, "steps", "0"),
        ({"lr": float("nan")}, "lr", "nan"),
        ({"method": "tnet"}, "method", "did you mean 'tent'?"),
        ({"corruption": "gausian_noise"}, "corruption", "did you mean 'gaussian_noise'?"),
        ({"model": "resnet-b"}, "model", "'resnet-bn'"),
        ({"device": "gpu"}, "device", "'gpu'"),
        ({"frames": [1, 1000]}, "frames", "(1, 1000)"),
        ({"frames": "a,b"}, "frames", "'a,b'"),
        ({"frames": 1}, "frames", "1"),
        ({"order": "random"}, "order", "'random'"),
        ({"settings": {"momentum": 2}}, "settings.momentum", "2"),
        ({"settings": {"betas": 0.9}}, "settings.betas", "0.9"),
        ({"settings": {"reset_every": 5}}, "settings", "'reset_every'"),
        ({"method": "rdumb", "settings": {"reset_every": 1.5}}, "settings.reset_every", "1.5"),
        ({"sed": 1}, "sed", "did you mean 'seed'?"),
    ],
)
def test_error_is_one_sentence_with_field_expected_and_given(values: dict, field: str, came: str) -> None:
    with pytest.raises(InputError) as caught:
        RunSpec.parse(values)
    message = str(caught.value)
    assert message.startswith("Expected")
    assert field in message
    assert came in message
    assert "\n" not in message


def test_run_id_depends_on_every_field_and_on_the_data() -> None:
    spec = RunSpec()
    changed = {
        "model": "vit-ln", "dataset": "a/b", "corruption": "fog", "severity": 5, "order": "sorted", "method": "eta",
        "settings": {"momentum": 0.5}, "optimizer": "sgd", "lr": 0.1, "batch_size": 2, "steps": 7, "frames": 5,
        "probes": 50, "references": 50, "seed": 1, "device": "cpu", "precision": "float64",
    }  # fmt: skip
    assert set(changed) == set(RunSpec.model_fields)
    ids = {spec.override(**{name: value}).run_id("data") for name, value in changed.items()}
    assert len(ids | {spec.run_id("data"), spec.run_id("other")}) == len(changed) + 2


def test_extension_keeps_the_frames_so_far() -> None:
    spec = RunSpec(steps=100, frames=10)
    longer = spec.extended(50, step=100)
    assert longer.steps == 150
    assert longer.frame_steps[:10] == spec.frame_steps
    assert spec.extended(1, step=40).frame_steps[-2:] == (40, 41)


def test_broken_spec_file_is_explained(tmp_path) -> None:
    path = tmp_path / "spec.toml"
    path.write_text("steps = ")
    with pytest.raises(InputError, match="TOML or JSON"):
        RunSpec.read(path)
