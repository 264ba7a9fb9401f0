"""A recorded run as a notebook or a script sees it: `enigma.open_run`, and what `enigma.run` returns."""

from pathlib import Path
from typing import Any, Literal

import pandas as pd

from enigma.analysis.estimators.beside import estimated_beside
from enigma.analysis.estimators.bundled import bundled, second_of
from enigma.analysis.estimators.calibration import Calibration
from enigma.analysis.estimators.estimate import estimates
from enigma.analysis.estimators.measured import States, accuracies
from enigma.analysis.estimators.report import table as estimates_table
from enigma.analysis.phases.explanation import Sentence, explanation
from enigma.analysis.phases.measured import Phases, phases
from enigma.analysis.phases.story import story
from enigma.analysis.projection import methods, stored
from enigma.analysis.projection.faithfulness import Faithfulness
from enigma.analysis.projection.names import DEFAULT
from enigma.analysis.reading import trajectory
from enigma.analysis.trajectory import Projection, Trajectory
from enigma.analysis.unknowns import frames as unknown_frames
from enigma.api.opened_records import RecordedRun
from enigma.figures.shared.export_request import Export
from enigma.spec.errors import InputError
from enigma.store import labels, trash
from enigma.store.labels import Label

Library = Literal["plotly", "matplotlib"]


class OpenedRun(RecordedRun):
    """One recorded run: its numbers as tables and arrays, its figures, its files.

    Everything is read when it is asked for, so that a run which is still recording shows more each time. What a run
    does not have, such as accuracy without labels, is NaN in a table and an `InputError` where it is asked for alone.

    >>> import enigma
    >>> run = enigma.open_run("429b4332ba79")
    >>> run
    <Run 429b4332ba79: Tent · Impulse noise 4, finished, 18 frames to step 500>
    >>> run.steps[:4]
    array([0, 1, 2, 3])
    >>> round(float(run.metrics["accuracy"].max()), 3), int(run.metrics["accuracy"].idxmax())
    (0.69, 13)
    """

    def projection(self, name: str = DEFAULT) -> Projection:
        """Positions in two dimensions of probe (frames, probes, 2), reference (references, 2) and means (classes, 2).

        What is stored is read; what is not is computed now, which takes seconds for UMAP, and is not kept.

        Args:
            name: one of `enigma.analysis.projection.names.TITLES`.

        Raises:
            InputError: there is no such projection, or the run lacks what it needs.
        """
        if name not in methods.PROJECTIONS:
            raise InputError(f"Expected a projection among {', '.join(methods.PROJECTIONS)}, but got {name!r}.")
        self._need_frames()
        kept = stored.read(self._run, name) if stored.is_current(self._run, name) else None
        return methods.PROJECTIONS[name](self._run) if kept is None else kept

    def trajectory(self, projection: str = DEFAULT) -> Trajectory:
        """Everything that figures draw, as arrays over the frames; the projection is stored or as `trajectory` says.

        While no UMAP is stored, PCA stands in, also for its directions: `Trajectory.projection.title` says so.
        """
        if projection not in methods.PROJECTIONS:
            raise InputError(f"Expected a projection among {', '.join(methods.PROJECTIONS)}, but got {projection!r}.")
        return trajectory(self._run, projection)

    def faithfulness(self, projection: str = DEFAULT) -> Faithfulness:
        """What a projection shows of each phase and of single images, with intervals; `words` says it in short.

        Raises:
            InputError: there is no such projection, or the run has no frame yet.
        """
        return self.trajectory(projection).faithfulness

    @property
    def phases(self) -> Phases:
        """What was measured when each phase began and ended; without labels the whole run is one stretch."""
        return phases(self._run)

    def explain(self) -> list[Sentence]:
        """What happened, topic by topic, in sentences made from the numbers."""
        return explanation(self.phases)

    @property
    def story(self) -> str:
        """Two or three sentences on the two phases."""
        return story(self.trajectory("pca"))

    @property
    def unknowns(self) -> pd.DataFrame:
        """How well unknown images are told from known ones: one row a frame and score, the source model first.

        Raises:
            InputError: the run has no unknown images.
        """
        return unknown_frames.table(unknown_frames.unknowns(self._run))

    def estimate(
        self, calibration: str | Path | Calibration | None = None, *, temperature_scaling: bool = False
    ) -> pd.DataFrame:
        """Accuracy of this run without its labels, by every estimator; the true one beside it where it is known.

        Args:
            calibration: what `enigma.calibrate` gave or wrote; None for that of a bundled model.
            temperature_scaling: with a bundled calibration, that with temperature scaling.

        Returns:
            One row an accuracy asked for and an estimator, the recommended one first: accuracy and interval in [0, 1]
            with its level (0.9, or less where there are few calibration splits), mean absolute error on those, a
            warning where it extrapolates.

        Raises:
            InputError: the run is of another model, method or learning rate than the calibration.
        """
        if calibration is None:
            found = bundled(self.spec.model, scaled=temperature_scaling)
        else:
            found = calibration if isinstance(calibration, Calibration) else Calibration.read(Path(calibration))
        rows = estimates(self._run, found, second_of(self._run, found, self._home))
        return estimates_table(rows, accuracies(States.of(self._run)))

    def estimate_beside(self, clean: "OpenedRun") -> pd.DataFrame:
        """Accuracy of this run without its labels, calibrated on one labelled run of the same network and no more.

        For loops that were watched, of which nobody has recorded the many labelled splits of a calibration. There are
        no intervals; see `enigma.analysis.estimators.beside`.

        Args:
            clean: a run of the same classes, on images like those that the network was trained on, with labels.

        Returns:
            One row an accuracy asked for and an estimator: accuracy in [0, 1], and the true one where it is known.

        Raises:
            InputError: the classes differ, `clean` has no labels, or one of both holds no logits.
        """
        return estimated_beside(self._run, clean._run)

    def figure(
        self,
        kind: Literal["projection", "curves", "paper"] = "projection",
        *,
        step: int | None = None,
        color: str = "label",
        library: Library = "plotly",
        projection: str = DEFAULT,
        width: str | float = "icml-page",
    ) -> Any:
        """A figure to look at or to change: a Plotly `Figure`, or a Matplotlib one.

        Args:
            kind: projection, curves, or paper (Matplotlib only: panels of several steps above the curves).
            step: the step it shows, or the last recorded one before it; None for the phase boundary.
            color: label, prediction, correctness, flipped, entropy, confidence or distance.
            library: plotly or matplotlib; a paper figure is Matplotlib's.
            projection: one of `enigma.analysis.projection.names.TITLES`.
            width: of a paper figure, a name of `enigma export --width` or inches.

        Raises:
            InputError: a name is unknown, or the run has no frame yet.
        """
        from enigma.api.opened_drawing import drawn

        wanted = Export(kind, step=step, color=color, width=str(width), projection=projection)
        return drawn(self.trajectory(projection), wanted, library)

    def export(self, path: str | Path | None = None, what: str = "zip", **choices: Any) -> Path:
        """Writes the run, one of its figures or its numbers to a file, as `enigma export` does.

        Args:
            path: a file, whose suffix is the format, or a folder; None for a file named after the run in this folder.
            what: zip, projection, curves, paper, animation, explorable, lesson, frames, points, steps, bibtex or
                reproduce.
            choices: the other fields of `enigma.figures.shared.export_request.Export`: format, step, steps, color,
                width, projection.

        Raises:
            InputError: a name is unknown, the format needs a library that is missing, or the file cannot be written.
        """
        from enigma.api.opened_drawing import exported

        return exported(self._run, None if path is None else Path(path), what, choices)

    @property
    def label(self) -> Label:
        """Name, tags and note that a person gave it."""
        return labels.read(self._run)

    def rename(self, name: str) -> Label:
        """Gives the run a name of one's own; an empty one takes it away."""
        return labels.rename(self._home.own(self.id, "be renamed"), name)

    def tag(self, add: str = "", remove: str = "") -> Label:
        """Adds and takes away tags, words with spaces or commas between."""
        return labels.tag(self._home.own(self.id, "be tagged"), add, remove)

    def annotate(self, note: str) -> Label:
        """Replaces the note of the run."""
        return labels.annotate(self._home.own(self.id, "be noted on"), note)

    def delete(self) -> None:
        """Moves the run to the trash, where `enigma.restore` finds it for 30 days."""
        trash.throw(self._home.own(self.id, "be deleted"), self._home.trash)

    def __repr__(self) -> str:
        steps = self._run.frame_steps
        frames = f"{len(steps)} frame{'s' if len(steps) > 1 else ''} to step {steps[-1]:,}" if steps else "no frame yet"
        return f"<Run {self.id}: {self.title}, {self.state}, {frames}>"

    def _repr_html_(self) -> str:
        """For notebooks: title, state, the numbers asked for first, and the curves as one inline picture."""
        from enigma.api.opened_overview import overview

        return overview(self)
