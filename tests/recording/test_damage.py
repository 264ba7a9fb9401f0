"""What is damaged is named, and recorded again or refused; it is never sealed as good, and nothing good is lost."""

import errno
import json
import shutil
from pathlib import Path

import pytest

from enigma.analysis.projection import stored
from enigma.recording import loop
from enigma.recording.listeners import Listeners
from enigma.recording.loop import record
from enigma.spec.errors import CorruptRunError, FullDiskError
from enigma.store import durable, manifest, noted
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.conftest import TINY as STORED
from tests.recording.test_loop import fingerprint, pause_at

# The method that never changes the model is the fastest one.
TINY = STORED.override(method="source", probes=14, references=10, batch_size=8)
FILES = (
    "run.json", "scalars.csv", "reference.safetensors", "probe.safetensors", "thumbnails.webp",
    "reference_thumbnails.webp", "checkpoint.safetensors", "frames/000001.safetensors",
)  # fmt: skip


class _Killed(BaseException):
    """Ends a recording as a signal would, at whatever step, with nothing put in order."""


def killed_at(step: int, **more) -> Listeners:
    def stepped(progress) -> None:
        if progress.step == step:
            raise _Killed

    return Listeners(stepped=stepped, **more)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Run:
    return record(TINY, tmp_path_factory.mktemp("whole"), cache)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Run:
    """A run that was killed at step 6, with its checkpoint at step 5 and frames 0, 1 and 3."""
    root = tmp_path_factory.mktemp("killed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "CHECKPOINT_SECONDS", 0.0)
        with pytest.raises(_Killed):
            record(TINY, root, cache, killed_at(6))
    (path,) = root.glob("[!.]*")
    return Run(path)


@pytest.fixture
def interrupted(killed: Run, home: Home) -> Run:
    return Run(Path(shutil.copytree(killed.path, home.runs / killed.id)))


@pytest.fixture
def finished(whole: Run, home: Home) -> Run:
    return Run(Path(shutil.copytree(whole.path, home.runs / whole.id)))


def flip(path: Path) -> None:
    """Changes one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


DAMAGES = [
    *((flip, name) for name in FILES),
    *((Path.unlink, name) for name in FILES),
    *((damage, name) for damage in (cut, empty) for name in ("scalars.csv", *FILES[-2:])),
]


def contents(run: Run) -> dict[str, bytes]:
    files = (path for path in run.path.rglob("*") if path.is_file() and path.name != "lock")
    return {path.relative_to(run.path).as_posix(): path.read_bytes() for path in files}


def resumed(home: Home) -> tuple[Run, list[str]]:
    told: list[str] = []
    return record(TINY, home.runs, home.cache, Listeners(repaired=told.append)), told


def assert_as_uninterrupted(run: Run, whole: Run) -> None:
    run.verify()
    assert run.state == "finished"
    assert fingerprint(run) == fingerprint(whole)
    assert sorted(path.name for path in run.path.parent.iterdir()) == [run.id]


def test_killed_run_has_a_digest_of_every_file_and_goes_on_without_a_word(
    interrupted: Run, home: Home, whole: Run
) -> None:
    assert not interrupted.has("manifest.json")
    assert set(manifest.recorded(interrupted.path)) == set(noted.read(interrupted.path))
    run, told = resumed(home)
    assert told == []
    assert_as_uninterrupted(run, whole)
    assert not run.has(noted.NAME)


@pytest.mark.parametrize(("damage", "name"), DAMAGES)
def test_damaged_file_of_an_interrupted_run_is_named_and_recorded_again(
    interrupted: Run, home: Home, whole: Run, name: str, damage
) -> None:
    damage(interrupted.path / name)
    run, told = resumed(home)
    assert len(told) == 1
    assert name in told[0]
    assert_as_uninterrupted(run, whole)


@pytest.mark.parametrize(("damage", "name"), DAMAGES)
def test_damaged_file_of_a_finished_run_is_refused_and_nothing_is_touched(
    finished: Run, home: Home, name: str, damage
) -> None:
    damage(finished.path / name)
    before = contents(finished)
    with pytest.raises(CorruptRunError, match=Path(name).name):
        resumed(home)
    with pytest.raises(CorruptRunError, match=Path(name).name):
        record(TINY.extended(2, step=8), home.runs, home.cache, extends=finished)
    with pytest.raises(CorruptRunError, match=Path(name).name):
        stored.project(finished, ("pca",))
    assert contents(finished) == before
    assert list(home.runs.iterdir()) == [finished.path]


@pytest.mark.parametrize("name", FILES)
def test_damaged_interrupted_run_is_not_extended(interrupted: Run, home: Home, name: str) -> None:
    flip(interrupted.path / name)
    before = contents(interrupted)
    with pytest.raises(CorruptRunError):
        record(TINY.extended(2, step=5), home.runs, home.cache, extends=interrupted)
    assert contents(interrupted) == before
    assert list(home.runs.iterdir()) == [interrupted.path]


@pytest.mark.parametrize("name", ["status.json", "digests"])
@pytest.mark.parametrize("damage", [flip, cut, empty, Path.unlink])
def test_damaged_status_or_record_of_digests_costs_time_at_most(
    interrupted: Run, home: Home, whole: Run, name: str, damage
) -> None:
    damage(interrupted.path / name)
    run, _ = resumed(home)
    assert_as_uninterrupted(run, whole)


@pytest.mark.parametrize("name", ["frames/000001.safetensors", "checkpoint.safetensors", "reference.safetensors"])
def test_damaged_interrupted_run_that_is_resumed_by_its_id_is_recorded_again(
    interrupted: Run, home: Home, whole: Run, name: str
) -> None:
    (interrupted.path / name).unlink()
    # As `enigma run --resume` does: it goes on from itself.
    told: list[str] = []
    run = record(interrupted.spec, home.runs, home.cache, Listeners(repaired=told.append), extends=interrupted)
    assert_as_uninterrupted(run, whole)
    assert f"{name} is missing" in told[0]


def test_unreadable_status_is_written_anew_before_anyone_reads_it(interrupted: Run, home: Home, whole: Run) -> None:
    (interrupted.path / "status.json").write_text("")
    told: list[int] = []
    run = record(TINY, home.runs, home.cache, Listeners(started=lambda run: told.append(run.status["step"])))
    assert_as_uninterrupted(run, whole)
    assert told == [5]


@pytest.mark.parametrize("name", ["frames/000001.safetensors", "checkpoint.safetensors", "scalars.csv"])
@pytest.mark.parametrize("damage", [cut, empty])
def test_run_without_digests_is_checked_by_the_form_of_its_files(
    interrupted: Run, home: Home, whole: Run, name: str, damage
) -> None:
    (interrupted.path / noted.NAME).unlink()
    damage(interrupted.path / name)
    run, told = resumed(home)
    assert name in told[0]
    assert_as_uninterrupted(run, whole)


def test_frame_that_holds_no_numbers_has_not_the_form_of_one(interrupted: Run, home: Home, whole: Run) -> None:
    frame = interrupted.frame(1)
    frame["entropies"][3] = float("nan")
    interrupted.write_arrays("frames/000001.safetensors", frame)
    (interrupted.path / noted.NAME).unlink()
    run, told = resumed(home)
    assert "frames/000001.safetensors is damaged" in told[0]
    assert_as_uninterrupted(run, whole)


@pytest.mark.parametrize("name", ["frames/000003.safetensors", "reference.safetensors"])
def test_damaged_paused_run_is_recorded_again(home: Home, whole: Run, name: str) -> None:
    paused = record(TINY, home.runs, home.cache, pause_at(3))
    flip(paused.path / name)
    run, told = resumed(home)
    assert f"{name} is changed" in told[0]
    # A frame at the checkpoint can be made again from it.
    assert told[0].endswith("from step 3." if "frames" in name else "from the start.")
    assert_as_uninterrupted(run, whole)


def test_paused_run_without_digests_of_its_own_is_still_checked_after_it_was_killed(home: Home, cache: Path) -> None:
    paused = record(TINY, home.runs, home.cache, pause_at(3))
    assert not paused.has(noted.NAME)
    with pytest.raises(_Killed):
        record(TINY, home.runs, home.cache, killed_at(4))
    flip(paused.path / "frames/000001.safetensors")
    _, told = resumed(home)
    assert "frames/000001.safetensors is changed" in told[0]


def test_damage_while_a_run_goes_on_is_not_sealed(home: Home) -> None:
    listeners = Listeners()
    listeners.framed = lambda run, step: flip(run.path / "probe.safetensors") if step == 3 else None
    with pytest.raises(CorruptRunError, match=r"probe\.safetensors"):
        record(TINY, home.runs, home.cache, listeners)
    (path,) = home.runs.iterdir()
    assert Run(path).state == "interrupted"
    assert not Run(path).has("manifest.json")


def test_run_that_is_recorded_again_keeps_its_label_and_ids_and_the_damaged_one_until_it_is_whole(
    interrupted: Run, home: Home
) -> None:
    interrupted.write("run.json", json.dumps(interrupted.facts | {"extends": ["0" * 12]}).encode())
    interrupted.write("label.json", b'{"name": "mine", "tags": [], "note": ""}')
    flip(interrupted.path / "frames/000001.safetensors")
    before = contents(interrupted)
    with pytest.warns(UserWarning, match="from the start"), pytest.raises(_Killed):
        record(TINY, home.runs, home.cache, killed_at(2))
    (aside,) = home.runs.glob(".*.damaged")
    assert contents(Run(aside)) == before
    run, _ = resumed(home)
    assert json.loads((run.path / "label.json").read_text())["name"] == "mine"
    assert home.find("0" * 12) == run
    assert not list(home.runs.glob(".*"))


def test_remains_of_a_killed_write_are_swept_up(interrupted: Run, home: Home, whole: Run) -> None:
    for name in ("frames/.000003.safetensors.1.2.tmp", ".checkpoint.safetensors.1.2.tmp", ".status.json.1.2.tmp"):
        (interrupted.path / name).write_bytes(b"half")
    (interrupted.path / ".label.json.1.2.tmp").write_bytes(b"somebody is writing this")
    run, told = resumed(home)
    assert told == []
    assert [path.name for path in run.path.rglob(".*.tmp")] == [".label.json.1.2.tmp"]


def test_lines_that_are_cut_off_or_damaged_are_passed_over(tmp_path: Path) -> None:
    noted.add(tmp_path, {"a": "1" * 64, "b": "2" * 64})
    path = tmp_path / noted.NAME
    path.write_bytes(path.read_bytes()[:-3])
    noted.add(tmp_path, {"a": "3" * 64})
    assert noted.read(tmp_path) == {"a": {"1" * 64, "3" * 64}}
    path.write_bytes(path.read_bytes().replace(b"1" * 64, b"1" * 63 + b"0"))
    assert noted.read(tmp_path) == {"a": {"3" * 64}}


@pytest.mark.parametrize("name", ["000003.safetensors", "checkpoint.safetensors", "manifest.json"])
def test_full_disk_pauses_a_run_which_goes_on_when_there_is_room(
    home: Home, whole: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write = durable.write

    def full(path: Path, content: bytes, *, sync: bool) -> None:
        if path.name == name:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, content, sync=sync)

    with monkeypatch.context() as patch:
        patch.setattr(durable, "write", full)
        with pytest.raises(FullDiskError, match="Free some room"):
            record(TINY, home.runs, home.cache)
    paused = Run(home.runs / whole.id)
    assert paused.state == "paused"
    assert "is full" in paused.status["message"]
    run, told = resumed(home)
    assert told == []
    assert_as_uninterrupted(run, whole)
