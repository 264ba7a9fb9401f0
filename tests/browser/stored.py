"""Runs that lie ready, for tests which only look at one, and the spec of one that goes on until it is stopped."""

import json
import shutil
from pathlib import Path

from enigma.store import labels
from enigma.store.home import Home
from enigma.store.labels import Label
from enigma.store.run_folder import Run
from tests import conftest

_RUNS = Path(__file__).parents[1] / "data/runs-0.1.0"

# Tent on Gaussian noise 3: 8 steps, 60 images; and the same with digits among the images.
TINY = "0e2b8d2acd5f"
TINY_WITH_UNKNOWN = "6cde214a2cf1"

# However long it has gone on, its next frame is a tenth of that away; few frames are soon projected when it is stopped.
LONG = conftest.TINY.override(steps=100_000, frames=(0, *sorted({round(1.1**power) for power in range(121)}), 100_000))


def placed(home: Home, run_id: str = TINY) -> Run:
    """A stored run in a home."""
    shutil.copytree(_RUNS / run_id, home.runs / run_id)
    return Run(home.runs / run_id)


def numbered(number: int) -> str:
    """The id of a run that `planted` makes."""
    return f"{number:012x}"


def planted(home: Home, number: int, label: Label = Label(), **changes: object) -> Run:  # noqa: B008
    """A finished run of its own: the stored one under another id, spec and time."""
    run = Run(home.runs / numbered(number))
    shutil.copytree(_RUNS / TINY, run.path)
    spec = run.spec.override(seed=number, **changes).to_dict()
    facts = {**run.facts, "id": run.id, "spec": spec, "created": f"2026-10-{number:02d}T12:00:00Z"}
    run.write("run.json", json.dumps(facts).encode())
    run.seal()
    labels.write(run, label)
    return run
