"""What `import enigma` offers, and what it costs."""

import ast
import importlib.util
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import enigma
from enigma.cli.main import cli
from enigma.store.home import Home

ROOT = Path(enigma.__file__).parent
HEAVY = {"torch", "torchvision", "scipy", "sklearn", "matplotlib", "plotly", "pandas", "streamlit", "numpy", "pydantic"}


def imported(statement: str) -> set[str]:
    """Top-level packages in a new process after a statement."""
    code = f"import json, sys; {statement}; print(json.dumps(sorted({{n.partition('.')[0] for n in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent)
    return set(json.loads(done.stdout))


def test_import_loads_nothing_heavy() -> None:
    assert not imported("import enigma; dir(enigma); enigma.__version__; enigma.EnigmaError") & HEAVY


def test_spec_needs_no_torch_and_no_figures() -> None:
    found = imported("import enigma; enigma.RunSpec(); enigma.Home.default(); enigma.catalogue.METHODS")
    assert "pydantic" in found
    assert not found & (HEAVY - {"pydantic", "numpy"})


def test_looking_at_a_run_needs_neither_torch_nor_a_library_for_figures() -> None:
    looked = "import enigma; run = enigma.open_run('429b4332ba79'); run.metrics; run.frames[0].embeddings"
    found = imported(f"{looked}; enigma.compare(run).table; enigma.runs()")
    assert "pandas" in found
    assert not found & {"torch", "torchvision", "matplotlib", "plotly", "streamlit", "umap"}


@pytest.mark.parametrize("name", enigma.__all__)
def test_every_name_is_there_and_explained(name: str) -> None:
    found = getattr(enigma, name)
    assert name in dir(enigma)
    if callable(found):
        assert len(inspect.getdoc(found) or "") > 20
    if inspect.isfunction(found):
        # A module of the same name would take its place when it is imported.
        assert importlib.util.find_spec(f"enigma.{name}") is None
        assert all(
            parameter.annotation is not parameter.empty for parameter in inspect.signature(found).parameters.values()
        )


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        enigma.nonsense  # noqa: B018


def test_package_is_typed_and_type_checkers_see_what_is_loaded_lazily() -> None:
    assert (ROOT / "py.typed").is_file()
    tree = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module for node in guarded.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    lazily = {name: module for module, names in enigma._PLACES.items() for name in names.split()}
    assert seen == lazily | {"adapt": "enigma", "catalogue": "enigma.spec"}
    assert {*seen, "__version__"} == set(enigma.__all__)


def commands(group: click.Group, above: str = "enigma") -> Iterator[str]:
    for name, command in group.commands.items():
        yield from commands(command, f"{above} {name}") if isinstance(command, click.Group) else [f"{above} {name}"]


def test_every_command_has_its_counterpart() -> None:
    rows = dict(re.findall(r"^\| (enigma [\w ]+) \| (.+) \|$", enigma.__doc__ or "", re.MULTILINE))
    assert set(rows) == set(commands(cli))
    for command, told in rows.items():
        named = re.findall(r"`([\w.]+)`", told)
        assert named or command == "enigma app"
        for name in named:
            found: object = enigma
            for part in name.split("."):
                found = getattr(found, part)


@pytest.mark.parametrize("given", [None, "home", Path("home"), Home(Path("home"))])
def test_home_may_be_a_folder_a_home_or_the_default(given: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from enigma.api.given import home_of

    monkeypatch.setenv("ENIGMA_HOME", "home")
    assert home_of(given) == Home(Path("home"))  # type: ignore[arg-type]
