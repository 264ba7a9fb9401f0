"""What went wrong in somebody's own code, and at which of their lines."""

import contextlib
import linecache
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path

from enigma.spec.errors import EnigmaError, InputError

_PROGRAM = Path(__file__).parents[1]
_STANDARD = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))
# Where installers put libraries, in whatever environment.
_INSTALLED = ("site-packages", "dist-packages")


def told(error: BaseException) -> str:
    """An error in words, with the last line of one's own files on the way to it.

    For example: 'line 12 of mymodels.py, `return 1 / 0`, says ZeroDivisionError: division by zero'. Without such a
    line, as where a library was called from here, what it says alone.
    """
    first = next(iter(str(error).strip().splitlines()), "")
    said = f"{type(error).__name__}: {first}" if first else type(error).__name__
    if isinstance(error, SyntaxError) and error.filename and _is_own(error.filename):
        return f"line {error.lineno} of {Path(error.filename).name} says {type(error).__name__}: {error.msg}"
    own = _own_lines(error)
    if not own:
        return f"it says {said}"
    source = (own[-1].line or linecache.getline(own[-1].filename, own[-1].lineno or 0)).strip()[:80]
    return f"line {own[-1].lineno} of {Path(own[-1].filename).name}, `{source}`, says {said}"


@contextlib.contextmanager
def explained(expected: str) -> Iterator[None]:
    """What is raised in somebody's own file becomes one sentence that names the line; other errors stay as they are.

    Args:
        expected: what should have been done, as in 'a step of mine:build'.

    Raises:
        InputError: in place of the error.
    """
    try:
        yield
    except EnigmaError:
        raise
    except Exception as error:
        if not _own_lines(error):
            raise
        raise InputError(f"Expected {expected}, but {told(error)}.") from error


def _own_lines(error: BaseException) -> list[traceback.FrameSummary]:
    return [step for step in traceback.extract_tb(error.__traceback__) if _is_own(step.filename)]


def _is_own(filename: str) -> bool:
    """Whether a file is neither the program's, nor a library's, nor made up, as '<frozen importlib>' is."""
    path = Path(filename)
    is_library = any(part in _INSTALLED for part in path.parts)
    return path.is_absolute() and not is_library and not any(map(path.is_relative_to, (_PROGRAM, *_STANDARD)))
