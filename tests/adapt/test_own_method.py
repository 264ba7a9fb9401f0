"""The tutorial's example of a method of one's own, taken from its text, as a module and as an entry in the registry."""

import re
import shlex
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from enigma import adapt
from enigma.cli.main import cli
from enigma.spec import methods
from enigma.spec.methods import METHODS
from enigma.spec.run_spec import RunSpec
from enigma.store.collection import listed
from tests.adapt.networks import network, rows, two_layers

PAGE = (Path(__file__).parents[2] / "docs" / "tutorials" / "add-a-method.md").read_text(encoding="utf-8")
MODULE, _, ENTRY = re.findall(r"```python[^\n]*\n(.*?)```", PAGE, re.DOTALL)
(COMMAND,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


def test_example_is_short_and_complete() -> None:
    assert len((MODULE + ENTRY + COMMAND).splitlines()) < 30


def test_module_of_ones_own_runs_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sharp_tent.py").write_text(MODULE)
    variable, program, *arguments = shlex.split(COMMAND)
    assert (variable, program) == ("PYTHONPATH=.", "enigma")
    small = ["--steps", "3", "--frames", "2", "--probes", "20", "--references", "20", "--batch-size", "8"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(".")
    monkeypatch.delitem(sys.modules, "sharp_tent", raising=False)
    command = ["--home", str(tmp_path / "home"), *arguments, *small, "--corruption", "none", "--no-projection"]
    result = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    (run,) = listed(tmp_path / "home" / "runs")
    assert run.spec.method == "sharp_tent:build"
    assert run.spec.settings == {"temperature": 0.8}
    assert run.frame_steps == (0, 3)


def test_example_in_the_registry_is_tent_at_temperature_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sharp_tent.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    text = ENTRY.replace("enigma.adapt.sharp_tent", "sharp_tent")
    entry = eval(f"{{{text}}}", dict(vars(methods)))
    monkeypatch.setitem(METHODS, "sharp_tent", entry["sharp_tent"])
    spec = RunSpec(method="sharp_tent", settings={"temperature": 1.0})
    mine, tent = adapt.build(two_layers(), spec.method, **spec.settings), adapt.build(two_layers(), "tent")
    for x in rows(3):
        assert torch.equal(mine.step(x), tent.step(x))
    assert adapt.build(network(classes=200), "sharp_tent")._optimizer.param_groups[0]["lr"] == 2.5e-4
