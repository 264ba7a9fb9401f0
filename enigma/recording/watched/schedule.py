"""At which steps a loop that is watched leaves a frame."""

from dataclasses import dataclass

KEPT = 64
"""So many frames are kept of those that a loop logs, whatever their steps."""
KEPT_RATIO = 1.06
"""After them one is kept when the step has grown by this factor: 40 for each ten times as many steps."""
DUE_RATIO = 1.25
"""`log_model` looks at the model when the step has grown by this factor: ten times for each ten times as many steps."""


@dataclass
class Schedule:
    """Says which frames are kept, and when the next one is due.

    Attributes:
        keeps_all: whether every frame that is logged is kept.
        last: the step of the last frame that was kept; -1 before there is one.
        count: how many have been kept.
    """

    keeps_all: bool = False
    last: int = -1
    count: int = 0

    def is_due(self, step: int) -> bool:
        """Whether a frame is worth its forward pass, on a logarithmic axis of steps.

        >>> schedule = Schedule()
        >>> [step for step in range(30) if schedule.is_due(step) and schedule.keeps(step)]
        [0, 1, 2, 3, 4, 5, 7, 9, 12, 15, 19, 24]
        """
        return step > self.last and step >= int(DUE_RATIO * self.last + 0.999)

    def keeps(self, step: int) -> bool:
        """Whether the frame at `step`, which has been logged, is kept; if so it is the last one from now on."""
        if not self.keeps_all and self.count >= KEPT and step < KEPT_RATIO * self.last:
            return False
        self.last, self.count = step, self.count + 1
        return True
