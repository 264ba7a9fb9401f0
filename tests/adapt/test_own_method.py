"""The tutorial's example of a method of one's own, taken from its text, as a module and as an entry in the registry."""

import re
import shlex
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from enigma import adapt
from enigma.adapt.guarded import Guarded
from enigma.cli.main import cli
from enigma.spec import methods
from enigma.spec.errors import InputError
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


BROKEN = """
from enigma import adapt


def build(model, **settings):
    if settings.get("empty"):
        return None
    if settings.get("early"):
        raise KeyError("early")
    adapter = adapt.build(model, "norm")
    adapter.step = lambda batch: batch.there_is_none
    return adapter
"""


def test_what_goes_wrong_in_a_method_of_ones_own_is_one_sentence_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_method.py").write_text(BROKEN)
    (tmp_path / "broken_module.py").write_text("import torch\nraise RuntimeError('not today')\n")
    monkeypatch.syspath_prepend(tmp_path)
    for settings, said in (
        ({"empty": 1}, "broken_method:build to return an adapter, with `model`.*but got NoneType"),
        ({"early": 1}, r"line 9 of broken_method.py, `raise KeyError\(\"early\"\)`, says KeyError"),
    ):
        with pytest.raises(InputError, match=said):
            adapt.build(two_layers(), "broken_method:build", **settings)
    with pytest.raises(InputError, match="line 2 of broken_module.py, .*not today"):
        adapt.build(two_layers(), "broken_module:build")
    adapter = Guarded(adapt.build(two_layers(), "broken_method:build"))
    with pytest.raises(InputError, match="a step of the method, but line 11 of broken_method.py, .*AttributeError"):
        adapter.step(rows(1)[0])
