"""Commands that only look are quick, because they import nothing heavy."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "torchvision", "scipy", "sklearn", "umap", "pandas", "matplotlib", "plotly", "streamlit", "tqdm")

# What the interpreter has loaded once the command is over, whatever way it ended.
PROBE = """
import atexit, json, sys
from enigma.cli.main import main
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
sys.argv = ["enigma", *sys.argv[1:]]
main()
"""


@pytest.mark.parametrize(
    "command",
    ["--version", "--help", "runs show --help", "run --help", "export --help", "runs list", "runs list --json",
     "runs trash", "queue list", "list methods", "runs note 429b4332ba79"],
)  # fmt: skip
def test_a_command_that_only_looks_imports_nothing_heavy(command: str, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", PROBE, *command.split()], capture_output=True, text=True, timeout=300, check=True,
        env={**os.environ, "ENIGMA_HOME": str(tmp_path)},
    )  # fmt: skip
    imported = json.loads(result.stderr.splitlines()[-1])
    assert "enigma.cli.main" in imported
    assert [name for name in HEAVY if name in imported] == []
