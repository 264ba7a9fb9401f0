"""What the page of a restricted server offers, and what it says where something is not allowed."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from enigma.spec.errors import InputError
from enigma.store import policy
from enigma.store.home import VARIABLE, Home
from enigma.store.policy import Policy
from tests.images import layouts


def form() -> None:
    import streamlit as st

    from enigma.ui.pages.watch.form import spec_form

    spec, why_not = spec_form()
    st.json(spec.to_dict() if spec else {}, expanded=False)
    st.code(why_not)


def estimate() -> None:
    from enigma.ui.pages.estimate.page import page

    page()


def shell() -> None:
    from enigma.ui.shell import main

    main()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return Home(tmp_path / "home")


def served(monkeypatch: pytest.MonkeyPatch, **values: object) -> AppTest:
    monkeypatch.setenv(policy.VARIABLE, Policy(**values).model_dump_json())
    return AppTest.from_function(form, default_timeout=120)


def options(app: AppTest, key: str) -> list[str]:
    return app.selectbox(key=key).options


def test_restricted_form_offers_no_path_and_no_module(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    app = served(monkeypatch).run()
    offered = {*options(app, "spec.model"), *options(app, "spec.method")}
    refused = {"Own checkpoint …", "torchvision …", "timm …", "Hugging Face folder …", "Own method …"}
    assert not refused & offered
    app.selectbox(key="spec.dataset").select("folder").run()
    assert not app.exception
    assert [field.key for field in app.text_input if field.key.startswith("spec.own")] == []
    assert app.caption[0].value.startswith("This server reads bundled and uploaded images.")
    assert app.code[0].value == "To run, change Dataset."


def test_allowed_folder_can_be_named_and_another_is_refused_before_it_is_looked_at(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = layouts.classes(tmp_path / "own")
    app = served(monkeypatch, folders=[str(own)]).run()
    assert "Own checkpoint …" in options(app, "spec.model")
    app.selectbox(key="spec.dataset").select("folder").run()
    app.text_input(key="spec.own.dataset").set_value(str(own)).run()
    assert json.loads(app.json[0].value)["dataset"] == str(own)
    app.text_input(key="spec.own.dataset").set_value("/etc").run()
    assert not app.exception
    (error,) = app.error
    assert "`folders` in its configuration" in error.value
    assert "whoever runs this server" in app.code[0].value
    assert json.loads(app.json[0].value) == {}


def test_address_cannot_fill_in_what_is_not_allowed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    app = served(monkeypatch)
    for name, value in {"model": "os:abort", "weights": "/etc/passwd", "dataset": "/etc", "unknown": "/etc"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert json.loads(app.json[0].value) == {}
    assert app.code[0].value.startswith("Expected `unknown` to be bundled or uploaded, but got '/etc'")


def test_allowed_library_of_models_is_offered(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    app = served(monkeypatch, modules=["torchvision"]).run()
    assert {"Own checkpoint …", "torchvision …"} <= set(options(app, "spec.model"))
    app.selectbox(key="spec.model").select("torchvision").run()
    assert json.loads(app.json[0].value)["model"] == "torchvision:resnet50"


def test_folder_of_hugging_face_needs_its_library_and_its_folder_to_be_allowed(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A library without any folder has nothing to read.
    assert "Hugging Face folder …" not in options(served(monkeypatch, modules=["hf"]).run(), "spec.model")
    app = served(monkeypatch, modules=["hf"], folders=[str(tmp_path)]).run()
    app.selectbox(key="spec.model").select("hf").run()
    for folder, is_allowed in ((tmp_path / "net", True), (tmp_path / ".." / "net", False), (Path("/usr"), False)):
        app.text_input(key="spec.hf").set_value(str(folder)).run()
        assert bool(json.loads(app.json[0].value)) == is_allowed
        assert is_allowed or app.code[0].value.startswith("Expected `model` to be bundled or uploaded, or to lie in")


@pytest.mark.parametrize("is_restricted", [True, False])
def test_images_to_estimate_are_named_by_path_where_a_folder_is_allowed(
    is_restricted: bool, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(policy.VARIABLE, Policy(folders=[] if is_restricted else ["/usr"]).model_dump_json())
    app = AppTest.from_function(estimate, default_timeout=120)
    app.query_params["from"] = "path"
    app.run()
    assert not app.exception
    assert ("Path" in app.radio(key="estimate.way").options) != is_restricted
    if not is_restricted:
        app.text_input(key="estimate.path").set_value("/etc").run()
        app.button(key="estimate.go").click().run()
        assert [error.value for error in app.error if "lie in /usr" in error.value]


def test_server_that_was_not_started_by_its_command_is_restricted_by_where_it_listens(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from streamlit import config

    from enigma.ui.serving import settle_policy

    for address, is_restricted in (("localhost", False), ("0.0.0.0", True), (None, True)):
        # `setenv` first, so that what is settled is taken back when the test is over.
        monkeypatch.setenv(policy.VARIABLE, "")
        monkeypatch.delenv(policy.VARIABLE)
        before = config.get_option("server.address")
        config.set_option("server.address", address)
        settle_policy(home)
        config.set_option("server.address", before)
        assert policy.current().restricted == is_restricted


def test_server_that_must_ask_for_a_sign_in_which_is_not_set_up_shows_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(policy.VARIABLE, Policy(sign_in=True).model_dump_json())
    app = AppTest.from_function(shell, default_timeout=120).run()
    assert not app.exception
    assert [title.value for title in app.title] == ["Entropy Enigma"]
    (error,) = app.error
    assert error.value.startswith("Expected `[auth]`")
    assert len(app.button) == 0


def test_secrets_that_cannot_be_read_let_nobody_in(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import streamlit as st
    from streamlit import config
    from streamlit.runtime.secrets import Secrets

    from enigma.ui.serving import settle_policy

    monkeypatch.setenv(policy.VARIABLE, Policy().model_dump_json())
    file, before = tmp_path / "secrets.toml", config.get_option("secrets.files")
    config.set_option("secrets.files", [str(file)])
    try:
        for text, told in (("[auth", "cannot be read"), (None, None)):
            monkeypatch.setattr(st, "secrets", Secrets())
            file.unlink(missing_ok=True)
            if text is None:
                settle_policy(home)
                assert not policy.current().sign_in
            else:
                file.write_text(text)
                with pytest.raises(InputError, match=told):
                    settle_policy(home)
    finally:
        config.set_option("secrets.files", before)


def test_broken_configuration_shows_its_sentence_and_no_page(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(policy.VARIABLE, "")
    monkeypatch.delenv(policy.VARIABLE)
    home.path.mkdir()
    (home.path / "server.toml").write_text("folder = 1")
    app = AppTest.from_function(shell, default_timeout=120).run()
    assert not app.exception
    assert [error.value for error in app.error if "did you mean" in error.value]
    assert app.title.len == 0
