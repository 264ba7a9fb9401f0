"""The runs that are kept among the tests are as this version would write them."""

import shutil
from pathlib import Path

import pytest

from enigma.analysis.reading import trajectory
from enigma.store.run_folder import Run
from tests.conftest import TINY
from tests.stored import TINY_ID, UNKNOWN_ID, stored


def contents(run: Run) -> dict[str, bytes]:
    files = (path for path in run.path.rglob("*") if path.is_file())
    return {path.relative_to(run.path).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize(("name", "spec"), [(TINY_ID, TINY), (UNKNOWN_ID, TINY.override(unknown="digits"))])
def test_stored_run_is_looked_at_without_making_anything_again(name: str, spec, tmp_path: Path) -> None:
    run = Run(Path(shutil.copytree(stored(name), tmp_path / name)))
    before = contents(run)
    run.verify()
    assert run.spec == spec
    trajectory(run)
    assert contents(run) == before, "made again; `python -m tests.stored` stores the runs as this version writes them"
