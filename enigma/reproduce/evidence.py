"""From numbers to sentences: how a correlation or an error compares with the paper's."""

from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.stats import pearsonr, spearmanr

from enigma.reproduce.result import Finding

SIGNIFICANCE = 0.05
"""The paper's alpha."""


def correlation(
    what: str, x: Float[np.ndarray, " points"], y: Float[np.ndarray, " points"], paper: str, *, positive: bool
) -> Finding:
    """Whether two quantities go together in the direction that the paper says, significantly at 0.05.

    >>> numbers = np.arange(10.0)
    >>> correlation("a with b", numbers, -numbers, "-0.79", positive=False).text
    'a with b: Spearman -1.00, Pearson -1.00 (n = 10, p < 0.001; paper -0.79): same direction, significant.'
    """
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Finding(f"{what}: too few different values to correlate (n = {len(x)}).")
    rank, line = spearmanr(x, y), pearsonr(x, y)
    same, significant = (rank.statistic > 0) == positive, bool(rank.pvalue < SIGNIFICANCE)
    direction = "same direction" if same else "opposite direction"
    return Finding(
        f"{what}: Spearman {rank.statistic:+.2f}, Pearson {line.statistic:+.2f} (n = {len(x)}, {_p(rank.pvalue)}; "
        f"paper {paper}): {direction}, {'significant' if significant else 'not significant'}."
    )


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def by_corruption(table: pd.DataFrame) -> pd.DataFrame:
    """A table with a row a split, and in `group` the corruption that it is of.

    >>> by_corruption(pd.DataFrame({"split": ["gaussian_noise 3", "clean"]}))["group"].tolist()
    ['gaussian_noise', 'clean']
    """
    return table.assign(group=[split.rpartition(" ")[0] or split for split in table["split"]])


def points(errors: Float[np.ndarray, " splits"]) -> float:
    """Mean absolute error in points, from differences of accuracies in [0, 1].

    >>> points(np.array([0.1, -0.3]))
    20.0
    """
    return round(float(100 * np.abs(errors).mean()), 10)


def rows(table: pd.DataFrame) -> list[Any]:
    """The rows of a table, with a column as an attribute."""
    return list(table.itertuples())


def least(table: pd.DataFrame, column: str) -> Any:
    """The row with the least value in a column.

    >>> least(pd.DataFrame({"name": ["a", "b"], "error": [2.0, 1.0]}), "error").name
    'b'
    """
    return min(table.itertuples(), key=lambda row: getattr(row, column))
