"""A sweep makes every combination, records each once, and gives the same bits however many processes work."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from enigma.jobs import sweep
from enigma.spec.errors import InputError
from enigma.spec.run_spec import RunSpec
from enigma.spec.threads import DEFAULT, threads
from enigma.store.home import Home
from tests.conftest import TINY


def test_lists_and_ranges_make_every_combination():
    specs = sweep.grid(
        {
            "method": ["tent", "eta"],
            "seed": {"from": 0, "to": 4, "step": 2},
            "lr": {"from": 1e-4, "to": 1e-2, "count": 3},
        }
    )
    assert len(specs) == len({spec.to_json() for spec in specs}) == 18
    assert {spec.lr for spec in specs} == {1e-4, 1e-3, 1e-2}
    assert {spec.seed for spec in specs} == {0, 2, 4}


def test_a_field_that_takes_a_list_is_swept_by_a_list_of_lists():
    (plain,) = sweep.grid({"steps": 10, "frames": [0, 5, 10]})
    assert plain.frame_steps == (0, 5, 10)
    both = sweep.grid({"steps": 10, "frames": [[0, 10], [0, 5, 10]]})
    assert [spec.frame_steps for spec in both] == [(0, 10), (0, 5, 10)]


def test_settings_are_swept_too():
    specs = sweep.grid({"method": "rdumb", "settings": {"reset_every": [10, 20], "betas": [0.9, 0.99]}})
    assert [spec.settings["reset_every"] for spec in specs] == [10, 20]
    assert all(spec.settings["betas"] == (0.9, 0.99) for spec in specs)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"lr": {"from": 1}}, "to be a range"),
        ({"lr": {"from": "a", "to": "b"}}, "to be a range"),
        ({"seed": []}, "at least one value"),
        ({"sede": [1, 2]}, "did you mean 'seed'"),
        ({"seed": {"from": 0, "to": 10**9}}, "at most 100,000 runs"),
        ({"severity": [1, 9]}, "severity"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(values: dict, said: str):
    with pytest.raises(InputError, match=said):
        sweep.grid(values)


def embeddings(home: Home, outcomes: list[sweep.Outcome]) -> list[np.ndarray]:
    return [home.find(outcome.run_id).frame(8)["embeddings"] for outcome in outcomes]


def test_one_failed_run_stops_no_other_and_what_exists_is_skipped(home: Home):
    specs = [TINY, TINY.override(lr=1e20), TINY.override(seed=1)]
    with ThreadPoolExecutor(1) as executor:
        outcomes = sweep.sweep(specs, home, executor, project=False)
        again = sweep.sweep(specs[:1], home, executor, project=False)
    assert [outcome.state for outcome in outcomes] == ["recorded", "failed", "recorded"]
    assert "Try a smaller learning rate" in outcomes[1].message
    assert [outcome.state for outcome in again] == ["skipped"]


@pytest.mark.slow
def test_serial_and_parallel_give_the_same_bits(tmp_path: Path, cache: Path):
    specs = sweep.grid({**TINY.to_dict(), "seed": [0, 1]})
    found = []
    for name, workers in (("serial", ThreadPoolExecutor(1)), ("parallel", sweep.processes(2))):
        home = Home(tmp_path / name)
        home.path.mkdir()
        home.cache.symlink_to(cache)
        with workers as executor:
            found.append(embeddings(home, sweep.sweep(specs, home, executor, project=False)))
    assert all(np.array_equal(one, other) for one, other in zip(*found, strict=True))
    assert not np.array_equal(*found[0])


def test_a_spec_of_its_own_is_a_sweep_of_one():
    assert sweep.grid(TINY.to_dict()) == [RunSpec.parse(TINY.to_dict())]


def test_one_number_of_threads_is_that_of_every_door(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert (threads(), threads(5)) == (DEFAULT, 5)
    monkeypatch.setenv("OMP_NUM_THREADS", "3,1")
    assert threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    with pytest.raises(InputError, match="OMP_NUM_THREADS to be a number of threads, 1 or more, but got 'many'"):
        threads()


def test_run_that_another_sweep_records_is_waited_for_and_not_recorded_twice(home: Home):
    spec = TINY.override(probes=14, references=10, batch_size=8)
    with ThreadPoolExecutor(1) as executor:
        (first,) = sweep.sweep([spec], home, executor, project=False)
    run = home.find(first.run_id)
    # As it is while another process is at it: unsealed, unfinished and locked.
    run.unseal()
    run.set_status("running", 3)
    other = FileLock(run.path / "lock")
    before = (run.path / "frames" / "000008.safetensors").stat().st_mtime_ns
    other.acquire()

    told = []

    def done(outcome: sweep.Outcome) -> None:
        told.append(outcome.state)
        if len(told) == 1:
            run.set_status("finished", 8)
            run.seal()
            other.release()

    with ThreadPoolExecutor(1) as executor:
        found = sweep.sweep([spec, spec.override(seed=1)], home, executor, project=False, done=done)
    assert [outcome.state for outcome in found] == ["skipped", "recorded"]
    # The free one was recorded meanwhile.
    assert told == ["recorded", "skipped"]
    assert (run.path / "frames" / "000008.safetensors").stat().st_mtime_ns == before


def sweeping(home: Home, folder: Path, *more: str, steps: int = 100_000) -> subprocess.Popen:
    """`enigma sweep` as a shell starts it, of two runs, in a session of its own."""
    frames = [0, 1, 3, 8, *([steps] if steps > 8 else [])]
    file = folder / "sweep.json"
    fields = {**TINY.to_dict(), "steps": steps, "frames": frames, "probes": 14, "references": 10, "batch_size": 8}
    file.write_text(json.dumps({**fields, "seed": [0, 1]}))
    command = [sys.executable, "-m", "enigma", "--home", str(home.path), "sweep", str(file), "--no-projection", *more]
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def wait_until(condition, what: str) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, f"no {what}"
        time.sleep(0.1)


def is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_killed_sweep_leaves_no_process_behind(home: Home, tmp_path: Path, ending: signal.Signals):
    process = sweeping(home, tmp_path, "--workers", "2")
    wait_until(lambda: len(list(home.runs.glob("*/frames/000008.safetensors"))) == 2, "two runs were begun")
    process.send_signal(ending)
    process.wait()
    wait_until(lambda: is_gone(process.pid), "end of its workers")
    assert {run.state for run in home.listed() if run.path.parent == home.runs} == {"interrupted"}


@pytest.mark.slow
def test_two_sweeps_on_one_folder_record_each_spec_once(home: Home, tmp_path: Path):
    both = [sweeping(home, tmp_path, "--workers", "1", "--json", steps=8) for _ in range(2)]
    found = [json.loads(process.communicate()[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    for one, other in zip(*found, strict=True):
        assert one["run"] == other["run"]
        assert sorted((one["state"], other["state"])) == ["recorded", "skipped"]


@pytest.mark.slow
def test_run_and_sweep_give_the_same_id_and_bits(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """With the threads that each takes where nobody names any."""
    monkeypatch.delenv("OMP_NUM_THREADS")
    (swept, _) = json.loads(sweeping(home, tmp_path, "--json", steps=8).communicate()[0])
    other = Home(tmp_path / "other")
    other.path.mkdir()
    other.cache.symlink_to(home.cache.resolve())
    (tmp_path / "spec.json").write_text(json.dumps(swept["spec"]))
    command = [sys.executable, "-m", "enigma", "--home", str(other.path), "run", "--spec", str(tmp_path / "spec.json")]
    ran = subprocess.run([*command, "--no-projection", "--json"], capture_output=True, check=True)
    assert json.loads(ran.stdout)["run"] == swept["run"]
    one, two = home.find(swept["run"]), other.find(swept["run"])
    assert one.facts["hardware"]["threads"] == two.facts["hardware"]["threads"] == DEFAULT
    for name in ("frames/000008.safetensors", "scalars.csv"):
        assert (one.path / name).read_bytes() == (two.path / name).read_bytes()
