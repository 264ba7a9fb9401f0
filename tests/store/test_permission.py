"""What may not be changed is refused where it would be changed, whatever a page offers."""

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from enigma.jobs import projecting, queue, worker
from enigma.jobs.queue import Job
from enigma.spec.errors import RefusedError
from enigma.spec.run_spec import RunSpec
from enigma.store import archive, labels, permission, policy, trash, uploads
from enigma.store.archive import export_zip
from enigma.store.home import Home
from enigma.store.labels import Label
from enigma.store.permission import OWNER, Person
from enigma.store.policy import Policy
from enigma.store.run_folder import Run
from tests.conftest import TINY
from tests.stored import RUNS, TINY_ID

BIN = "0" * 20


@pytest.fixture
def home(home: Home) -> Home:
    """A home with a run, another in the trash, a job that waits and one that has failed."""
    shutil.copytree(RUNS / TINY_ID, home.runs / TINY_ID)
    shutil.copytree(RUNS / TINY_ID, home.trash / BIN / "abcabcabcabc")
    for number, state in enumerate(("waiting", "failed")):
        queue.write(home, Job(f"{number:020d}", TINY.to_dict(), state=state))
    return home


def files(home: Home) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(home.path.rglob("*")) if path.is_file()}


def picture() -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    return buffer.getvalue()


CHANGES: dict[str, Callable[[Home, Run], object]] = {
    "submit": lambda home, run: worker.submit(home, RunSpec()),
    "cancel": lambda home, run: queue.cancel(home, queue.jobs(home)[0]),
    "dismiss": lambda home, run: queue.dismiss(home, queue.jobs(home)[1]),
    "pause": lambda home, run: run.ask("pause"),
    "stop": lambda home, run: run.ask("stop"),
    "label": lambda home, run: labels.write(run, Label("mine")),
    "unlabel": lambda home, run: labels.write(run, Label()),
    "rename": lambda home, run: labels.rename(run, "mine"),
    "tag": lambda home, run: labels.tag(run, "mine"),
    "annotate": lambda home, run: labels.annotate(run, "mine"),
    "delete": lambda home, run: trash.throw(run, home.trash),
    "restore": lambda home, run: trash.restore("abcabcabcabc", home.trash, home.runs),
    "empty the trash": lambda home, run: trash.empty(home.trash),
    "let what is old go": lambda home, run: trash.empty(home.trash, trash.DAYS_KEPT),
    "import": lambda home, run: archive.import_runs(export_zip(run), home.path / "elsewhere"),
    "import one": lambda home, run: archive.import_zip(export_zip(run), home.path / "elsewhere"),
    "upload": lambda home, run: uploads.keep_pictures([("a.png", picture())], home.uploads),
}


@pytest.mark.parametrize("change", CHANGES)
def test_server_that_only_shows_refuses_every_change_and_changes_nothing(
    change: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, before = home.find(TINY_ID), files(home)
    monkeypatch.setenv(policy.VARIABLE, Policy(restricted=False, read_only=True).model_dump_json())
    with pytest.raises(RefusedError, match="whoever runs it can start it without --read-only"):
        CHANGES[change](home, run)
    assert files(home) == before


def test_server_that_only_shows_starts_neither_worker_nor_fit(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(home)
    monkeypatch.setenv(policy.VARIABLE, Policy(read_only=True).model_dump_json())
    worker.ensure_workers(home)
    assert not projecting.ensure_fitted(home, home.find(TINY_ID))
    assert files(home) == before


@pytest.mark.parametrize("change", [name for name in CHANGES if name != "submit"])
def test_the_same_changes_are_made_where_nothing_forbids_them(change: str, home: Home, tmp_path: Path) -> None:
    run = home.find(TINY_ID)
    if change == "unlabel":
        labels.write(run, Label("mine"))
    before = files(home)
    CHANGES[change](home, run)
    assert files(home) != before


ANN, BOB = Person("https://id.example 1", "ann@example.org"), Person("https://id.example 2", "bob@example.org")


@pytest.fixture
def sign_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Person | None], None]]:
    """From now on this is a server to which people sign in; says who acts next."""
    monkeypatch.setenv(policy.VARIABLE, Policy(sign_in=True).model_dump_json())
    monkeypatch.setattr(worker, "ensure_worker", lambda *arguments: None)
    yield lambda person: permission.identified_by(lambda: person)
    permission.identified_by(lambda: None)


OWNED = [name for name in CHANGES if name not in ("submit", "import", "import one", "upload", "let what is old go")]


@pytest.mark.parametrize("change", OWNED)
def test_what_belongs_to_one_person_is_changed_by_no_other(
    change: str, home: Home, sign_in: Callable[[Person | None], None]
) -> None:
    for folder in (home.runs / TINY_ID, home.trash / BIN / "abcabcabcabc"):
        permission.give(folder, ANN)
    for job in queue.jobs(home):
        queue.write(home, replace(job, person=ANN.key, by=ANN.name))
    run, before = home.find(TINY_ID), files(home)
    sign_in(BOB)
    if change == "empty the trash":
        # It empties what is his own, which is nothing.
        assert trash.empty(home.trash) == 0
    else:
        with pytest.raises(RefusedError, match="to be yours, but it belongs to ann@example.org; only its owner"):
            CHANGES[change](home, run)
    assert files(home) == before
    sign_in(ANN)
    if change == "unlabel":
        labels.write(run, Label("mine"))
    before = files(home)
    CHANGES[change](home, run)
    assert files(home) != before


@pytest.mark.parametrize("change", [name for name in OWNED if name != "empty the trash"])
def test_what_belongs_to_nobody_is_changed_on_the_command_line_only(
    change: str, home: Home, sign_in: Callable[[Person | None], None]
) -> None:
    before = files(home)
    sign_in(ANN)
    with pytest.raises(RefusedError, match="not recorded by anybody who signed in"):
        CHANGES[change](home, home.find(TINY_ID))
    assert files(home) == before


@pytest.mark.parametrize("change", CHANGES)
def test_who_has_not_signed_in_changes_nothing(
    change: str, home: Home, sign_in: Callable[[Person | None], None]
) -> None:
    run, before = home.find(TINY_ID), files(home)
    sign_in(None)
    with pytest.raises(RefusedError, match="to be signed in, but nobody is"):
        CHANGES[change](home, run)
    assert files(home) == before


def test_job_and_imported_run_carry_the_person_and_their_zip_does_not(
    home: Home, tmp_path: Path, sign_in: Callable[[Person | None], None]
) -> None:
    sign_in(ANN)
    job = worker.submit(home, RunSpec(), by="somebody else")
    assert (job.person, job.by) == (ANN.key, ANN.name)
    content = export_zip(home.find(TINY_ID))
    (imported,), _ = archive.import_runs(content, tmp_path / "other" / "runs")
    assert permission.owner_of(imported.path) == ANN
    again = export_zip(imported)
    assert OWNER not in " ".join(zipfile.ZipFile(io.BytesIO(again)).namelist())
    imported.verify()


def test_quota_of_one_person_is_not_that_of_another(
    home: Home, monkeypatch: pytest.MonkeyPatch, sign_in: Callable[[Person | None], None]
) -> None:
    few = Policy(sign_in=True, queued_jobs_per_person=1)
    monkeypatch.setenv(policy.VARIABLE, few.model_dump_json())
    for person in (ANN, BOB):
        sign_in(person)
        worker.submit(home, TINY.override(seed=7 if person == ANN else 8))
        with pytest.raises(RefusedError, match="at most 1 jobs of yours in the queue"):
            worker.submit(home, TINY.override(seed=9))


def test_another_persons_run_is_neither_resumed_nor_replaced_but_a_finished_one_is_found(
    home: Home, sign_in: Callable[[Person | None], None]
) -> None:
    run = home.find(TINY_ID)
    permission.give(run.path, ANN)
    queue.path_of(home, queue.jobs(home)[0]).unlink()
    sign_in(BOB)
    with pytest.raises(RefusedError, match="ann@example.org"):
        worker.submit(home, run.spec.extended(5, step=8), extends=run.id)
    assert worker.submit(home, run.spec).person == BOB.key
    run.set_status("paused", 3)
    with pytest.raises(RefusedError, match="ann@example.org"):
        worker.submit(home, run.spec)
    sign_in(ANN)
    assert worker.submit(home, run.spec.extended(5, step=8), extends=run.id).extends == run.id


@pytest.mark.parametrize("content", ["[]", "{", '{"key": 3}', '{"key": "https://id.example 1", "more": 1}'])
def test_damaged_owner_makes_a_run_nobodys(content: str, home: Home, sign_in: Callable[[Person | None], None]) -> None:
    (home.runs / TINY_ID / OWNER).write_text(content)
    sign_in(ANN)
    assert not permission.may_change_run(home.runs / TINY_ID)
    with pytest.raises(RefusedError):
        trash.throw(home.find(TINY_ID), home.trash)


@pytest.mark.slow
def test_recorded_run_is_that_of_who_asked_for_it_also_when_it_goes_on(
    home: Home, sign_in: Callable[[Person | None], None]
) -> None:
    sign_in(ANN)
    for job in queue.jobs(home):
        queue.path_of(home, job).unlink()
    worker.submit(home, TINY.override(seed=3))
    worker.work(home, "cpu", idle_seconds=0.5)
    (done,) = queue.jobs(home)
    run = home.find(done.run_id)
    assert permission.owner_of(run.path) == ANN
    sign_in(BOB)
    with pytest.raises(RefusedError):
        worker.submit(home, run.spec.extended(2, step=8), extends=run.id)
    sign_in(ANN)
    worker.submit(home, run.spec.extended(2, step=8), extends=run.id)
    worker.work(home, "cpu", idle_seconds=0.5)
    assert permission.owner_of(home.find(queue.jobs(home)[-1].run_id).path) == ANN
