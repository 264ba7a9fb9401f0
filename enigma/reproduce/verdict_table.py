"""Every criterion with its verdict as one table, for people and for papers: CSV, LaTeX and PDF."""

from collections.abc import Sequence

import pandas as pd

from enigma.figures.print import saving
from enigma.figures.print.table import pages
from enigma.reproduce.criteria import criteria
from enigma.reproduce.stored import Stored, cells
from enigma.store.csv_file import csv_text

COLUMNS = ("result", "quantity", "paper", "wanted", "here", "low", "high", "verdict", "why", "criteria", "runs")
_SPECIAL = str.maketrans(
    {character: rf"\{character}" for character in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--"}
)


def verdict_table(found: Sequence[Stored]) -> pd.DataFrame:
    """One row a criterion: what it asks for, the paper's number and ours with its interval, and what became of it."""
    rows = [
        (one.name, each.quantity, each.paper, each.wanted, each.ours, each.low, each.high, each.verdict, each.why,
         one.criteria, one.coverage)
        for one in found
        for each in one.judgements
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def as_csv(found: Sequence[Stored]) -> bytes:
    """With all columns."""
    return csv_text(verdict_table(found), float_format="%.6g").encode()


def as_latex(found: Sequence[Stored]) -> bytes:
    r"""A `longtable` with rules of `booktabs`."""
    head = " & ".join(("Result", "Quantity", "Paper", "Wanted", "Here", r"95\,\% interval", "Verdict"))
    lines = [r"% \usepackage{booktabs,longtable}", f"% {_note()}", r"\begin{longtable}{lp{6cm}lllll}", r"\toprule",
             rf"{head} \\", r"\midrule", r"\endhead"]  # fmt: skip
    lines += [rf"{' & '.join(cell.translate(_SPECIAL) for cell in row)} \\" for row in _rows(found)]
    return "\n".join([*lines, r"\bottomrule", r"\end{longtable}", ""]).encode()


def as_pdf(found: Sequence[Stored]) -> bytes:
    """On pages of A4 across."""
    head = ("Result", "Quantity", "Paper", "Wanted", "Here", "95 % interval", "Verdict")
    widths = (0.07, 0.43, 0.12, 0.09, 0.06, 0.11, 0.12)
    with saving.settings():
        return pages("The paper, reproduced: verdicts", _note(), head, list(_rows(found)), widths)


def _rows(found: Sequence[Stored]) -> list[tuple[str, ...]]:
    return [(one.name, *cells(each)[:5], each.verdict) for one in found for each in one.judgements]


def _note() -> str:
    return f"Criteria of {criteria().written.isoformat()}; intervals by bootstrap, {criteria().resamples:,} resamples."
