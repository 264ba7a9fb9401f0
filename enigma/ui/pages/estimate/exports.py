"""What leaves the Estimate page: every estimate as a table, and the first ones as a figure."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from enigma.analysis.estimators.estimate import Estimate
from enigma.analysis.estimators.measured import Target
from enigma.analysis.estimators.report import table
from enigma.spec.titles import title
from enigma.store.run_folder import Run
from enigma.ui.widgets.download import download
from enigma.ui.widgets.sheet_files import figure_buttons, table_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def files(run: Run, rows: Sequence[Estimate], truth: Mapping[Target, float], calibration: str) -> None:
    """A button for the table and a menu for the figure, with the run, its last step and the calibration in each.

    Args:
        calibration: its name.
    """
    step, settings = run.frame_steps[-1], {"calibration": calibration}
    download(
        "CSV", partial(_csv, run, rows, truth, step, settings), f"{run.id}-estimates.csv", "text/csv",
        key="estimate.csv", help="One row for each estimator and accuracy, with the run and the calibration.",
    )  # fmt: skip
    draw = partial(_figure, run, rows, truth)
    figure_buttons(run, "estimates", step, settings, draw, key="estimate.figure")


def _csv(
    run: Run, rows: Sequence[Estimate], truth: Mapping[Target, float], step: int, settings: Mapping[str, str]
) -> bytes:
    return table_bytes(run, "estimates", step, settings, table(rows, truth))


def _figure(run: Run, rows: Sequence[Estimate], truth: Mapping[Target, float]) -> "Figure":
    from enigma.figures.print.estimates import estimates_paper
    from enigma.figures.shared.groups import printable

    return estimates_paper(rows, truth, f"{printable(title(run.spec))}, step {run.frame_steps[-1]:,}")
