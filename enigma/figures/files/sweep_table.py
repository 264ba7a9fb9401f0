"""The table of a sweep as text, and as CSV, Parquet, LaTeX or Markdown."""

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from enigma.analysis.sweep_table import MEASURES
from enigma.figures.files.tables import as_csv, as_parquet
from enigma.spec.errors import InputError

_SPECIAL = {character: f"\\{character}" for character in "&%$#_{}"} | {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def cells(table: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Head and rows as people read them: errors in percent with one decimal, and ± the deviation over seeds.

    >>> head, rows = cells(pd.DataFrame([{"lr": 0.01, "corruptions": 2, "seeds": 3, "missing": 0,
    ...     **{name: 25.0 for name in MEASURES}, **{f"{name}_deviation": 1.5 for name in MEASURES}}]))
    >>> head[0], rows[0][0], rows[0][-1]
    ('lr', '0.01', '25.0 ± 1.5')
    """
    fields = list(table.columns[: list(table.columns).index("corruptions")])
    counts = ["corruptions", "seeds", *(["missing"] if table["missing"].any() else [])]
    head = [*fields, *counts, *(f"{title} error %" for title in MEASURES.values())]
    rows = [
        [*(_word(row[name]) for name in (*fields, *counts)),
         *(_error(row[name], row[f"{name}_deviation"]) for name in MEASURES)]
        for _, row in table.astype(object).iterrows()
    ]  # fmt: skip
    return head, rows


def markdown(table: pd.DataFrame) -> str:
    """A Markdown table."""
    head, rows = cells(table)
    lines = [head, ["---"] * len(head), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def latex(table: pd.DataFrame) -> str:
    """A tabular with the rules of the package booktabs."""
    head, rows = cells(table)
    words = len(head) - len(MEASURES)
    lines = [" & ".join(map(_escaped, line)) + r" \\" for line in (head, *rows)]
    begin = rf"\begin{{tabular}}{{{'l' * words}{'r' * len(MEASURES)}}}"
    return "\n".join([begin, r"\toprule", lines[0], r"\midrule", *lines[1:], r"\bottomrule", r"\end{tabular}", ""])


WRITERS: dict[str, Callable[[pd.DataFrame, Sequence[str]], bytes]] = {
    ".csv": lambda table, runs: as_csv(table),
    ".parquet": lambda table, runs: as_parquet(table, json.dumps({"runs": list(runs)})),
    ".tex": lambda table, runs: latex(table).encode(),
    ".md": lambda table, runs: markdown(table).encode(),
}
"""From a table and the ids of its runs to the bytes of a file, by the ending of its name."""


def check(path: Path) -> None:
    """Raises: InputError: no table is written under such a name."""
    if path.suffix not in WRITERS:
        raise InputError(f"Expected a file of a table, {', '.join(WRITERS)}, but got {path.name!r}.")


def _word(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _error(mean: float, deviation: float) -> str:
    if not math.isfinite(mean):
        return "–"
    return f"{mean:.1f}" + (f" ± {deviation:.1f}" if math.isfinite(deviation) else "")


def _escaped(cell: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in cell).replace("±", r"$\pm$").replace("–", "--")
