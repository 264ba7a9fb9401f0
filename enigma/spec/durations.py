"""Durations as they are written everywhere."""


def duration(seconds: float | int) -> str:
    """In words, no finer than it can be known.

    >>> duration(0.4), duration(97), duration(5000)
    ('1 s', '97 s', '83 min')
    """
    if seconds < 120:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
