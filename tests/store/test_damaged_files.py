"""A run or a job whose files are damaged takes nothing from the others, and can be removed."""

import shutil
import sys
from pathlib import Path

import pytest

from enigma.cli.main import main
from enigma.jobs import queue
from enigma.spec.errors import RunNotFoundError
from enigma.store import collection, index, labels
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.conftest import TINY
from tests.stored import TINY_ID, UNKNOWN_ID, stored

GOOD, BAD = TINY_ID, UNKNOWN_ID
DEEP = b"[" * 100_000
SPEC_OF_LATER = stored(BAD).joinpath("run.json").read_bytes().replace(b'"seed"', b'"sown"')

DAMAGES = [
    *((name, content) for name in ("run.json", "status.json", "label.json") for content in (
        DEEP, b"", b"\xff", b"[]", b"{", b'{"a": 1e999}', b'{"a": ' + b"9" * 5000 + b"}", b" " * (2 << 20),
    ) if (name, content) != ("label.json", b'{"a": 1e999}')),
    ("run.json", stored(BAD).joinpath("run.json").read_bytes()[:300]),
    ("run.json", SPEC_OF_LATER),
    ("run.json", b'{"schema": 2, "id": "6cde214a2cf1", "spec": {}}'),
    ("status.json", b'{"state": "finished"}'),
    ("status.json", b'{"state": "merry", "step": 1, "message": ""}'),
    ("manifest.json", DEEP),
    ("manifest.json", b'{"../../etc/passwd": "0"}'),
]  # fmt: skip

JOBS = [b"", b"{", DEEP, b"[]", b'{"id": "1"}', b'{"id": "../x", "spec": {}}',
        b'{"id": "00000000000000000007", "spec": {}, "colour": 1}',
        b'{"id": "00000000000000000007", "spec": {"sown": 1}}',
        b'{"id": "00000000000000000007", "spec": 1}']  # fmt: skip


@pytest.fixture
def both(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with a good run and one that is to be damaged."""
    for run_id in (GOOD, BAD):
        shutil.copytree(stored(run_id), home.runs / run_id)
    monkeypatch.setenv("ENIGMA_HOME", str(home.path))
    return home


def enigma(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints that ends well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["enigma", *line.split()])
        with pytest.raises(SystemExit) as ended:
            main()
    printed = capsys.readouterr()
    assert (ended.value.code, printed.err) == (0, "")
    return printed.out


@pytest.mark.parametrize(("name", "content"), DAMAGES)
def test_damaged_run_is_listed_beside_the_others_and_can_be_deleted(
    both: Home, name: str, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    both.runs.joinpath(BAD, name).write_bytes(content)
    listed = enigma("runs list", capsys)
    rows = {row.id: row for row in index.rows(both)}
    assert GOOD in listed
    assert BAD in listed
    assert rows[GOOD].state == "finished"
    assert rows[BAD].state == "damaged"
    assert 0 < len(rows[BAD].problem) <= 600
    assert GOOD in [run.id for run in both.readable()]
    assert TINY.to_json() in both.finished()
    assert both.find(GOOD).id == GOOD
    with pytest.raises(RunNotFoundError):
        both.find("nothing")
    assert "Deleted" in enigma(f"runs delete {BAD} --yes", capsys)
    assert BAD not in enigma("runs list", capsys)
    assert BAD in enigma("runs trash", capsys)


@pytest.mark.parametrize("content", JOBS)
def test_damaged_job_is_listed_beside_the_others_and_can_be_dismissed(
    home: Home, content: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENIGMA_HOME", str(home.path))
    good, bad = queue.Job(f"{9:020d}", TINY.to_dict()), f"{7:020d}"
    queue.write(home, good)
    home.queue.joinpath(f"{bad}.json").write_bytes(content)
    listed = enigma("queue list", capsys)
    assert [line.split()[:2] for line in listed.splitlines()] == [[bad, "damaged"], [good.id, "waiting"]]
    assert f"queue dismiss {bad}" in listed
    assert queue.active(home) == [good]
    enigma(f"queue dismiss {bad}", capsys)
    assert queue.jobs(home) == [good]


def test_job_that_is_over_is_forgotten_whatever_its_spec_says(home: Home) -> None:
    """A version that knows other fields cannot do it any more, and need not."""
    job = queue.Job("7", {"sown": 1}, state="done")
    queue.write(home, job)
    assert queue.jobs(home) == [job]


@pytest.mark.parametrize("run_id", ["x" * 300, "ü" * 200, "\udcff" * 20, "a\0b", "../" * 100, "\U0001f600" * 64])
def test_no_name_is_too_long_to_be_unknown(run_id: str, tmp_path: Path) -> None:
    with pytest.raises(RunNotFoundError) as refused:
        collection.find(run_id, tmp_path)
    assert len(str(refused.value)) <= 500


def test_label_that_is_damaged_hides_the_run_from_no_command_but_its_own(both: Home) -> None:
    both.runs.joinpath(BAD, "label.json").write_bytes(DEEP)
    assert both.find(BAD).spec.unknown == "digits"
    labels.write(Run(both.runs / BAD), labels.Label("new"))
    assert {row.id: row.label.name for row in index.rows(both)}[BAD] == "new"
