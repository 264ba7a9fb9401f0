"""RunSpec: one validated description of a run."""

import itertools
import json
import tomllib
from pathlib import Path

import pytest

from enigma.images.sources import data_digest
from enigma.spec.assets import asset
from enigma.spec.errors import InputError
from enigma.spec.images_spec import ImagesSpec
from enigma.spec.method_spec import MethodSpec
from enigma.spec.model_spec import ModelSpec
from enigma.spec.probe_spec import ProbeSpec
from enigma.spec.run_spec import STORED_ORDER, RunSpec
from enigma.spec.spec_part import SpecPart
from enigma.spec.stream_spec import StreamSpec
from enigma.spec.unknown_spec import UnknownSpec

# What version 0.1.0 stored of these fields, and the id it gave with the data digest 'data'.
STORED = json.loads(Path(__file__).with_name("stored_specs.json").read_text())
PARTS: dict[str, type[SpecPart]] = {
    "classifier": ModelSpec, "images": ImagesSpec, "adaptation": MethodSpec, "stream": StreamSpec,
    "unknown_images": UnknownSpec, "probe": ProbeSpec,
}  # fmt: skip


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
        ({"method": "deyo", "settings": {"augmentation": "pixle"}}, "settings.augmentation", "did you mean 'pixel'?"),
        ({"method": "deyo", "settings": {"augmentation": 4}}, "settings.augmentation", "occlusion, but got 4"),
        ({"method": "sar", "settings": {"top_layers": None}}, "settings.top_layers", "None"),
        ({"sed": 1}, "sed", "did you mean 'seed'?"),
        ({"model": "torchvision:"}, "model", "'torchvision:'"),
        ({"mean": "0.5,x,0.5"}, "mean", "'x'"),
        ({"mean": [0.5, 0.5]}, "mean", "0.5"),
        ({"std": 0}, "std", "0.0"),
        ({"num_classes": 1}, "num_classes", "1"),
        ({"corruption": "fog,fog"}, "corruption", "'fog,fog'"),
        ({"corruption": "fog,snow"}, "sequence", "none"),
        ({"corruption": "fog", "sequence": "mixed"}, "corruption", "'fog'"),
        ({"corruption": "none", "sequence": "gradual"}, "corruption", "'none'"),
        ({"corruption": "fog,snwo", "sequence": "mixed"}, "corruption", "did you mean 'snow'?"),
        ({"period": 3}, "period", "3"),
        ({"dirichlet": 0.1}, "dirichlet", "'shuffled'"),
        ({"imbalance": 0.5}, "imbalance", "0.5"),
        ({"unknown": "digts"}, "unknown", "did you mean 'digits'?"),
        ({"unknown_share": 0.1}, "unknown", "`unknown_share`"),
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
        "weights": "mine.pth", "num_classes": 7, "layer": "fc", "mean": 0.5, "std": "0.2,0.3,0.4", "input_size": 64,
        "class_names": "cat,dog", "class_map": "map.json", "reference": "none", "imbalance": 10, "exclude_top_k": 5,
        "exclude_entropy": 0.7, "stop": "suggested", "reset": 100,
    }  # fmt: skip
    # These mean something only together with another.
    together = {
        "sequence": {"corruption": "fog,snow", "sequence": "continual"},
        "period": {"corruption": "fog,snow", "sequence": "continual", "period": 5},
        "dirichlet": {"order": "correlated", "dirichlet": 0.5},
        "unknown": {"unknown": "digits"},
        "unknown_share": {"unknown": "digits", "unknown_share": 0.1},
        "unknown_loss": {"unknown": "digits", "unknown_loss": "masked"},
        "unknown_probes": {"unknown": "digits", "unknown_probes": 20},
        "watched": {"watched": "mine", **dict.fromkeys(("model", "dataset", "method"), "watched")},
    }
    assert {*changed, *together} == set(RunSpec.model_fields)
    changes = [{name: value} for name, value in changed.items()] + list(together.values())
    ids = {spec.override(**change).run_id("data") for change in changes}
    assert len(ids | {spec.run_id("data"), spec.run_id("other")}) == len(changes) + 2


def test_fields_that_were_added_later_leave_older_ids_alone() -> None:
    # The spec of the bundled run as it was stored before there were such fields, and the digest of its data.
    facts = json.loads(asset("runs", "429b4332ba79", "run.json").read_text())
    assert set(facts["spec"]) == set(RunSpec().to_dict())
    digest = data_digest(*(facts["digests"][name] for name in ("model", "test", "reference")))
    assert RunSpec.parse(facts["spec"]).run_id(digest) == RunSpec().run_id(digest) == "429b4332ba79"


def test_own_images_are_not_corrupted_unless_asked() -> None:
    assert RunSpec(dataset="photos/").corruption == "none"
    assert RunSpec().override(dataset="photos/").corruption == "none"
    assert RunSpec().override(dataset="photos/", corruption="fog").corruption == "fog"
    assert RunSpec(corruption="snow").override(dataset="photos/").corruption == "snow"
    assert RunSpec.parse(RunSpec(dataset="photos/").to_dict()) == RunSpec(dataset="photos/")


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


@pytest.mark.parametrize("known", STORED, ids=lambda known: known["id"])
def test_specs_are_stored_as_in_version_0_1_0_and_keep_their_ids(known: dict) -> None:
    spec = RunSpec.parse(known["fields"])
    assert spec.to_json() == json.dumps(known["stored"], indent=1)
    assert RunSpec.parse(known["stored"]) == spec
    assert spec.run_id("data") == known["id"]


def test_the_order_in_which_specs_are_stored_names_every_field_once() -> None:
    assert sorted(STORED_ORDER) == sorted(RunSpec.model_fields)


def test_every_field_belongs_to_one_part_but_for_those_that_all_parts_share() -> None:
    fields = [name for kind in PARTS.values() for name in kind.model_fields]
    assert [*fields, "seed", "device", "precision", "watched"] == list(RunSpec.model_fields)


@pytest.mark.parametrize("known", STORED, ids=lambda known: known["id"])
@pytest.mark.parametrize("name", PARTS)
def test_a_part_has_the_values_of_its_spec_and_could_be_made_alone(name: str, known: dict) -> None:
    spec, kind = RunSpec.parse(known["fields"]), PARTS[name]
    part = getattr(spec, name)
    assert part == kind.parse({field: value for field, value in known["stored"].items() if field in kind.model_fields})
    assert {field: getattr(part, field) for field in kind.model_fields}.items() <= dict(spec).items()
    # Asking for a part changes nothing, and it is made once.
    assert getattr(spec, name) is part
    assert spec == RunSpec.parse(known["fields"])
    assert spec.to_dict() == known["stored"]


def test_a_part_says_alone_what_is_wrong_with_it() -> None:
    with pytest.raises(InputError, match="Expected a `corruption` for a gradual stream, but got 'none'"):
        ImagesSpec.parse({"corruption": "none", "sequence": "gradual"})
    with pytest.raises(InputError, match="did you mean 'probes'"):
        ProbeSpec.parse({"probe": 10})


def test_a_field_that_is_added_is_stored_last_and_leaves_ids_alone() -> None:
    class Later(RunSpec):
        added: int | None = None

    assert Later().run_id("data") == RunSpec().run_id("data")
    assert list(Later(added=3, unknown="digits").to_dict())[-1] == "added"


@pytest.mark.parametrize("field", ["dataset", "reference", "class_map", "unknown"])
def test_empty_text_is_no_path(field: str) -> None:
    """It would be the folder that the program was started in."""
    with pytest.raises(InputError, match=f"Expected `{field}` to be .*, but got ''"):
        RunSpec.parse({field: ""})
