"""How many threads of torch compute a run: one number for every door, because its last bits depend on it."""

import os

from enigma.spec.errors import InputError

DEFAULT = 2
"""Where nobody names another: the same however many cores there are, so that `enigma run`, a sweep, the queue and
another machine of the same kind give the same bits. The bundled run was recorded with as many."""


def threads(named: int | None = None) -> int:
    """The number that was named, else that of the environment variable OMP_NUM_THREADS, else `DEFAULT`.

    Raises:
        InputError: OMP_NUM_THREADS is no such number.

    >>> threads(3)
    3
    """
    if named is not None:
        return named
    # OpenMP takes a list, one number for each level of nesting; the first is torch's.
    text = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip() or str(DEFAULT)
    if not (text.isdecimal() and int(text) >= 1):
        raise InputError(f"Expected OMP_NUM_THREADS to be a number of threads, 1 or more, but got {text!r}; unset it.")
    return int(text)
