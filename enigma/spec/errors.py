"""The errors that a page or the command line can explain: one sentence each, never a traceback."""

# What a user gave, and the names that there are, can be longer than anybody reads.
_MOST, _END = 500, 190


def sentence(text: str) -> str:
    """One line, without the middle where it is long: it begins with what was expected and ends with what to do.

    >>> sentence("Expected a name, but got 'a" + chr(10) + "b'.")
    "Expected a name, but got 'a b'."
    """
    # What a library says, and what a user named, may have line breaks and other control characters of its own.
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _MOST else f"{line[: _MOST - _END - 3]} … {line[-_END:]}"


class EnigmaError(Exception):
    """Anything a user can act on; the message says what was expected, what came and what to do."""

    def __str__(self) -> str:
        return sentence(super().__str__())


class InputError(EnigmaError, ValueError):
    """A name, number, file or folder that a user gave cannot be used."""


class BusyRunError(InputError):
    """Another process is recording the run."""


class RunNotFoundError(EnigmaError):
    """No run of this id is stored."""


class CorruptRunError(EnigmaError):
    """A run folder is truncated, changed or foreign."""


class NewerRunError(CorruptRunError):
    """A run was written by a newer version of Entropy Enigma."""


class FullDiskError(EnigmaError):
    """There is no room to record on; the run is paused, and goes on when there is."""


class NonFiniteLossError(EnigmaError):
    """The loss became NaN or infinite; what was recorded before is kept."""


class RefusedError(InputError):
    """Whoever runs the server has not allowed this; the message says who can change that."""
