"""A deleted run can be brought back, for a while."""

from pathlib import Path

import pytest
from filelock import FileLock

from enigma.spec.errors import InputError, RunNotFoundError
from enigma.store import trash
from enigma.store.run_folder import Run


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_deleted_run_comes_back_to_the_same_bits(copied: Run, tmp_path: Path) -> None:
    root, bin_, before = copied.path.parent, tmp_path / "trash", contents(copied.path)
    item = trash.throw(copied, bin_)
    assert not copied.path.exists()
    assert item.size == sum(map(len, before.values()))
    assert [found.run.id for found in trash.thrown(bin_)] == [copied.id]
    restored = trash.restore(copied.id, bin_, root)
    restored.verify()
    assert contents(restored.path) == before
    assert trash.thrown(bin_) == []
    assert list(bin_.iterdir()) == []


def test_the_same_run_can_be_deleted_twice_and_the_last_one_comes_back_first(copied: Run, tmp_path: Path) -> None:
    root, bin_ = copied.path.parent, tmp_path / "trash"
    trash.throw(copied, bin_)
    copied.path.mkdir()
    copied.write("run.json", b"second")
    trash.throw(copied, bin_)
    assert len(trash.thrown(bin_)) == 2
    assert trash.restore(copied.id, bin_, root).path.joinpath("run.json").read_bytes() == b"second"
    with pytest.raises(InputError, match="delete it first"):
        trash.restore(copied.id, bin_, root)


def test_what_is_not_in_the_trash_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunNotFoundError, match="000000000000"):
        trash.restore("0" * 12, tmp_path, tmp_path)


def test_trash_empties_what_is_older_than_thirty_days_and_nothing_else(copied: Run, tmp_path: Path) -> None:
    bin_ = tmp_path / "trash"
    item = trash.throw(copied, bin_)
    assert trash.empty(bin_, trash.DAYS_KEPT) == 0
    day = 86_400 * 10**9
    old = item.run.path.parent
    old.rename(bin_ / f"{int(old.name) - 29 * day:020d}")
    assert trash.empty(bin_, trash.DAYS_KEPT) == 0
    (old,) = bin_.iterdir()
    assert trash.thrown(bin_)[0].days_left() == pytest.approx(1, abs=1e-3)
    old.rename(bin_ / f"{int(old.name) - 2 * day:020d}")
    assert trash.empty(bin_, trash.DAYS_KEPT) == 1
    assert list(bin_.iterdir()) == []


def test_trash_is_emptied_on_request_whatever_its_age(copied: Run, tmp_path: Path) -> None:
    trash.throw(copied, tmp_path / "trash")
    assert trash.empty(tmp_path / "trash") == 1
    assert trash.thrown(tmp_path / "trash") == []


def test_run_that_is_being_recorded_is_not_deleted(copied: Run, tmp_path: Path) -> None:
    copied.set_status("running", 3)
    with FileLock(copied.path / "lock"), pytest.raises(InputError, match="stop it first"):
        trash.throw(copied, tmp_path / "trash")
    assert copied.path.exists()
    # Its process is gone: it may go.
    trash.throw(copied, tmp_path / "trash")
    assert not copied.path.exists()


def test_damaged_run_can_be_deleted(copied: Run, tmp_path: Path) -> None:
    (copied.path / "status.json").write_text("{")
    trash.throw(copied, tmp_path / "trash")
    assert not copied.path.exists()
