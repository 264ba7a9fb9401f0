"""What is recorded: how many images are evaluated, and at which steps."""

import re
from typing import Annotated, Any

import numpy as np
from pydantic import Field, field_validator

from enigma.spec.glossary import meaning
from enigma.spec.spec_part import SpecPart

LEAST_IMAGES = 10
"""Fewer cannot be asked for: what is measured on them says nothing."""


class ProbeSpec(SpecPart):
    """The probe, the reference and the frames of a run.

    >>> ProbeSpec(frames=5).recorded_at(100)
    (0, 1, 5, 22, 100)
    """

    frames: Annotated[int, Field(ge=2)] | tuple[int, ...] = Field(
        18, description="How many frames to record, spaced logarithmically, or their steps as a list."
    )
    probes: int = Field(
        1000, ge=LEAST_IMAGES, description=f"{meaning('probe')} All there are, where there are no more."
    )
    references: int = Field(
        1000,
        ge=LEAST_IMAGES,
        description="Fixed training images to measure distances to; all there are, where there are no more.",
    )

    def recorded_at(self, steps: int) -> tuple[int, ...]:
        """The steps at which a frame is recorded: 0, then growing ever wider apart, then `steps`; or those listed."""
        return _log_spaced(steps, self.frames) if isinstance(self.frames, int) else self.frames

    @field_validator("frames", mode="before")
    @classmethod
    def _frames_from_text(cls, value: Any) -> Any:
        """'20' is a count and '0,10,100' a list, so that the command line and a form can give either."""
        if not isinstance(value, str):
            return value
        if not re.fullmatch(r"\d+(,\s*\d+)*", value):
            raise ValueError(f"a count such as 20 or steps such as 0,10,100, but got {value!r}")
        numbers = [int(number) for number in value.split(",")]
        return numbers if len(numbers) > 1 else numbers[0]

    @field_validator("frames")
    @classmethod
    def _sorted_frames(cls, value: int | tuple[int, ...]) -> int | tuple[int, ...]:
        return value if isinstance(value, int) else tuple(sorted(set(value)))


def _log_spaced(steps: int, count: int) -> tuple[int, ...]:
    """`count` distinct whole numbers from 0 to `steps`, as even as they can be on a logarithmic axis."""
    count = min(count, steps + 1)
    chosen: set[int] = set()
    # Rounding makes small steps coincide; a finer spacing makes up for them. Of many frames it grows by a fiftieth, so
    # that thousands are chosen in a moment.
    fineness = count - 1
    while len(chosen) < count and fineness < 100 * count:
        chosen = {0, *np.geomspace(1, steps, max(fineness, 1)).round().astype(int).tolist(), steps}
        fineness += 1 + (fineness // 50 if fineness > 500 else 0)
    spare = sorted(chosen)[1:-1]
    keep: list[int] = np.linspace(0, len(spare) - 1, count - 2).round().astype(int).tolist() if count > 2 else []
    return (0, *(spare[i] for i in keep), steps)
