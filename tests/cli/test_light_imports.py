"""Commands that only look are quick, because they import nothing heavy."""

import json
import os
import subprocess
import sys
from pathlib import Path

HEAVY = ("torch", "torchvision", "scipy", "sklearn", "umap", "pandas", "matplotlib", "plotly", "streamlit", "tqdm")

COMMANDS = (
    "--version", "--help", "runs show --help", "run --help", "export --help", "runs list", "runs list --json",
    "runs trash", "queue list", "list methods", "runs note 429b4332ba79",
)  # fmt: skip

# One interpreter for all commands: what each of them has loaded that was not there before it, whatever way it ended.
PROBE = """
import json, sys
from enigma.cli.main import main
told = {}
for command in json.loads(sys.argv[1]):
    before = set(sys.modules) if told else set()
    sys.argv = ["enigma", *command.split()]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, (command, ended.code)
    told[command] = sorted(set(sys.modules) - before)
print(json.dumps(told), file=sys.stderr)
"""


def test_commands_that_only_look_import_nothing_heavy(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(COMMANDS)], capture_output=True, text=True, timeout=300, check=True,
        env={**os.environ, "ENIGMA_HOME": str(tmp_path)},
    )  # fmt: skip
    imported = json.loads(result.stderr.splitlines()[-1])
    assert "enigma.cli.main" in imported["--version"]
    assert {command: set(HEAVY) & set(found) for command, found in imported.items()} == {
        command: set() for command in COMMANDS
    }
