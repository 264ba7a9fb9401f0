"""Name, tags and note: beside the run, never part of it."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from enigma.spec.errors import InputError
from enigma.store import archive, collection, labels, run_folder
from enigma.store.home import Home
from enigma.store.labels import Label
from enigma.store.run_folder import Run
from tests.store.test_run_folder import damaged


def test_label_changes_neither_id_nor_checksums(copied: Run) -> None:
    manifest, facts = (copied.path / "manifest.json").read_bytes(), copied.facts
    labels.write(copied, Label.of("the turn", "paper, collapse", "look at step 3"))
    copied.verify()
    copied.seal()
    assert (copied.path / "manifest.json").read_bytes() == manifest
    assert copied.facts == facts


def test_label_survives_zip_and_import(copied: Run, tmp_path: Path) -> None:
    label = Label.of("<b>bold</b>", "paper", "one\ntwo")
    labels.write(copied, label)
    imported = archive.import_zip(archive.export_zip(copied), tmp_path / "other")
    imported.verify()
    assert labels.read(imported) == label


def test_label_goes_on_with_the_run_that_extends_it(copied: Run) -> None:
    label = Label.of("mine", "paper")
    labels.write(copied, label)
    longer = collection.extend(copied, copied.path.parent, copied.spec.extended(2, 8), "f" * 12)
    assert not copied.path.exists()
    assert labels.read(longer) == label


def test_changing_one_part_keeps_the_others_and_an_empty_label_leaves_no_file(copied: Run) -> None:
    labels.rename(copied, "  the \t turn ")
    labels.tag(copied, add="Paper #new")
    labels.annotate(copied, "first\nsecond")
    labels.tag(copied, remove="new")
    assert labels.read(copied) == Label("the turn", ("paper",), "first\nsecond")
    labels.rename(copied, "")
    labels.annotate(copied, "")
    labels.tag(copied, remove="paper")
    assert not (copied.path / run_folder.LABEL).exists()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "x" * 81}, "name of at most 80"),
        ({"tags": ["x" * 31]}, "tag of at most 30"),
        ({"tags": list("abcdefghijklm")}, "at most 12 tags"),
        ({"note": "x" * 4001}, "note of at most 4,000"),
        ({"name": 3}, "something else"),
        ({"tags": "paper"}, "something else"),
        ([], "something else"),
    ],
)
def test_label_that_is_too_long_or_of_another_kind_is_refused(values: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Label.parse(values)


def test_characters_that_would_move_a_terminal_are_dropped() -> None:
    assert Label.of("a\x1b[2Jb\u202ec", "t\x07ag", "x\x00\ny").name == "a[2Jbc"
    assert Label.of(tags="t\x07ag").tags == ("tag",)
    assert Label.of(note="x\x00\ny").note == "x\ny"


def test_zip_with_a_false_label_is_refused(tiny_run: Run, tmp_path: Path) -> None:
    content = damaged(archive.export_zip(tiny_run), lambda z, i: z.writestr(f"{i}/label.json", json.dumps({"name": 1})))
    with pytest.raises(InputError, match="label"):
        archive.import_zip(content, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_bundled_run_cannot_be_changed_and_says_so(home: Home) -> None:
    with pytest.raises(InputError, match="came with the installation and cannot be renamed"):
        home.own(home.example().id, "be renamed")


def test_several_runs_in_one_zip_come_in_each_on_its_own(tiny_run: Run, home: Home) -> None:
    example = home.example()
    content = archive.export_zip(tiny_run, example)
    assert {name[:12] for name in zipfile.ZipFile(io.BytesIO(content)).namelist()} == {tiny_run.id, example.id}
    archive.import_zip(archive.export_zip(example), home.runs)
    imported, refused = archive.import_runs(content, home.runs)
    assert [run.id for run in imported] == [tiny_run.id]
    assert len(refused) == 1
    assert "not here yet" in str(refused[0])
