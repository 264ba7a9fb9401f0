"""Figures and tables claim no phase that is not beyond chance, and no accuracy where there are no labels."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from enigma.analysis.phases import table
from enigma.analysis.phases.measured import phases
from enigma.analysis.reading import trajectory
from enigma.analysis.trajectory import Trajectory
from enigma.figures.files import tables
from enigma.figures.print import animation_stage
from enigma.figures.print.publication import publication_figure
from enigma.figures.shared import panels
from enigma.store.home import Home
from enigma.store.run_folder import Run


@pytest.fixture
def unlabelled(copied: Run) -> Trajectory:
    """The bundled run as it would be had nobody said what its images show."""
    probe = copied.read_arrays("probe.safetensors")
    probe["labels"][:] = -1
    copied.write_arrays("probe.safetensors", probe)
    return replace(trajectory(copied, "pca"), source_accuracy=np.nan)


def words(figure: Figure) -> str:
    return " | ".join(text.get_text() for text in figure.findobj(Text))


def test_run_without_labels_has_no_accuracy_in_its_figures(unlabelled: Trajectory) -> None:
    steps = panels.chosen_steps(unlabelled)
    told = panels.caption(unlabelled, steps)
    paper = publication_figure(unlabelled, steps, "prediction", 6.75)
    stage = animation_stage.Stage(unlabelled, "prediction")
    list(stage.at(0.0))
    for text in (told, words(paper), words(stage.figure)):
        assert not [name for name in ("nan", "-1", "ccuracy") if name in text]
    assert {axes.get_label() for axes in paper.axes} >= {"entropy", "silhouette"}
    assert set(tables.curve_values(unlabelled)["phase"]) == {0}


def test_phases_are_named_where_they_are_beyond_chance(copied: Run, tmp_path: Path) -> None:
    bundled = Home(tmp_path).example()
    run = trajectory(bundled, "pca")
    assert "phase 1 ends and phase 2 begins at step 13" in panels.caption(run, (0, 13, 500))
    assert tables.curve_values(run).groupby("phase")["step"].max().to_dict() == {1: 13, 2: 500}
    assert [table.heading(phases(bundled), phase).partition(",")[0] for phase in phases(bundled).phases] == [
        "Phase 1", "Phase 2",
    ]  # fmt: skip
    growing = trajectory(replace(bundled, fixed_steps=tuple(step for step in bundled.frame_steps if step <= 13)), "pca")
    assert "phase 1 ends at step 13, and there is no phase 2" in panels.caption(growing, (0, 13))
    # Sixty images tell nothing of a gain of three points.
    still = trajectory(copied, "pca")
    assert "neither phase is beyond chance" in panels.caption(still, (0, 8))
    assert set(tables.curve_values(still)["phase"]) == {0}
    assert table.heading(phases(copied), phases(copied).phases[0]) == "Up to the best step, step 0 to 1"
