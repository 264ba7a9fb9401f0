"""Where and with what a run was recorded."""

import platform
import time
from importlib.metadata import version
from typing import Any

import torch

from enigma import __version__


def provenance(device: torch.device) -> dict[str, Any]:
    """Versions, hardware and the time, for run.json."""
    packages = ("torch", "numpy", "imagecorruptions-imaug")
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    return {
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "versions": {"enigma": __version__, "python": platform.python_version()} | {p: version(p) for p in packages},
        "hardware": {
            "device": str(device),
            "name": name,
            "system": platform.system(),
            "threads": torch.get_num_threads(),
        },
    }
