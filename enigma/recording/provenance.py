"""Where and with what a run of our own loop is recorded."""

from typing import Any

import torch

from enigma.recording.circumstances import circumstances


def provenance(device: torch.device) -> dict[str, Any]:
    """Versions, hardware and the time, for run.json."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    packages = ("torch", "numpy", "imagecorruptions-imaug")
    return circumstances(packages, device=str(device), threads=torch.get_num_threads(), name=name)
