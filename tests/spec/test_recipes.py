"""Optimizer and learning rate are the same through every door; what is stored keeps its meaning."""

import json

import pytest

from enigma.figures.shared.command_lines import run_arguments
from enigma.spec.assets import asset
from enigma.spec.catalogue import METHODS, MODELS
from enigma.spec.recipes import DEMONSTRATION, recipe
from enigma.spec.run_spec import RunSpec

GRADIENT = [name for name, method in METHODS.items() if method.uses_gradient]


def named(spec: RunSpec) -> tuple[str | None, float | None]:
    return spec.optimizer, spec.lr


@pytest.mark.parametrize("method", GRADIENT)
def test_run_starts_from_the_paper_but_for_the_demonstration(method: str) -> None:
    small, large = METHODS[method].recipes or ()
    for model in MODELS:
        expected = DEMONSTRATION if method == "tent" else small
        assert named(RunSpec(method=method, model=model)) == (expected.optimizer, expected.lr)
    opened = RunSpec(method=method, model="torchvision:resnet50")
    assert named(opened) == (None, None)
    assert named(opened.resolved(1000)) == (large.optimizer, large.lr)
    assert named(opened.resolved(100)) == (small.optimizer, small.lr)
    own = RunSpec(method=method, weights="mine.safetensors")
    assert named(own.resolved(10)) == (small.optimizer, small.lr)


def test_number_of_classes_tells_the_recipe_before_the_model_is_opened() -> None:
    spec = RunSpec(model="mymodels:net", method="cotta", num_classes=1000)
    assert named(spec) == ("sgd", 0.01)
    assert spec.resolved(1000) == spec


def test_what_is_named_is_kept_and_the_rest_filled_in() -> None:
    assert named(RunSpec(method="memo", lr=0.1)) == ("sgd", 0.1)
    assert named(RunSpec(method="memo", optimizer="adam")) == ("adam", 0.005)
    assert named(RunSpec(model="torchvision:resnet50", lr=0.1).resolved(1000)) == ("sgd", 0.1)
    assert named(RunSpec(lr=0.1).override(method="shot_im")) == ("sgd", 0.1)


def test_another_method_has_another_recipe_unless_one_was_named() -> None:
    assert named(RunSpec().override(method="shot_im")) == ("sgd", 0.001)
    assert named(RunSpec().override(method="shot_im").override(method="tent")) == ("adam", 0.003)
    stored = RunSpec.parse(RunSpec().to_dict())
    assert named(stored.override(method="shot_im")) == ("adam", 0.003)


@pytest.mark.parametrize("method", ["norm", "source", "lame", "mymethods:build"])
def test_spec_without_a_recipe_stays_as_it_was_stored_before(method: str) -> None:
    assert named(RunSpec(method=method)) == ("adam", 0.003)
    assert named(RunSpec(method=method, model="torchvision:resnet50")) == ("adam", 0.003)
    assert recipe(method, 10) is None


@pytest.mark.parametrize("method", GRADIENT)
def test_spec_that_was_recorded_with_the_old_default_is_still_found_by_its_fields(method: str) -> None:
    # Until 0.1.0 every method was recorded with Adam and 0.003, and both were stored.
    facts = json.loads(asset("runs", "429b4332ba79", "run.json").read_text())
    old = RunSpec.parse({**facts["spec"], "method": method})
    assert named(old) == ("adam", 0.003)
    assert RunSpec.parse(old.to_dict()).run_id("data") == old.run_id("data")
    again = RunSpec(method=method, optimizer="adam", lr=0.003)
    assert again.run_id("data") == old.run_id("data")


def test_unopened_spec_survives_json_and_is_never_taken_for_another() -> None:
    spec = RunSpec(model="torchvision:resnet50")
    assert RunSpec.parse(json.loads(spec.to_json())) == spec
    assert not {"optimizer", "lr"} & set(spec.to_dict())
    assert len({one.run_id("data") for one in (spec, spec.resolved(10), spec.resolved(1000))}) == 3


@pytest.mark.parametrize("method", GRADIENT)
@pytest.mark.parametrize("model", ["resnet-bn", "torchvision:resnet50"])
def test_command_line_of_a_run_names_what_is_not_the_recipe(method: str, model: str) -> None:
    usual = RunSpec(method=method, model=model)
    assert not {"--lr", "--optimizer"} & set(run_arguments(usual))
    other = usual.override(optimizer="sgd", lr=0.25)
    words = run_arguments(other)
    assert words[words.index("--lr") + 1] == "0.25"
    given = dict(zip(words[1::2], words[2::2], strict=True))
    again = RunSpec.parse({name.removeprefix("--").replace("-", "_"): value for name, value in given.items()})
    assert again == other
