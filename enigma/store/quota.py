"""How much of a server one person, and all together, may take: asked before something is added to the home.

What is being recorded may still grow beyond the disk quota; nothing is begun once it is reached. Where nobody signs in,
people cannot be told apart, and all together count as one.
"""

import os
from pathlib import Path

from enigma.spec.errors import RefusedError
from enigma.store import permission, policy

_GIGA, _MEGA = 10**9, 10**6


def check_disk(home: Path, more: int = 0) -> None:
    """Checks that there is room for something.

    Args:
        home: the folder of the home.
        more: its bytes, as far as they are known before.

    Raises:
        RefusedError: the home would hold more than it may.
    """
    most = policy.current().disk_gigabytes
    if most is None:
        return
    held = size_of(home)
    if held >= most * _GIGA or held + more > most * _GIGA:
        added = f" and {more / _GIGA:,.2f} GB would be added" if more else ""
        raise RefusedError(
            f"Expected less than {most:g} GB in the home of this server, but it holds {held / _GIGA:,.2f} GB{added}; "
            "delete runs and empty the trash, or ask whoever runs this server to raise `disk_gigabytes`."
        )


def check_upload(size: int) -> None:
    """Checks how large a file is that came through the browser, in bytes.

    Raises:
        RefusedError: it is larger than one may be.
    """
    now = policy.current()
    if now.restricted and size > now.upload_megabytes * _MEGA:
        raise RefusedError(
            f"Expected an upload of at most {now.upload_megabytes:,} MB, but got {size / _MEGA:,.1f} MB; make it "
            "smaller, or ask whoever runs this server to raise `upload_megabytes`."
        )


def check_runs(runs: Path, begun: int = 0) -> None:
    """Checks that who acts may have one more run.

    Args:
        runs: the folder of all runs.
        begun: how many more there will be when what waits is done.

    Raises:
        RefusedError: there are as many as there may be.
    """
    most = policy.current().runs_per_person
    if most is not None and (held := own_runs(runs) + begun) >= most:
        raise RefusedError(
            f"Expected at most {most:,} runs {_whose()}, but {held:,} are here or in the queue; delete some, or ask "
            "whoever runs this server to raise `runs_per_person`."
        )


def check_queue(waiting: int) -> None:
    """Checks that who acts, of whose jobs so many wait or run, may have one more.

    Raises:
        RefusedError: there are as many as there may be.
    """
    most = policy.current().queued_jobs_per_person
    if most is not None and waiting >= most:
        raise RefusedError(
            f"Expected at most {most:,} jobs {_whose()} in the queue, but {waiting:,} wait or run; cancel one or come "
            "back later, or ask whoever runs this server to raise `queued_jobs_per_person`."
        )


def own_runs(runs: Path) -> int:
    """How many runs in a folder are those of who acts."""
    return sum(permission.is_own(permission.owner_of(facts.parent).key) for facts in runs.glob("[!.]*/run.json"))


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder; links are not followed, and what is deleted meanwhile is not counted."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118
            except FileNotFoundError:
                continue
    return total


def _whose() -> str:
    return "of yours" if policy.current().sign_in else "of all who use this server"
