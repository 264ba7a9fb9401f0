"""A table of words and numbers as pages of a PDF."""

import io
import textwrap
from collections.abc import Sequence

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from enigma.figures.shared import palette

WIDTH, HEIGHT = 11.7, 8.3
"""Inches: A4 across."""
_LEFT, _TOP, _BOTTOM, _SIZE = 0.04, 0.9, 0.06, 7.5
_LINE = 0.019
# Letters of that size in the whole width, for where to break a line.
_LETTERS = 205


def pages(title: str, note: str, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> bytes:
    """Call it inside `saving.settings`.

    Args:
        head: a word a column.
        rows: a cell a column; long ones are broken into lines.
        widths: share of the width of the page for each column; they add up to 1.
    """
    file = io.BytesIO()
    with PdfPages(file, metadata={"Title": title, "CreationDate": None}) as document:
        left = [[_broken(cell, width) for cell, width in zip(row, widths, strict=True)] for row in rows]
        while left:
            figure, used = _page(title, note, head, widths), _TOP - 2.2 * _LINE
            while left and used - _height(left[0]) > _BOTTOM:
                _write(figure, left[0], widths, used)
                used -= _height(left.pop(0))
            document.savefig(figure)
    return file.getvalue()


def _page(title: str, note: str, head: Sequence[str], widths: Sequence[float]) -> Figure:
    figure = Figure(figsize=(WIDTH, HEIGHT), facecolor=palette.PAPER)
    figure.text(_LEFT, 0.955, title, fontsize=12, fontweight="bold", color=palette.INK, va="top")
    figure.text(_LEFT, 0.928, note, fontsize=8, color=palette.MUTED, va="top")
    _write(figure, head, widths, _TOP - 0.5 * _LINE, weight="bold")
    return figure


def _write(figure: Figure, row: Sequence[str], widths: Sequence[float], top: float, weight: str = "normal") -> None:
    place = _LEFT
    for cell, width in zip(row, widths, strict=True):
        # A dollar sign would begin a formula.
        text = cell.replace("$", r"\$")
        figure.text(place, top, text, fontsize=_SIZE, color=palette.INK, va="top", fontweight=weight)
        place += width * (1 - 2 * _LEFT)


def _broken(cell: str, width: float) -> str:
    return "\n".join(textwrap.wrap(cell, max(6, int(_LETTERS * width))) or [""])


def _height(row: Sequence[str]) -> float:
    return _LINE * (0.5 + max(cell.count("\n") + 1 for cell in row))
