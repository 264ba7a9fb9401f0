"""When, with what and on what a run was recorded, for run.json; without torch, which a watched loop need not have."""

import platform
import time
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from enigma import __version__


def circumstances(packages: Sequence[str], *, device: str, threads: int, name: str = "") -> dict[str, Any]:
    """The time, the versions of Python, of this project and of `packages`, and the hardware.

    Args:
        packages: as they are called when they are installed.
        device: where it is computed, as torch calls it.
        threads: how many compute.
        name: of the device; that of the processor where it is not given.
    """
    return {
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "versions": {"enigma": __version__, "python": platform.python_version()} | {p: version(p) for p in packages},
        "hardware": {
            "device": device,
            "name": name or platform.processor() or platform.machine(),
            "system": platform.system(),
            "threads": threads,
        },
    }
