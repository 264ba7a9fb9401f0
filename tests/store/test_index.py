"""The list of runs: read once, whole or named as damaged, found and sorted."""

import json
import math
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from enigma.analysis.reading import summary
from enigma.spec.errors import InputError
from enigma.store import index, labels
from enigma.store.home import Home
from enigma.store.labels import Label
from enigma.store.run_folder import Run


@pytest.fixture
def several(home: Home, tiny_run: Run) -> Home:
    """Three runs of one's own: labelled, of another method and paused, damaged."""
    for number in (1, 2, 3):
        run = Run(home.runs / f"{number:012x}")
        shutil.copytree(tiny_run.path, run.path)
        spec = {**run.spec.to_dict(), "seed": number, **({"method": "norm"} if number == 2 else {})}
        facts = {**run.facts, "id": run.id, "spec": spec, "created": f"2026-01-0{number}T00:00:00Z"}
        run.write("run.json", json.dumps(facts).encode() if number < 3 else b"{")
    labels.write(Run(home.runs / f"{1:012x}"), Label.of("Figure 3", "paper collapse", "The turn"))
    Run(home.runs / f"{2:012x}").set_status("paused", 3)
    return home


def ids(rows: list[index.Row]) -> list[int]:
    """The numbers of the runs of one's own, in order."""
    return [int(row.id, 16) for row in rows if row.own]


def test_row_has_the_numbers_of_the_run(several: Home) -> None:
    row = next(row for row in index.rows(several) if row.id == f"{1:012x}")
    told = summary(Run(row.path))
    assert (row.source, row.first, row.best, row.last) == (
        told["source_accuracy"], told["frame0_accuracy"], told["best_accuracy"], told["final_accuracy"],
    )  # fmt: skip
    assert (row.title, row.method, row.shift, row.model) == (
        "Tent · Gaussian noise 3",
        "Tent",
        "Gaussian noise 3",
        "resnet-bn",
    )
    assert (row.state, row.step, row.steps, row.label.name) == ("finished", 8, 8, "Figure 3")


def test_newest_come_first_and_the_bundled_run_is_among_them(several: Home) -> None:
    listed = index.rows(several)
    assert ids(listed) == [2, 1, 3]
    assert [row.id for row in listed if not row.own] == [several.example().id]


@pytest.mark.parametrize("state", ["running", "failed", "paused"])
def test_bundled_run_recorded_anew_and_left_half_hides_nothing(state: str, tmp_path: Path) -> None:
    home = Home(tmp_path)
    bundled = home.example()
    copy = Run(home.runs / bundled.id)
    shutil.copytree(bundled.path, copy.path)
    copy.set_status(state, 1)
    # Whoever pauses goes on later, and wants to see it meanwhile; a run whose process is gone is left.
    shown = copy.path if state == "paused" else bundled.path
    assert home.find(bundled.id).path == shown
    assert [run.path for run in home.listed()] == [shown]
    assert [(row.path, row.own) for row in index.rows(home)] == [(shown, state == "paused")]
    if state == "running":
        with FileLock(copy.path / "lock"):
            assert home.find(bundled.id).path == copy.path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.json", b"{"), ("run.json", None), ("run.json", b"[]"), ("run.json", b'{"schema": 99, "id": "x"}'),
        ("status.json", b'{"state": "finished"}'), ("status.json", b"\xff"), ("frames/000003.safetensors", b"{}"),
        ("label.json", b'{"name": 1}'),
    ],
)  # fmt: skip
def test_damaged_run_is_listed_with_what_to_do_and_hides_no_other(
    several: Home, name: str, content: bytes | None
) -> None:
    path = several.runs / f"{1:012x}" / name
    path.unlink() if content is None else path.write_bytes(content)
    row = next(row for row in index.rows(several) if row.id == f"{1:012x}")
    assert row.state == "damaged"
    # What a newer version wrote is not to be deleted.
    assert ("install that version" in row.problem) != ("Delete it" in row.problem)
    assert math.isnan(row.best)
    assert len(index.rows(several)) == 4
    # It keeps no other from being found by an id that it once had.
    assert several.find(f"{2:012x}").state == "paused"


def test_run_is_read_again_only_when_it_has_changed(several: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(several.runs / f"{1:012x}")
    index.rows(several)
    reads: list[Path] = []
    original = index._accuracies
    monkeypatch.setattr(index, "_accuracies", lambda run: reads.append(run.path) or original(run))
    index.rows(several)
    assert reads == []
    labels.rename(run, "another")
    row = next(row for row in index.rows(several) if row.id == run.id)
    assert row.label.name == "another"
    assert {path.name for path in reads} == {run.id}


def test_run_whose_process_is_gone_is_interrupted_without_any_file_written(several: Home) -> None:
    run = Run(several.runs / f"{1:012x}")
    run.set_status("running", 5)
    state = {row.id: row.state for row in index.rows(several)}
    assert state[run.id] == "interrupted"
    with FileLock(run.path / "lock"):
        state = {row.id: row.state for row in index.rows(several)}
        assert state[run.id] == "running"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [2, 1, 3]), ("TURN", [1]), ("figure gaussian", [1]), ("figure norm", []), ("tag:paper", [1]),
        ("tag:pap", []), ("state:damaged", [3]), ("method:norm state:paused", [2]), ("shift:gaussian-noise-3", [2, 1]),
        ("lr=0.003", [2, 1]), ("lr=3e-3 method=norm", [2]), ("seed=1", [1]), ("batch-size=16", [2, 1]),
        ("corruption=gaussian_noise severity=3.0", [2, 1]), ("unknown=none", [2, 1]), ("lr=fast", []),
        ("reset_every=7", []), ("frames=0,1,3,8", [2, 1]), ("model:resnet-bn", [2, 1]),
        ("000000000002", [2]), ("bundled", []),
    ],
)  # fmt: skip
def test_filter_asks_for_every_word(several: Home, query: str, found: list[int]) -> None:
    assert ids(index.filtered(index.rows(several), query)) == found


def test_sort_puts_runs_that_lack_the_number_last_either_way(several: Home) -> None:
    listed = index.rows(several)
    assert ids(index.ordered(listed, "created")) == [1, 2, 3]
    assert ids(index.ordered(listed, "best"))[-1] == 3
    assert ids(index.ordered(listed, "-best"))[-1] == 3
    assert ids(index.ordered(listed, "name"))[0] == 1
    assert ids(index.ordered(listed, "steps"))[-2:] == [2, 1]


def test_unknown_column_and_field_are_named(several: Home) -> None:
    with pytest.raises(InputError, match="beauty"):
        index.ordered([], "-beauty")
    with pytest.raises(InputError, match="'sede'; did you mean 'seed'"):
        index.filtered(index.rows(several), "sede=1")
    with pytest.raises(InputError, match="colour:red"):
        index.filtered(index.rows(several), "colour:red")
