"""The form of a run asks for what a method takes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from enigma.spec.catalogue import METHODS
from enigma.spec.run_spec import RunSpec
from tests.images import layouts


def form() -> None:
    import streamlit as st

    from enigma.ui.pages.watch.form import spec_form

    spec, why_not = spec_form()
    st.json(spec.to_dict() if spec else {}, expanded=False)
    st.code(why_not)


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(form, default_timeout=120).run()


def test_words_are_chosen_from_a_list_and_only_changes_enter_the_spec(app: AppTest) -> None:
    app.selectbox(key="spec.method").select("deyo").run()
    assert not app.exception
    assert "Its paper uses Adam 0.001 (CIFAR) or SGD 0.00025 (ImageNet)." in app.caption[0].value
    words = app.selectbox(key="spec.deyo.augmentation")
    assert words.options == ["patch", "pixel", "occlusion"]
    assert words.value == "patch"
    assert '"settings": {}' in app.json[0].value.replace("\n", "")
    words.select("pixel").run()
    assert '"augmentation": "pixel"' in app.json[0].value


def test_word_that_comes_from_the_model_is_empty_until_chosen(app: AppTest) -> None:
    app.selectbox(key="spec.method").select("cotta").run()
    assert app.selectbox(key="spec.cotta.loss").value is None
    assert "loss" not in app.json[0].value
    app.selectbox(key="spec.cotta.loss").select("symmetric").run()
    assert '"loss": "symmetric"' in app.json[0].value


def spec(app: AppTest) -> dict[str, Any]:
    """What the form makes of its fields; nothing where it says what is wrong."""
    assert not app.exception
    return json.loads(app.json[0].value)


def told(app: AppTest) -> list[str]:
    """What stands in red below fields."""
    found = (re.fullmatch(r":red\[(.*)\]", caption.value) for caption in app.caption)
    return [re.sub(r"\\(.)", r"\1", match[1]) for match in found if match]


def keys(app: AppTest) -> set[str]:
    """The fields of the spec that are on screen."""
    widgets = [*app.number_input, *app.selectbox, *app.multiselect, *app.text_input]
    return {widget.key.rpartition(".")[2] for widget in widgets if widget.key}


def test_untouched_fields_of_the_stream_leave_the_spec_as_it_was(app: AppTest) -> None:
    assert RunSpec.parse(spec(app)) == RunSpec()
    assert spec(app) == RunSpec().to_dict()


def test_concentration_is_asked_of_a_correlated_stream_only_and_is_kept_meanwhile(app: AppTest) -> None:
    assert "dirichlet" not in keys(app)
    app.selectbox(key="spec.order").select("correlated").run()
    assert "dirichlet" not in spec(app)
    app.number_input(key="spec.dirichlet").set_value(0.05).run()
    assert (spec(app)["order"], spec(app)["dirichlet"]) == ("correlated", 0.05)
    app.selectbox(key="spec.order").select("sorted").run()
    assert "dirichlet" not in keys(app) | set(spec(app))
    app.selectbox(key="spec.order").select("correlated").run()
    assert spec(app)["dirichlet"] == 0.05


def test_further_shifts_follow_the_first_and_last_a_period(app: AppTest) -> None:
    assert not {"further", "period"} & keys(app)
    app.selectbox(key="spec.sequence").select("continual").run()
    assert "Expected several corruptions" in app.code[0].value
    app.multiselect(key="spec.further").set_value(["fog", "contrast"]).run()
    app.number_input(key="spec.period").set_value(3).run()
    found = RunSpec.parse(spec(app))
    assert (found.corruptions, found.sequence, found.period) == (("impulse_noise", "fog", "contrast"), "continual", 3)
    app.selectbox(key="spec.sequence").select("mixed").run()
    assert "period" not in keys(app) | set(spec(app))
    assert app.multiselect(key="spec.further").label == "Mixed with"
    app.selectbox(key="spec.sequence").select("").run()
    assert spec(app)["corruption"] == "impulse_noise"


def test_one_shift_is_enough_for_a_gradual_stream(app: AppTest) -> None:
    app.selectbox(key="spec.sequence").select("gradual").run()
    assert spec(app)["sequence"] == "gradual"
    assert spec(app)["corruption"] == "impulse_noise"


def test_imbalance_and_exclusion_enter_the_spec_and_what_makes_no_sense_is_a_sentence(app: AppTest) -> None:
    app.number_input(key="spec.imbalance").set_value(10.0).run()
    app.number_input(key="spec.exclude_top_k").set_value(2).run()
    app.number_input(key="spec.exclude_entropy").set_value(0.5).run()
    assert {"imbalance": 10.0, "exclude_top_k": 2, "exclude_entropy": 0.5}.items() <= spec(app).items()
    app.number_input(key="spec.exclude_entropy").set_value(0.0).run()
    assert told(app) == ["Keep out: entropy below must be more than 0, not 0."]
    assert app.code[0].value == "To run, change Keep out: entropy below."
    assert spec(app) == {}


def test_every_field_of_the_stream_is_explained(app: AppTest) -> None:
    app.selectbox(key="spec.order").select("correlated").run()
    app.selectbox(key="spec.sequence").select("continual").run()
    stream = {"order", "dirichlet", "sequence", "further", "period", "imbalance", "exclude_top_k", "exclude_entropy"}
    assert stream <= keys(app)
    widgets = [*app.number_input, *app.selectbox, *app.multiselect]
    assert all(len(w.help) > 20 for w in widgets if w.key and w.key.removeprefix("spec.") in stream)


def test_method_brings_its_recipe_and_what_was_typed_stays(app: AppTest) -> None:
    assert (spec(app)["lr"], spec(app)["optimizer"]) == (0.003, "adam")
    app.selectbox(key="spec.method").select("memo").run()
    assert (spec(app)["lr"], spec(app)["optimizer"]) == (0.005, "sgd")
    app.number_input(key="spec.lr").set_value(0.1).run()
    app.selectbox(key="spec.method").select("eata").run()
    assert (spec(app)["lr"], spec(app)["optimizer"]) == (0.1, "adam")


@pytest.fixture(scope="module")
def untouched() -> AppTest:
    """A form of which only the method is chosen, one after another."""
    return AppTest.from_function(form, default_timeout=120).run()


@pytest.mark.parametrize("method", [name for name, method in METHODS.items() if method.uses_gradient])
def test_form_starts_where_the_command_line_does(untouched: AppTest, method: str) -> None:
    untouched.selectbox(key="spec.method").select(method).run()
    expected, found = RunSpec(method=method), spec(untouched)
    assert (found["method"], found["lr"], found["optimizer"]) == (method, expected.lr, expected.optimizer)


def test_recipe_of_a_model_that_is_not_open_is_left_to_its_paper(app: AppTest) -> None:
    app.selectbox(key="spec.model").select("torchvision").run()
    assert app.number_input(key="spec.lr").value is None
    assert app.number_input(key="spec.lr").placeholder == "the paper's"
    assert not {"lr", "optimizer"} & set(spec(app))
    app.selectbox(key="spec.model").select("resnet-bn").run()
    assert (spec(app)["lr"], spec(app)["optimizer"]) == (0.003, "adam")


def test_link_names_the_learning_rate_of_a_method() -> None:
    app = AppTest.from_function(form, default_timeout=120)
    app.query_params |= {"method": "eta", "lr": "0.02"}
    assert spec(app.run())["lr"] == 0.02
    app = AppTest.from_function(form, default_timeout=120)
    app.query_params |= {"method": "eta", "lr": "-1"}
    assert spec(app.run())["lr"] == 0.001


def own_images(app: AppTest, path: Path) -> AppTest:
    app.selectbox(key="spec.dataset").select("folder").run()
    return app.text_input(key="spec.own.dataset").set_value(str(path)).run()


def test_what_needs_labels_is_not_offered_without_and_says_so(app: AppTest, tmp_path: Path) -> None:
    app.selectbox(key="spec.order").select("sorted").run()
    own_images(app, layouts.flat(tmp_path / "loose"))
    assert app.selectbox(key="spec.order").options == ["Shuffled", "As stored"]
    assert not {"imbalance", "exclude_top_k", "class_map"} & keys(app)
    assert any("no labels" in caption.value for caption in app.caption)
    assert spec(app)["order"] == "shuffled"


def test_class_map_is_asked_where_sub_folders_say_the_classes(app: AppTest, tmp_path: Path) -> None:
    own_images(app, layouts.classes(tmp_path / "photos"))
    app.text_input(key="spec.own.class_map").set_value("map.json").run()
    assert spec(app)["class_map"] == "map.json"
    own_images(app, layouts.cifar_c(tmp_path / "CIFAR-10-C"))
    assert "class_map" not in keys(app) | set(spec(app))


def test_link_fills_fields_that_need_others() -> None:
    app = AppTest.from_function(form, default_timeout=120)
    app.query_params |= {"order": "correlated", "dirichlet": "0.2", "imbalance": "5"}
    assert {"order": "correlated", "dirichlet": 0.2, "imbalance": 5.0}.items() <= spec(app.run()).items()


def test_severity_is_asked_where_something_is_corrupted_or_a_folder_may_hold_several(app: AppTest) -> None:
    assert [group.label for group in app.button_group] == ["Severity"]
    app.selectbox(key="spec.corruption").select("none").run()
    assert not app.button_group
    assert spec(app)["corruption"] == "none"
    app.selectbox(key="spec.dataset").select("folder").run()
    assert app.selectbox(key="spec.own_corruption").value == "none"
    assert [group.label for group in app.button_group] == ["Severity"]


def test_wrong_numbers_stay_as_typed_and_are_told_at_their_fields(app: AppTest) -> None:
    for field, value in {"steps": -5, "lr": -1.0, "batch_size": 0, "seed": -1, "probes": 0}.items():
        app.number_input(key=f"spec.{field}").set_value(value)
    app.run()
    assert app.number_input(key="spec.steps").value == -5
    assert told(app) == [
        "Learning rate must be more than 0, not -1.",
        "Batch must be at least 1, not 0.",
        "Steps must be at least 1, not -5.",
        "Seed must be at least 0, not -1.",
        "Probe images must be at least 10, not 0.",
    ]
    assert app.code[0].value == ("To run, change Learning rate, Batch, Steps, Seed and Probe images.")
    for field, value in {"steps": 5, "lr": 0.1, "batch_size": 8, "seed": 1, "probes": 20}.items():
        app.number_input(key=f"spec.{field}").set_value(value)
    app.run()
    assert (told(app), app.code[0].value) == ([], "")
    assert {"steps": 5, "lr": 0.1, "batch_size": 8, "seed": 1, "probes": 20}.items() <= spec(app).items()


def test_wrong_words_are_told_at_their_fields(app: AppTest) -> None:
    app.text_input(key="spec.tent.betas").set_value("x")
    app.text_input(key="spec.frames").set_value("0,10").run()
    assert told(app) == [
        "Frames must be a count such as 18, or steps from 0 to the last, 500, such as 0, 10, 500; not 0,10.",
        "Betas must be two numbers from 0 to 1, not x.",
    ]
    app.text_input(key="spec.tent.betas").set_value("0.8, 0.9")
    app.text_input(key="spec.frames").set_value("0,10,500").run()
    assert not told(app)
    assert (spec(app)["settings"], spec(app)["frames"]) == ({"betas": [0.8, 0.9]}, [0, 10, 500])


def test_models_of_libraries_and_folders_and_a_method_of_ones_own_enter_the_spec(app: AppTest, tmp_path: Path) -> None:
    app.selectbox(key="spec.model").select("timm").run()
    assert spec(app)["model"] == "timm:resnet50.a1_in1k"
    app.selectbox(key="spec.model").select("hf").run()
    assert (spec(app), told(app)) == ({}, ["Name a folder."])
    app.text_input(key="spec.hf").set_value("/data/my model").run()
    assert spec(app)["model"] == "hf:/data/my model"
    app.selectbox(key="spec.method").select("own").run()
    assert told(app) == ["Function must read package.module:function."]
    app.text_input(key="spec.own.method").set_value("mine:build").run()
    app.text_input(key="spec.own.settings").set_value("temperature=0.8 betas=0.9,0.99 kind=soft").run()
    asked = spec(app)
    assert (asked["method"], asked["lr"]) == ("mine:build", 0.003)
    assert asked["settings"] == {"temperature": 0.8, "betas": [0.9, 0.99], "kind": "soft"}
    app.text_input(key="spec.own.settings").set_value("temperature").run()
    assert told(app) == ["Settings must read NAME=VALUE, with spaces between."]
