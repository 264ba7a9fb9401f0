"""Quantities that a criterion names, computed from the units of a result: its splits, images, draws or seeds."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.stats import spearmanr

Columns = Mapping[str, np.ndarray]
"""A table, a column an array."""


def measured(measure: Mapping[str, Any], columns: Columns) -> float:
    """The quantity; NaN where the rows it needs are missing.

    Kinds: `mean` and `share_positive` of a column; `difference` and `ratio` of two means; `spearman` of x and y;
    `contrast`, |spearman(x, y)| - |spearman(z, y)|; `least`, `greatest` and `spread` (greatest less least) of the means
    for each value of the column `by`; `levels_below_zero`, the share of those means below zero. `where` (for the second
    mean `minus` or `over`) picks rows.

    >>> table = {"error": np.array([1.0, 3.0, 5.0]), "step": np.array([0, 0, 9])}
    >>> measured({"kind": "difference", "column": "error", "where": {"step": 0}, "minus": {"step": 9}}, table)
    -3.0
    """
    return float(_KINDS[measure["kind"]](measure, columns))


def settled(measure: Mapping[str, Any], columns: Columns) -> dict[str, Any]:
    """The measure with 'first' and 'last' in its conditions replaced by the least and greatest value of the column."""
    found = dict(measure)
    for name in ("where", "minus", "over"):
        if name in found:
            found[name] = {key: _settled(value, columns[key]) for key, value in found[name].items()}
    return found


def needed(measure: Mapping[str, Any]) -> set[str]:
    """The columns that it reads."""
    own = {measure[name] for name in ("column", "x", "y", "z", "by") if name in measure}
    return own.union(*(measure.get(name, {}) for name in ("where", "minus", "over")))


def _settled(value: Any, column: np.ndarray) -> Any:
    # Where the column holds the word itself, as 'last' of figure 2, the word is meant.
    if value not in ("first", "last") or value in column.astype(str):
        return value
    return column.min() if value == "first" else column.max()


def _rows(measure: Mapping[str, Any], columns: Columns, condition: str = "where") -> np.ndarray:
    chosen = np.ones(len(next(iter(columns.values()))), bool)
    for name, value in measure.get(condition, {}).items():
        chosen &= columns[name] == value
    return chosen


def _mean(measure: Mapping[str, Any], columns: Columns, condition: str = "where") -> float:
    values = columns[measure["column"]][_rows(measure, columns, condition)]
    return float(values.mean()) if len(values) else float("nan")


def _share_positive(measure: Mapping[str, Any], columns: Columns) -> float:
    values = columns[measure["column"]][_rows(measure, columns)]
    return float((values > 0).mean()) if len(values) else float("nan")


def _difference(measure: Mapping[str, Any], columns: Columns) -> float:
    return _mean(measure, columns) - _mean(measure, columns, "minus")


def _ratio(measure: Mapping[str, Any], columns: Columns) -> float:
    over = _mean(measure, columns, "over")
    return _mean(measure, columns) / over if over else float("nan")


def _correlation(measure: Mapping[str, Any], columns: Columns, of: str = "x") -> float:
    chosen = _rows(measure, columns)
    x, y = columns[measure[of]][chosen], columns[measure["y"]][chosen]
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(spearmanr(x, y).statistic)


def _contrast(measure: Mapping[str, Any], columns: Columns) -> float:
    return abs(_correlation(measure, columns)) - abs(_correlation(measure, columns, "z"))


def _levels(measure: Mapping[str, Any], columns: Columns) -> np.ndarray:
    by, values = columns[measure["by"]], columns[measure["column"]]
    return np.array([values[by == level].mean() for level in np.unique(by)])


_KINDS: dict[str, Callable[[Mapping[str, Any], Columns], float]] = {
    "mean": _mean,
    "share_positive": _share_positive,
    "difference": _difference,
    "ratio": _ratio,
    "spearman": _correlation,
    "contrast": _contrast,
    "least": lambda measure, columns: _levels(measure, columns).min(),
    "greatest": lambda measure, columns: _levels(measure, columns).max(),
    "spread": lambda measure, columns: float(np.ptp(_levels(measure, columns))),
    "levels_below_zero": lambda measure, columns: float((_levels(measure, columns) < 0).mean()),
}
