"""The command line, as a shell sees it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from enigma.catalogue import CORRUPTIONS, METHODS
from enigma.home import Home
from enigma.runs import Run


def enigma(*arguments: str, home: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "enigma", *arguments], capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "ENIGMA_HOME": str(home)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--severity", "7"), "severity"),
        (("run", "--method", "tnet"), "did you mean 'tent'?"),
        (("run", "--steps", "0"), "steps"),
        (("run", "--batch-size", "1", "--steps", "2"), "batch_size"),
        (("run", "--dataset", "tests/"), "sub-folder a class"),
        (("run", "--spec", "nowhere.toml"), "nowhere.toml"),
        (("run", "--set", "momentum"), "NAME=VALUE"),
        (("rnu",), "did you mean 'run'?"),
        (("runs", "show", "nothing"), "runs list"),
        (("list", "nonsense"), "nonsense"),
        (("train", "nonsense"), "nonsense"),
        (("runs", "import", "nowhere.zip"), "nowhere.zip"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_status_two(
    arguments: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    result = enigma(*arguments, home=tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_loss_that_is_not_finite_exits_with_two_and_names_the_step(home: Home) -> None:
    small = ("--steps", "20", "--frames", "3", "--probes", "20", "--references", "20", "--batch-size", "8")
    result = enigma("run", "--lr", "1e30", "--optimizer", "sgd", *small, home=home.path)
    assert result.returncode == 2
    assert "at step" in result.stderr
    assert "Traceback" not in result.stderr


def test_run_prints_the_documented_numbers_as_json(home: Home) -> None:
    small = ("--steps", "4", "--frames", "3", "--probes", "40", "--references", "40", "--batch-size", "16")
    result = enigma("run", *small, "--json", home=home.path)
    numbers = json.loads(result.stdout)
    assert list(numbers) == [
        "run", "source_accuracy", "frame0_accuracy", "best_accuracy", "best_step", "final_accuracy", "seconds",
    ]  # fmt: skip
    listed = json.loads(enigma("runs", "list", "--json", home=home.path).stdout)
    assert numbers["run"] in [row["run"] for row in listed]
    more = json.loads(enigma("run", "--resume", numbers["run"], "--more", "2", "--json", home=home.path).stdout)
    shown = json.loads(enigma("runs", "show", more["run"], "--json", home=home.path).stdout)
    assert shown["spec"]["steps"] == 6
    table = enigma("runs", "show", more["run"], "--frames", home=home.path).stdout
    assert f"| 6 | {100 * more['final_accuracy']:.1f} |" in table
    assert shown["final_accuracy"] == more["final_accuracy"]
    assert enigma("runs", "delete", more["run"], "--yes", home=home.path).returncode == 0
    assert enigma("runs", "show", more["run"], home=home.path).returncode == 2


@pytest.mark.parametrize("command", [(), ("run",), ("app",), ("train",), ("list",), ("runs",), ("export",)])
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


@pytest.mark.parametrize("what", ["zip", "numbers", "points", "projection", "curves"])
def test_export_writes_a_file(what: str, recorded_home: Home, tiny_run: Run, tmp_path: Path) -> None:
    out = tmp_path / "file"
    result = enigma(
        "export", tiny_run.id, "--what", what, "--format", "svg", "--out", str(out), home=recorded_home.path
    )
    assert result.returncode == 0, result.stderr
    assert out.stat().st_size > 500
