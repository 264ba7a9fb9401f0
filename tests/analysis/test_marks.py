"""What a stream told, in the trajectory and in words."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from enigma.analysis.phases.story import story
from enigma.analysis.reading import marks, trajectory
from enigma.functionals.stopping import watched
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.store.scalars import COLUMNS


def test_runs_from_before_have_no_marks(copied: Run) -> None:
    scalars = copied.path / "scalars.csv"
    rows = [line.split(",")[:7] for line in scalars.read_text().splitlines()]
    scalars.write_text("".join(f"{','.join(row)}\n" for row in rows))
    assert marks(copied) == ()


def test_the_bundled_run_tells_when_to_stop_and_that_it_collapses() -> None:
    (_, stop), (_, alarm) = marks(Home(Path("nowhere")).example())
    assert stop < 13 < alarm


def test_marks_are_those_of_the_watch(copied: Run) -> None:
    rows = np.zeros((40, len(COLUMNS)))
    rows[:, 0] = np.arange(1, 41)
    columns = {name: COLUMNS.index(name) for name in COLUMNS}
    rows[:, columns["diversity"]], rows[:, columns["initial_diversity"]] = 2.0, 2.25
    rows[:, columns["entropy"]] = 1.0
    rows[12:, columns["histogram_shift"]] = 0.5
    (copied.path / "scalars.csv").unlink()
    copied.append_scalars([tuple(row) for row in rows])
    watch = watched(copied.scalars(), 10, copied.spec.batch_size)
    assert watch is not None
    assert marks(copied) == (("stop", 12), ("alarm", 15))
    assert (watch.kept, watch.alarm_at) == (12, 15)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ((), None),
        ((("stop", 12),), "the stream says to stop after step 12."),
        (
            (("stop", 0), ("alarm", 1500)),
            "the stream says not to adapt at all, and a collapse alarm rings at step 1,500.",
        ),
    ],
)
def test_story_says_what_the_dashed_lines_are(told: tuple, words: str | None) -> None:
    text = story(replace(trajectory(Home(Path("nowhere")).example()), marks=told))
    assert ("dashed lines" in text) == (words is not None)
    assert words is None or text.endswith(words)
