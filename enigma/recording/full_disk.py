"""A disk that is full while a run is recorded: the run is paused with a message, and goes on when there is room."""

import contextlib
import errno
from collections.abc import Iterator

from enigma.spec.errors import CorruptRunError, FullDiskError
from enigma.store import soundness
from enigma.store.run_folder import Run

_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextlib.contextmanager
def pausing(run: Run) -> Iterator[None]:
    """Turns the system's error of a full disk into one that says what to do, and notes it in the run if that still can.

    Raises:
        FullDiskError: there was no room to write a file; what was recorded before is kept.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        message = (
            f"Expected room to record run {run.id}, but the disk of {run.path.parent} is full; the run is paused and "
            "keeps what it has. Free some room, then go on with the same command, or with Resume."
        )
        with contextlib.suppress(OSError, CorruptRunError):
            if run.status["state"] == "running":
                run.set_status("paused", soundness.checkpoint_step(run), message)
        raise FullDiskError(message) from error
