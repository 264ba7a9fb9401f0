"""What leaves the Unknowns page: the decisions at a threshold as a table, and the view as a figure."""

from functools import partial
from typing import TYPE_CHECKING

from enigma.analysis.unknowns.frames import decisions
from enigma.store.run_folder import Run
from enigma.ui.pages.unknowns.component import Standing, data_of
from enigma.ui.widgets.download import download
from enigma.ui.widgets.sheet_files import figure_buttons, table_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def exports(run: Run, now: Standing, side: str) -> None:
    """One button for the table, and a menu for the figure, of the step, score and share on screen."""
    download(
        "Decisions", partial(_csv, run, now), f"{run.id}-{now.step}-{now.score}.csv", "text/csv",
        key=f"unknowns.csv.{side}",
        help="One row an image: run, step, score, threshold and what it decides.",
    )  # fmt: skip
    settings = {"score": now.score, "known_kept": f"{now.keep:g}"}
    figure_buttons(run, "unknowns", now.step, settings, partial(_figure, run, now), key=f"unknowns.figure.{side}")


def _csv(run: Run, now: Standing) -> bytes:
    return table_bytes(run, "unknowns", now.step, {}, decisions(run, now.step, now.score, now.keep))


def _figure(run: Run, now: Standing) -> "Figure":
    from enigma.figures.print.unknowns import unknowns_paper

    return unknowns_paper(data_of(run), now.step, now.score, now.keep)
