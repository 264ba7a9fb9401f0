"""Several runs side by side as a notebook sees them: what `enigma.compare` returns."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from enigma.analysis.comparing.differences import Unlike, differences, in_words
from enigma.analysis.comparing.lead import leads
from enigma.analysis.comparing.runs import Compared, Series, compared, environment, series
from enigma.analysis.comparing.table import Row, rows
from enigma.analysis.comparing.verdict import verdict
from enigma.api.writing import written
from enigma.spec.errors import InputError
from enigma.store.run_folder import Run


class Comparison:
    """Runs side by side: who is best, what differs, and the curves in one figure.

    >>> import enigma
    >>> enigma.compare("429b4332ba79").table[["best", "best_step"]].round(3).to_dict("list")
    {'best': [0.69], 'best_step': [13]}
    """

    def __init__(self, runs: Sequence[Run], *, fold: bool = False):
        self._runs: list[Compared] = [compared(run) for run in runs]
        self._fold = fold
        self._rows = rows(self._runs)

    @property
    def rows(self) -> list[Row]:
        """What is told of each run: accuracies in [0, 1], regret in points, NaN and step -1 without labels."""
        return self._rows

    @property
    def table(self) -> pd.DataFrame:
        """`rows` as a table, indexed by the id of the run."""
        return pd.DataFrame([dataclasses.asdict(row) for row in self._rows]).set_index("run_id")

    @property
    def differences(self) -> list[Unlike]:
        """In what specs, versions, hardware and data differ, what tells the runs apart first."""
        return [*differences([run.spec for run in self._runs]), *environment(self._runs)]

    @property
    def verdict(self) -> list[str]:
        """Sentences on what the numbers say beyond chance, and on what differs."""
        found = differences([run.spec for run in self._runs])
        least = min(len(run.probe_images) for run in self._runs)
        return verdict(self._rows, leads(self._runs), least) + ([in_words(found)] if len(self._runs) > 1 else [])

    @property
    def series(self) -> list[Series]:
        """One curve a run; with `fold`, mean and deviation of runs that differ in nothing but the seed."""
        return series(self._runs, fold=self._fold)

    def figure(self, *, scale: str = "log", library: str = "plotly") -> Any:
        """All metrics over the steps, one line a run: a Plotly or a Matplotlib `Figure`.

        Args:
            scale: axis of steps, log or linear.
            library: plotly or matplotlib.

        Raises:
            InputError: a name is unknown.
        """
        from enigma.figures.print import saving
        from enigma.figures.print.overlay import overlay_paper
        from enigma.figures.screen.overlay import overlay_figure

        if library not in ("plotly", "matplotlib"):
            raise InputError(f"Expected a library among plotly, matplotlib, but got {library!r}.")
        if library == "plotly":
            return overlay_figure(self.series, scale)
        with saving.settings():
            return overlay_paper(self.series, scale)

    def export(self, path: str | Path, *, scale: str = "log") -> Path:
        """Writes the figure as .png, .svg, .pdf or .html, or the numbers behind it as .csv.

        Raises:
            InputError: another suffix, or the file cannot be written.
        """
        from enigma.figures.files.comparison import export_overlay

        place = Path(path)
        return written(place, export_overlay(self.series, self._runs, place.suffix.lstrip(".").lower(), scale=scale))

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(row.name for row in self._rows)}: {' '.join(self.verdict)}>"
