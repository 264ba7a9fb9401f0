"""What others may do on a server: read from one file, handed on by one variable, and asked where a job is submitted."""

import os
import re
from pathlib import Path

import pytest

from enigma.jobs import queue, worker
from enigma.spec.errors import InputError, RefusedError
from enigma.spec.run_spec import RunSpec
from enigma.store import allowed, policy
from enigma.store.home import Home
from enigma.store.policy import UNRESTRICTED, Policy, policy_for

OUT_OF_REACH = Path("/etc/hostname")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "allowed"
    folder.mkdir()
    return folder


def serving(patch: pytest.MonkeyPatch, **values: object) -> None:
    """From now on this process is a server of this policy."""
    patch.setenv(policy.VARIABLE, Policy(**values).model_dump_json())


def test_only_a_server_that_other_machines_reach_is_restricted_without_a_configuration(tmp_path: Path) -> None:
    for address in ("localhost", "LOCALHOST", "127.0.0.1", "::1"):
        assert policy_for(address, tmp_path) == UNRESTRICTED
    for address in ("0.0.0.0", "::", "", "192.168.1.7", "my-server", "localhost.example.org"):
        assert policy_for(address, tmp_path).restricted


def test_configuration_of_the_home_is_taken_unless_another_is_named(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "server.toml").write_text(f'folders = ["{folder}"]\nruns_per_person = 3\n')
    found = policy_for("localhost", tmp_path)
    assert (found.restricted, found.folders, found.runs_per_person) == (True, (str(folder),), 3)
    (tmp_path / "other.toml").write_text('modules = ["my_models"]\n')
    assert policy_for("localhost", tmp_path, tmp_path / "other.toml").modules == ("my_models",)
    assert policy_for("localhost", tmp_path, read_only=True).read_only


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("folder = ['/']", "did you mean 'folders'?"),
        ("nonsense = 1", "known are restricted, read_only"),
        ("folders = ['data']", "whole paths of folders that are there, but got 'data'"),
        ("folders = ['/nowhere/at/all']", "but got '/nowhere/at/all'"),
        ("folders = '/data'", "`folders`"),
        ("modules = ['os:abort']", "names of modules, such as 'my_models', but got 'os:abort'"),
        ("modules = ['']", "names of modules"),
        ("read_only = 'yes'", '`read_only` to be a valid boolean, but got "yes"'),
        ("disk_gigabytes = -1", "`disk_gigabytes`"),
        ("upload_megabytes = 0", "`upload_megabytes`"),
        ("queued_jobs_per_person = 1.5", "`queued_jobs_per_person`"),
        ("folders = [", "TOML"),
        ("\0", "TOML"),
    ],
)
def test_mistake_in_the_configuration_is_one_sentence(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text(text)
    with pytest.raises(InputError, match=re.escape(told)) as caught:
        policy_for("localhost", tmp_path)
    assert str(file) in str(caught.value)
    assert len(str(caught.value)) <= 500


def test_policy_survives_being_handed_to_another_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (UNRESTRICTED, Policy(), Policy(folders=[str(folder)], read_only=True, disk_gigabytes=0.5)):
        monkeypatch.setenv(policy.VARIABLE, policy.exported(value)[policy.VARIABLE])
        assert policy.current() == value
    assert policy.VARIABLE not in policy.own_environment()
    assert policy.own_environment().items() <= os.environ.items()


def test_every_field_of_a_spec_that_is_text_is_known_to_be_read_imported_or_harmless() -> None:
    """A new field must be put into one of these, so that none gets round the policy."""
    read, imported = {"dataset", "reference", "unknown", "weights", "class_map", "class_names"}, {"model", "method"}
    # Names of a layer, of corruptions ([\w-]+) and of a device; words from a list; and what only the method is given.
    harmless = {"layer", "corruption", "device", "precision", "order", "optimizer", "sequence", "stop", "reset"}
    harmless |= {"unknown_loss", "settings", "frames"}
    # A name that is shown, of a run that nothing here records.
    harmless |= {"watched"}
    text = {name for name, field in RunSpec.model_fields.items() if re.search("str|Literal", str(field.annotation))}
    assert text <= read | imported | harmless
    given = dict.fromkeys(read, "/x/y.txt") | {"model": "a:b", "method": "c:d"}
    spec = RunSpec.parse(given)
    assert {name for name, _ in allowed.named_places(spec)} == read
    assert {name for name, _ in allowed.named_code(spec)} == imported


REFUSED = [
    {"dataset": str(OUT_OF_REACH)},
    {"dataset": "/nowhere/at/all"},
    {"dataset": "HOME/uploads/../runs"},
    {"dataset": "HOME/runs"},
    {"dataset": "HOME/uploads"},
    {"dataset": "HOME/uploads/"},
    {"dataset": "HOME/uploads/0123/.."},
    {"dataset": "HOME/uploads/link"},
    {"dataset": "FOLDER/../secret"},
    {"dataset": "FOLDER/link"},
    {"dataset": "FOLDERS/x"},
    {"dataset": "/" + "x" * 5000},
    {"reference": str(OUT_OF_REACH)},
    {"unknown": str(OUT_OF_REACH)},
    {"weights": "/data/net.safetensors"},
    {"class_map": str(OUT_OF_REACH)},
    {"class_names": "/etc/names.txt"},
    {"class_names": "names.json"},
    {"model": "os:abort"},
    {"model": "torchvision:resnet18"},
    {"model": "my_models_too:net"},
    {"method": "os:abort"},
]


def placed(values: dict[str, str], home: Home, folder: Path) -> dict[str, str]:
    return {name: text.replace("HOME", str(home.path)).replace("FOLDER", str(folder)) for name, text in values.items()}


@pytest.mark.parametrize("values", REFUSED, ids=str)
def test_what_is_not_allowed_is_refused_where_it_is_submitted(
    values: dict[str, str], home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = folder.parent / "secret"
    secret.mkdir()
    (folder / "link").symlink_to(secret)
    home.uploads.mkdir()
    (home.uploads / "link").symlink_to(home.runs)
    serving(monkeypatch, folders=[str(folder)], modules=["my_models"])
    (name,) = values
    with pytest.raises(RefusedError, match=f"^Expected `{name}` to be .*whoever runs this server can allow") as caught:
        worker.submit(home, RunSpec.parse(placed(values, home, folder)))
    assert len(str(caught.value)) <= 500
    assert queue.jobs(home) == []


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"reference": "none"},
        {"reference": "bundled"},
        {"unknown": "digits"},
        {"class_names": "cat, dog"},
        {"dataset": "HOME/uploads/0123/pictures"},
        {"dataset": "FOLDER"},
        {"dataset": "FOLDER/deep/er"},
        {"dataset": "FOLDER/deep/../er"},
        {"weights": "FOLDER/net.safetensors"},
        {"model": "my_models:net"},
        {"model": "my_models.vision:net"},
        {"method": "my_models.methods:mine"},
    ],
    ids=str,
)
def test_bundled_uploaded_and_allowed_things_are_taken(
    values: dict[str, str], home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "ensure_worker", lambda *arguments: None)
    serving(monkeypatch, folders=[str(folder)], modules=["my_models"])
    spec = RunSpec.parse(placed(values, home, folder))
    assert worker.submit(home, spec).spec == spec.to_dict()


def test_refusal_does_not_tell_whether_anything_is_there(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch)
    told = set()
    for place in (OUT_OF_REACH, OUT_OF_REACH.with_name("hostnamX")):
        with pytest.raises(RefusedError) as caught:
            allowed.check_place(place, home.uploads, "dataset")
        told.add(str(caught.value).replace(str(place), "PLACE"))
    assert len(told) == 1


def test_process_without_a_policy_may_do_everything(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(policy.VARIABLE, raising=False)
    allowed.check_spec(RunSpec.parse({"dataset": "/data/photos", "model": "my:net"}), home.uploads)


def test_what_was_allowed_when_it_was_submitted_is_done_by_a_worker_without_a_policy(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving(monkeypatch)
    given: list[dict[str, str]] = []
    monkeypatch.setattr(worker.subprocess, "Popen", lambda command, *, env, **options: given.append(env))
    worker.submit(home, RunSpec())
    (environment,) = given
    assert policy.VARIABLE not in environment
    assert environment["ENIGMA_HOME"] == str(home.path)
