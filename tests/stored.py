"""The tiny runs that are kept among the tests, for those that only read one.

`python -m tests.stored` records them anew; it is needed when the form of a run folder changes. Those below
`data/runs-0.1.0` are another thing: they stay as that version wrote them.
"""

import shutil
import tempfile
from pathlib import Path

RUNS = Path(__file__).parent / "data" / "runs"

# The specs are `TINY` of tests/conftest.py, plain and with `unknown="digits"`.
TINY_ID, UNKNOWN_ID = "0e2b8d2acd5f", "6cde214a2cf1"


def stored(run_id: str) -> Path:
    """The folder of a stored run, which is to be copied where anything may be written to it."""
    return RUNS / run_id


def remake() -> None:
    """Records the stored runs in the form that this version writes."""
    from tests.conftest import TINY  # first of all, because it sets torch's number of threads

    # isort: split
    from enigma.jobs.record_and_project import record_and_project
    from enigma.store.home import Home

    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        for spec in (TINY, TINY.override(unknown="digits")):
            record_and_project(spec, home)
        shutil.rmtree(RUNS, ignore_errors=True)
        shutil.copytree(home.runs, RUNS, ignore=shutil.ignore_patterns("lock"))
    assert {path.name for path in RUNS.iterdir()} == {TINY_ID, UNKNOWN_ID}


if __name__ == "__main__":
    remake()
