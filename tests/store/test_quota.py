"""Disk, queue, uploads and runs are limited where something is added, and what is there already stays."""

import io
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from enigma.jobs import queue, worker
from enigma.spec.errors import InputError, RefusedError
from enigma.store import archive, policy, quota, uploads
from enigma.store.archive import export_zip
from enigma.store.home import Home
from enigma.store.policy import Policy
from enigma.store.run_folder import Run
from tests.conftest import TINY
from tests.stored import RUNS, TINY_ID

STORED = Run(RUNS / TINY_ID)


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """No job is done here, only asked for."""
    monkeypatch.setattr(worker, "ensure_worker", lambda *arguments: None)


def serving(patch: pytest.MonkeyPatch, **values: object) -> None:
    """From now on this process is a server of this policy."""
    patch.setenv(policy.VARIABLE, Policy(**values).model_dump_json())


def picture(size: int = 8) -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, "PNG")
    return buffer.getvalue()


def test_queue_takes_so_many_jobs_and_the_same_wish_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, queued_jobs_per_person=2)
    jobs = [worker.submit(home, TINY.override(seed=seed)) for seed in (1, 2)]
    with pytest.raises(RefusedError, match="at most 2 jobs of all who use this server .* `queued_jobs_per_person`"):
        worker.submit(home, TINY.override(seed=3))
    # Who asks for what waits already adds nothing.
    assert worker.submit(home, TINY.override(seed=2)).id == jobs[1].id
    queue.cancel(home, jobs[0])
    assert worker.submit(home, TINY.override(seed=3)).state == "waiting"


def test_no_more_runs_are_recorded_than_allowed_but_those_that_are_there_go_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(STORED.path, home.runs / TINY_ID)
    serving(monkeypatch, runs_per_person=2)
    worker.submit(home, TINY.override(seed=1))
    # One is here and one waits.
    with pytest.raises(RefusedError, match="at most 2 runs of all who use this server, but 2 .* `runs_per_person`"):
        worker.submit(home, TINY.override(seed=2))
    assert worker.submit(home, home.find(TINY_ID).spec).spec == home.find(TINY_ID).spec.to_dict()
    assert worker.submit(home, TINY.extended(5, step=8), extends=TINY_ID).extends == TINY_ID


def test_imported_runs_count_too(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, runs_per_person=1)
    (imported,), refused = archive.import_runs(export_zip(STORED), home.runs)
    assert (imported.id, refused) == (TINY_ID, [])
    shutil.move(imported.path, imported.path.with_name("abcabcabcabc"))
    assert quota.own_runs(home.runs) == 1
    none, (error,) = archive.import_runs(export_zip(STORED), home.runs)
    assert none == []
    assert "`runs_per_person`" in str(error)
    assert [path.name for path in home.runs.iterdir()] == ["abcabcabcabc"]


def test_nothing_is_begun_or_kept_once_the_disk_is_as_full_as_it_may_be(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    zipped = export_zip(STORED)
    (home.path / "held").write_bytes(b"0" * 1_000_000)
    serving(monkeypatch, disk_gigabytes=0.001)
    with pytest.raises(RefusedError, match=r"less than 0.001 GB .*, but it holds 0.00 GB; .* `disk_gigabytes`"):
        worker.submit(home, TINY)
    with pytest.raises(RefusedError, match="`disk_gigabytes`"):
        uploads.keep_pictures([("a.png", picture())], home.uploads)
    assert "`disk_gigabytes`" in str(archive.import_runs(zipped, home.runs)[1][0])
    assert not home.uploads.exists()
    assert queue.jobs(home) == []
    (home.path / "held").unlink()
    assert uploads.keep_pictures([("a.png", picture())], home.uploads).is_dir()


def test_run_that_would_not_fit_is_not_unpacked(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, disk_gigabytes=0.00001)
    imported, (error,) = archive.import_runs(export_zip(STORED), home.runs)
    assert imported == []
    assert "GB would be added" in str(error)
    assert list(home.runs.iterdir()) == []


def test_upload_is_as_large_as_it_may_be(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    large = picture(700)
    assert len(large) > 1_000_000
    serving(monkeypatch, upload_megabytes=1)
    with pytest.raises(InputError, match="at most 1 MB together"):
        uploads.keep_pictures([("a.png", large)], home.uploads)
    with pytest.raises(RefusedError, match="at most 1 MB, but got 1.5 MB; .* `upload_megabytes`"):
        archive.import_runs(os.urandom(1_500_000), home.runs)


def test_command_line_has_no_quota(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(policy.VARIABLE, raising=False)
    for seed in range(25):
        worker.submit(home, TINY.override(seed=seed))
    assert len(queue.active(home)) == 25


def test_size_of_a_home_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"0" * 100)
    folder = tmp_path / "home"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").write_bytes(b"0" * 7)
    (folder / "link").symlink_to(tmp_path)
    assert quota.size_of(folder) == 7
