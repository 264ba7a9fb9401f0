"""The command line, as a shell sees it."""

import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from PIL import Image

from enigma.cli.main import main
from enigma.recording.loop import record
from enigma.spec.catalogue import CORRUPTIONS, METHODS
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.conftest import TINY
from tests.images import layouts


def shell(*arguments: str, home: Path) -> subprocess.CompletedProcess:
    """A command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "enigma", *arguments], capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "ENIGMA_HOME": str(home)},
    )  # fmt: skip


def enigma(*arguments: str, home: Path) -> subprocess.CompletedProcess:
    """The same in this process, which has imported already what the command needs."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("ENIGMA_HOME", str(home))
        patch.setattr(sys, "argv", ["enigma", *arguments])
        try:
            main()
        except SystemExit as stopped:
            status = int(stopped.code or 0)
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


def test_bad_input_is_one_sentence_on_standard_error_and_exit_status_two(tmp_path: Path) -> None:
    result = enigma("rnu", home=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.endswith("but got 'rnu'; did you mean 'run'?\n")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [("list", "nonsense"), ("list", "scores", "--json")])
def test_command_does_in_a_shell_what_it_does_here(arguments: tuple[str, ...], tmp_path: Path) -> None:
    alone, here = (run(*arguments, home=tmp_path) for run in (shell, enigma))
    assert (alone.returncode, alone.stdout, alone.stderr) == (here.returncode, here.stdout, here.stderr)


def test_loss_that_is_not_finite_exits_with_two_and_names_the_step(home: Home) -> None:
    small = ("--steps", "20", "--frames", "3", "--probes", "20", "--references", "20", "--batch-size", "8")
    result = enigma("run", "--lr", "1e30", "--optimizer", "sgd", *small, home=home.path)
    assert result.returncode == 2
    assert "at step" in result.stderr
    assert "Traceback" not in result.stderr


def test_run_prints_the_documented_numbers_as_json(home: Home) -> None:
    small = ("--steps", "4", "--frames", "3", "--probes", "40", "--references", "40", "--batch-size", "16",
             "--no-projection")  # fmt: skip
    result = enigma("run", *small, "--json", home=home.path)
    numbers = json.loads(result.stdout)
    assert list(numbers) == [
        "run", "source_accuracy", "frame0_accuracy", "best_accuracy", "best_step", "final_accuracy", "seconds",
    ]  # fmt: skip
    listed = json.loads(enigma("runs", "list", "--json", home=home.path).stdout)
    assert numbers["run"] in [row["run"] for row in listed]
    more = json.loads(
        enigma("run", "--resume", numbers["run"], "--more", "2", "--no-projection", "--json", home=home.path).stdout
    )
    shown = json.loads(enigma("runs", "show", more["run"], "--json", home=home.path).stdout)
    assert shown["spec"]["steps"] == 6
    table = enigma("runs", "show", more["run"], "--frames", home=home.path).stdout
    assert f"| 6 | {100 * more['final_accuracy']:.1f} |" in table
    assert shown["final_accuracy"] == more["final_accuracy"]
    assert enigma("runs", "delete", more["run"], "--yes", home=home.path).returncode == 0
    assert enigma("runs", "show", more["run"], home=home.path).returncode == 2


def test_run_is_labelled_found_deleted_and_restored(copied: Run, home: Home) -> None:
    home.runs.mkdir()
    run = Run(copied.path.rename(home.runs / copied.id))
    assert enigma("runs", "rename", run.id, "Figure 3", home=home.path).stdout == "Figure 3\n"
    assert enigma("runs", "tag", run.id, "paper", "late", home=home.path).stdout == "late paper\n"
    assert enigma("runs", "tag", run.id, "--remove", "late", home=home.path).stdout == "paper\n"
    enigma("runs", "note", run.id, "the turn", home=home.path)
    assert enigma("runs", "note", run.id, home=home.path).stdout == "the turn\n"
    (row,) = json.loads(enigma("runs", "list", "--filter", "tag:paper", "--json", home=home.path).stdout)
    assert (row["run"], row["name"], row["tags"], row["best_accuracy"]) == (
        run.id, "Figure 3", ["paper"], max(row["frame0_accuracy"], row["best_accuracy"]),
    )  # fmt: skip
    assert enigma("runs", "delete", run.id, "--yes", home=home.path).returncode == 0
    assert not run.path.exists()
    assert run.id in enigma("runs", "trash", home=home.path).stdout
    assert enigma("runs", "restore", run.id, home=home.path).returncode == 0
    run.verify()
    enigma("runs", "delete", run.id, "--yes", home=home.path)
    assert enigma("runs", "trash", "--empty", home=home.path).stdout == "Deleted 1 run for good.\n"
    assert enigma("runs", "restore", run.id, home=home.path).returncode == 2


def test_explain_prints_sentences_and_both_phases_and_the_same_numbers_as_json(tmp_path: Path) -> None:
    text = enigma("runs", "explain", "429b4332ba79", home=tmp_path).stdout
    assert "Phase 1: Until step 13 accuracy rises from 62.9 % to 69.0 %" in text
    assert "Layers: Of 18 adapted tensors those that drift most by step 500 are network.stages.2.norm2.bias" in text
    assert "| Accuracy | 62.9 % | 69.0 % | +6.1 points | 69.0 % | 50.5 % | -18.5 points |" in text
    told = json.loads(enigma("runs", "explain", "429b4332ba79", "--json", home=tmp_path).stdout)
    one, two = told["phases"]
    assert (one["start_step"], one["end_step"], two["end_step"]) == (0, 13, 500)
    assert one["measures"]["accuracy"]["change"] == pytest.approx(0.061)
    assert {"class": "Sneaker", "into": "Sandal", "images": 42, "moved": 41, "kept": 0, "step": 56} in two["mergers"]
    assert told["sentences"][0]["steps"] == [13]
    assert len(told["layers"]) == 18
    assert len(told["frames"]["effective_rank"]) == len(told["frames"]["step"]) == 18


def test_explain_names_the_layers_of_a_run_that_recorded_their_drift(recorded_home: Home, tiny_run: Run) -> None:
    told = json.loads(enigma("runs", "explain", tiny_run.id, "--json", home=recorded_home.path).stdout)
    most = max(told["layers"], key=lambda layer: layer["relative"])
    text = enigma("runs", "explain", tiny_run.id, home=recorded_home.path).stdout
    assert f"drift most by step 8 are {most['name']} (by {100 * most['relative']:.1f} % of its norm)" in text


def test_queue_lists_what_waits_in_order_and_cancels_it(home: Home) -> None:
    from enigma.jobs import queue
    from tests.conftest import TINY

    for number, by in enumerate(("Ann", "")):
        queue.write(home, queue.Job(f"{number:020d}", TINY.to_dict(), by=by))
    listed = json.loads(enigma("queue", "list", "--json", home=home.path).stdout)
    assert [(job["by"], job["queue"], job["place"]) for job in listed] == [("Ann", "cpu", 1), ("", "cpu", 2)]
    assert enigma("queue", "cancel", "0" * 20, home=home.path).returncode == 0
    assert "by someone" in enigma("queue", "list", home=home.path).stdout
    assert len(queue.jobs(home)) == 1


def test_inspect_prints_json_and_writes_what_the_model_is_given(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "samples.png"
    options = ("--corruption", "gaussian_noise", "--severity", "3", "--json", "--out", str(out))
    found = json.loads(enigma("inspect", *options, home=home.path).stdout)
    assert found["clean_accuracy"]["value"] > 0.8 > found["source_accuracy"]["high"]
    assert len(found["examples"]) == 8
    assert found["layer"] == "classifier"
    with Image.open(out) as picture:
        # Eight images side by side, clean above shifted, each enlarged to 96 pixels, and two lines on each.
        assert picture.size == (8 * 96, 2 * 96 + 34)


@pytest.mark.parametrize(
    "command", [(), ("run",), ("inspect",), ("app",), ("train",), ("list",), ("runs",), ("export",)]
)
def test_help_has_examples(command: tuple[str, ...], tmp_path: Path) -> None:
    result = enigma(*command, "--help", home=tmp_path)
    assert result.returncode == 0
    assert "enigma" in result.stdout.replace("Usage: enigma", "").replace("Usage: python -m enigma", "") or command == (
        "runs",
    )


def test_list_knows_everything_in_the_catalogue(tmp_path: Path) -> None:
    for what, names in (("methods", METHODS), ("corruptions", CORRUPTIONS)):
        assert set(json.loads(enigma("list", what, "--json", home=tmp_path).stdout)) == set(names)
    assert len(CORRUPTIONS) == 1 + 19 + 2
    assert "arXiv:2006.10726" in enigma("list", "methods", home=tmp_path).stdout
    settings = json.loads(enigma("list", "methods", "--json", home=tmp_path).stdout)["deyo"]["settings"]
    assert settings["augmentation"]["choices"] == ["patch", "pixel", "occlusion"]
    assert all(setting["help"] for setting in settings.values())


@pytest.mark.parametrize(
    "what",
    ["zip", "numbers", "points --format parquet", "steps", "projection --format svg", "curves --format csv", "paper"],
)
def test_export_writes_a_file(what: str, recorded_home: Home, tiny_run: Run, tmp_path: Path) -> None:
    out = tmp_path / "file"
    result = enigma("export", tiny_run.id, "--what", *what.split(), "--out", str(out), home=recorded_home.path)
    assert result.returncode == 0, result.stderr
    assert out.stat().st_size > 500


def test_the_name_of_a_file_says_its_format(recorded_home: Home, tiny_run: Run, tmp_path: Path) -> None:
    given = ("export", tiny_run.id, "--what", "curves", "--out")
    for name, start in (("a.svg", b"<?xml"), ("a.CSV", b"run_id,"), ("a.file", b"\x89PNG")):
        result = enigma(*given, str(tmp_path / name), home=recorded_home.path)
        assert result.returncode == 0, result.stderr
        assert (tmp_path / name).read_bytes().startswith(start)


def test_runs_without_labels_are_compared_by_what_needs_none(home: Home, tmp_path: Path, tiny_run: Run) -> None:
    spec = TINY.override(
        dataset=str(layouts.flat(tmp_path / "loose")), corruption="none", probes=24, references=10, batch_size=8
    )
    first, second = (record(one, home.runs, home.cache).id for one in (spec, spec.override(method="norm")))
    done = enigma("compare", first, second, home=home.path)
    assert done.returncode == 0, done.stderr
    assert "nan" not in done.stdout
    head, tent, *_ = done.stdout.splitlines()
    assert head.split() == ["(step)", "entropy", "flips", "mean", "prediction", "run"]
    assert tent.split()[:2] == ["Tent", "(8)"]
    assert "the test images have no labels" in done.stdout
    shutil.copytree(tiny_run.path, home.runs / tiny_run.id)
    mixed = enigma("compare", first, tiny_run.id, "--out", str(tmp_path / "both.pdf"), home=home.path)
    assert mixed.returncode == 0, mixed.stderr
    assert "nan" not in mixed.stdout
    assert mixed.stdout.splitlines()[1].count("–") == 7
    assert (tmp_path / "both.pdf").read_bytes().startswith(b"%PDF")
    numbers = json.loads(enigma("compare", first, "--json", home=home.path).stdout)["runs"][0]
    assert (numbers["best"], numbers["best_step"]) == (None, None)
    assert numbers["entropy"] > 0
