"""The errors that a page or the command line can explain: one sentence each, never a traceback."""


class EnigmaError(Exception):
    """Anything a user can act on; the message says what was expected, what came and what to do."""


class InputError(EnigmaError, ValueError):
    """A name, number, file or folder that a user gave cannot be used."""


class RunNotFoundError(EnigmaError):
    """No run of this id is stored."""


class CorruptRunError(EnigmaError):
    """A run folder is truncated, changed or foreign."""


class NewerRunError(CorruptRunError):
    """A run was written by a newer version of Entropy Enigma."""


class NonFiniteLossError(EnigmaError):
    """The loss became NaN or infinite; what was recorded before is kept."""
