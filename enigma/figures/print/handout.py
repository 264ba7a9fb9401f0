"""The lesson on one page of A4: three moments of the run, its curves, and what to remember of each step."""

import re
import textwrap

from matplotlib.figure import Figure

from enigma.analysis.lesson.story import Part, steps
from enigma.analysis.trajectory import Trajectory
from enigma.figures.print import publication, saving
from enigma.figures.shared import palette
from enigma.figures.shared.export_request import Export
from enigma.figures.shared.provenance import Origin

# In inches.
PAGE = (8.27, 11.69)
_MARGIN, _GAP, _TITLE = 0.6, 0.35, 0.95
_FIGURE_WIDTH = PAGE[0] - 2 * _MARGIN
_HEADING, _TEXT, _LINE = 8.6, 7.6, 0.146
# Letters of the text that fit into a column, on average.
_LETTERS = 62


def saved(trajectory: Trajectory, told: list[Part], origin: Origin, wanted: Export) -> bytes:
    """The page as PDF."""
    with saving.settings():
        return saving.saved(handout(trajectory, told, origin, wanted), "pdf", origin.picture_metadata(wanted))


def handout(trajectory: Trajectory, told: list[Part], origin: Origin, wanted: Export) -> Figure:
    """The page as a figure; call it inside `saving.settings`."""
    named = steps(trajectory)
    moments = (named["first"], named["best"], named["last"])
    figure = publication.publication_figure(trajectory, moments, "label", _FIGURE_WIDTH)
    used = _moved_to_page(figure)
    _write(figure, _MARGIN, 0.55, "The Entropy Enigma in eight steps", 17.0, "bold")
    _write(figure, _MARGIN, 0.78, f"{origin.title}: success until step {named['best']}, then failure", 9.5)
    top = _TITLE + used + 0.35
    for column in (0, 1):
        _column(figure, told[4 * column : 4 * column + 4], 4 * column + 1, column, top)
    _write(figure, _MARGIN, PAGE[1] - 0.35, f"{origin.sentence(wanted)} · enigma app, then Learn", 6.5)
    return figure


def _moved_to_page(figure: Figure) -> float:
    """Puts a figure of its own size below the title of a page; returns its height in inches."""
    height = float(figure.get_size_inches()[1])
    figure.set_size_inches(*PAGE)
    across, up = _FIGURE_WIDTH / PAGE[0], height / PAGE[1]
    left, bottom = _MARGIN / PAGE[0], 1 - (_TITLE + height) / PAGE[1]
    for axes in figure.axes:
        box = axes.get_position()
        axes.set_position((left + across * box.x0, bottom + up * box.y0, across * box.width, up * box.height))
    for legend in figure.legends:
        anchor = legend.get_bbox_to_anchor().transformed(figure.transFigure.inverted())
        legend.set_bbox_to_anchor((left + across * anchor.x0, bottom + up * anchor.y0), figure.transFigure)
    return height


def _column(figure: Figure, told: list[Part], first: int, column: int, top: float) -> None:
    left = _MARGIN + column * ((_FIGURE_WIDTH - _GAP) / 2 + _GAP)
    for number, part in enumerate(told, start=first):
        for line in textwrap.wrap(f"{number}  {part.heading}", _LETTERS - 12):
            _write(figure, left, top, line, _HEADING, "bold")
            top += _LINE * 1.1
        for line in textwrap.wrap(re.sub(r"\*+", "", part.text), _LETTERS):
            _write(figure, left, top, line, _TEXT)
            top += _LINE
        top += 0.6 * _LINE


def _write(figure: Figure, left: float, top: float, text: str, size: float, weight: str = "normal") -> None:
    figure.text(
        left / PAGE[0], 1 - top / PAGE[1], text, fontsize=size, fontweight=weight, color=palette.INK, parse_math=False
    )
