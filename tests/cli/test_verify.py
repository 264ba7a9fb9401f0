"""`enigma verify`, as a shell sees it."""

import json
import shutil

from enigma.recording.loop import record
from enigma.store.home import Home
from enigma.store.run_folder import Run
from tests.cli.test_cli import enigma
from tests.conftest import TINY, TINY_ID


def placed(home: Home, tiny_run: Run) -> Run:
    shutil.copytree(tiny_run.path, home.runs / TINY_ID)
    return Run(home.runs / TINY_ID)


def test_a_whole_run_is_said_to_be_as_it_was_recorded(home: Home, tiny_run: Run) -> None:
    placed(home, tiny_run)
    result = enigma("verify", TINY_ID, home=home.path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith(f"files of run {TINY_ID} are as they were recorded.\n")


def test_every_changed_and_missing_file_is_named_in_one_sentence(home: Home, tiny_run: Run) -> None:
    run = placed(home, tiny_run)
    content = bytearray((run.path / "frames/000003.safetensors").read_bytes())
    content[-1] ^= 1
    (run.path / "frames/000003.safetensors").write_bytes(content)
    (run.path / "probe.safetensors").unlink()
    result = enigma("verify", TINY_ID, home=home.path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "frames/000003.safetensors is changed, probe.safetensors is missing" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_recorded_again_it_has_the_same_bits(home: Home) -> None:
    # The bits of the stored one may be those of another machine.
    run = record(TINY, home.runs, home.cache)
    result = enigma("verify", run.id, "--recompute", "--json", home=home.path)
    assert result.returncode == 0
    told = json.loads(result.stdout)["recomputed"]
    assert told["identical"]
    assert told["frames"] == 4
    assert not any(each["differing"] for each in told["differences"])
