"""Processes of this machine that record runs side by side."""

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor

from enigma.spec.threads import threads as number_of_threads


def processes(
    workers: int | None = None, threads: int | None = None, *, jobs: int | None = None
) -> ProcessPoolExecutor:
    """Processes for `jobs` runs, with `threads` of torch's threads each.

    Args:
        workers: how many; None for as many as the cores have room for.
        threads: None for what `enigma.spec.threads` says.
        jobs: more processes than this are of no use.

    The bits of a run depend on the number of its threads and on nothing else, so that any number of processes gives
    the same runs. They leave when the process that started them has gone, however it ended.
    """
    each = number_of_threads(threads)
    count = workers or max(1, (os.cpu_count() or 1) // each)
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(min(count, jobs or count), context, initializer=_begin, initargs=(each,))


def _begin(threads: int) -> None:
    # Before torch is imported in this process.
    os.environ["OMP_NUM_THREADS"] = str(threads)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    # At once, as if this process had been killed too: what it recorded goes on from its checkpoint.
    os._exit(1)
