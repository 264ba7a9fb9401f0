"""`enigma bench`, as a shell sees it."""

import json
from pathlib import Path

from enigma.store.home import Home
from tests.cli.test_cli import enigma

SMALL = ("--probes", "20", "--references", "20", "--batch-size", "16", "--steps", "4", "--device", "cpu")


def test_figures_are_told_kept_and_compared_with(home: Home, tmp_path: Path) -> None:
    kept = tmp_path / "before.json"
    first = enigma("bench", *SMALL, "--rounds", "1", "--out", str(kept), home=home.path)
    assert (first.returncode, first.stderr) == (0, f"Wrote {kept}\n")
    assert "of the bare loop" in first.stdout
    assert "A run of 4 steps with" in first.stdout
    ratio = next(part["ratios"][0] for part in json.loads(kept.read_text())["parts"] if part["name"] == "frame")
    second = enigma("bench", *SMALL, "--rounds", "1", "--against", str(kept), home=home.path)
    frame = next(line for line in second.stdout.splitlines() if line.startswith("a frame"))
    assert frame.endswith(f"  {ratio:.2f}")


def test_a_file_that_holds_something_else_is_refused_in_one_sentence(home: Home, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    for content in ("{}", '{"parts": [{"name": "bare", "ratios": []}]}', '{"parts": 3}'):
        wrong.write_text(content)
        result = enigma("bench", "--against", str(wrong), home=home.path)
        assert result.returncode == 2
        assert "that `enigma bench --out` wrote" in result.stderr
        assert len(result.stderr.splitlines()) == 1
