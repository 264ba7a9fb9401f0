"""Shares of a whole as they are written everywhere: in percent, one decimal, a space before the sign."""

import math


def percent(share: float | None, digits: int = 1, unknown: str = "–") -> str:
    """A share in [0, 1] in percent; `unknown` where it is None or not a number.

    >>> percent(0.6899), percent(0.5, digits=0), percent(float("nan"))
    ('69.0 %', '50 %', '–')
    """
    return unknown if share is None or not math.isfinite(share) else f"{100 * share:.{digits}f} %"
