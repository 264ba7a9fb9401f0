"""Writes beside the loop: what is logged waits in a queue, so that the loop need not wait for a disk."""

import queue
import threading
from collections.abc import Callable

from enigma.spec.errors import InputError

_MOST_WAITING = 32
"""Frames that may wait; a loop that is faster than its disk waits for it then, and no frame is lost."""


class Writer:
    """One thread that does what it is given, in order (final)."""

    def __init__(self) -> None:
        self._tasks: queue.Queue[Callable[[], None] | None] = queue.Queue(_MOST_WAITING)
        self._problem: Exception | None = None
        self._thread = threading.Thread(target=self._work, name="enigma.watch", daemon=True)
        self._thread.start()

    def put(self, task: Callable[[], None]) -> None:
        """Adds a task.

        Raises:
            InputError: an earlier one failed.
        """
        self.check()
        self._tasks.put(task)

    def check(self) -> None:
        """Whether all went well so far.

        Raises:
            InputError: something could not be written.
        """
        if self._problem is not None:
            raise InputError(
                f"Expected to write what the loop logged, but got: {self._problem}. What was written before is kept."
            ) from self._problem

    def close(self) -> None:
        """Waits until all is done; nothing can be added any more. Whether all went well, `check` says."""
        if self._thread.is_alive():
            self._tasks.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            if self._problem is not None:
                continue
            try:
                task()
            except Exception as error:  # whatever it is, the loop is told of it at its next log
                self._problem = error
