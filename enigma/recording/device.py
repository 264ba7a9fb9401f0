"""Where and in which number format a run computes."""

import contextlib
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from enigma.spec.errors import InputError
from enigma.spec.threads import threads as number_of_threads


def resolved(device: str) -> str:
    """The name of a device; 'auto' is the GPU where there is one, and the CPU otherwise."""
    return ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device


@dataclass(frozen=True)
class Compute:
    """A device and a precision; made from the fields of a spec by `of`."""

    device: torch.device
    precision: str

    @classmethod
    def of(cls, device: str, precision: str, threads: int | None = None) -> "Compute":
        """'auto' is the GPU where there is one. Also fixes the number of threads, on which the last bits depend.

        Args:
            device: as in a spec.
            precision: as in a spec.
            threads: of torch; None for what `enigma.spec.threads` says.

        Raises:
            InputError: this machine does not have the device.
        """
        name = resolved(device)
        try:
            torch.zeros(1, device=name)
        except (RuntimeError, AssertionError) as error:
            message = f"Expected `device` to be one this machine has, but got {name!r}; use 'auto' or 'cpu'."
            raise InputError(message) from error
        # Sums depend on how many threads share them, and libraries that ran before (UMAP's) change that number.
        torch.set_num_threads(number_of_threads(threads))
        return cls(torch.device(name), precision)

    @property
    def dtype(self) -> torch.dtype:
        """Of weights and images; bfloat16 keeps both in float32 and computes in mixed precision."""
        return torch.float64 if self.precision == "float64" else torch.float32

    def place(self, module: nn.Module) -> nn.Module:
        """On the device, in the precision, in the memory order that is fastest for convolutions."""
        return module.to(self.device, self.dtype).to(memory_format=torch.channels_last)

    def autocast(self) -> contextlib.AbstractContextManager:
        """Mixed precision inside, where it is asked for."""
        if self.precision == "bfloat16":
            return torch.autocast(self.device.type, torch.bfloat16)
        return contextlib.nullcontext()

    def pixels(self, images: np.ndarray) -> Tensor:
        """uint8 images (batch, height, width, 3) as numbers in [0, 1] of shape (batch, 3, height, width)."""
        tensor = torch.from_numpy(np.ascontiguousarray(images)).to(self.device)
        # The permuted view is already in channels-last memory order, the faster one for convolutions.
        return tensor.permute(0, 3, 1, 2).to(self.dtype).div(255)
