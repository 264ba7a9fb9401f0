"""When to stop adapting, told from the stream alone: a suggested step and a collapse alarm.

Both watch one number: how far the mean prediction has moved from that of the model before its first step on the same
images, as long as it has become less diverse. A shift of the labels moves both means alike and so goes unnoticed, which
is as it should be. Memory is constant.

`QUIET` and `BIASED` were chosen on clean images and the four held-out corruptions of three bundled models, the others
on recorded runs of `resnet-bn`; `tests/benchmarks/stopping_table.py` shows how they fare on all corruptions.
"""

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

QUIET = 0.0005
"""Up to this many nats the mean prediction counts as unmoved."""
LEFT = 0.02
"""Beyond this, for `PATIENCE` steps, the predictions have left where they were: stop at the last quiet step."""
COLLAPSE = 0.35
"""Beyond this, for `PATIENCE` steps, classes are vanishing: the alarm."""
PATIENCE = 3
BIASED, LOOK, PER_CLASS = 0.94, 5, 10
"""Predictions whose diversity is below 0.94 log K after five steps favour few classes from the start, and minimising
entropy makes that worse: do not adapt. Looked at where five batches hold ten images a class; fewer cannot tell."""
CONFIDENT, FIRST, ENOUGH = 0.17, 10, 50
"""A stream whose first ten batches have a mean entropy below 0.17 log K has little to gain: 50 steps are enough."""


@dataclass
class Watch:
    """Follows one stream, step by step.

    Attributes:
        classes, batch_size: of the stream.
        step: steps seen.
        kept: the last step at which the predictions were unmoved, 0 if they were biased from the start: the suggestion.
        stop_at: the step at which it was clear that adaptation should end; 0 before.
        alarm_at: the step of the collapse alarm; 0 before.
    """

    classes: int
    batch_size: int
    step: int = 0
    kept: int = 0
    stop_at: int = 0
    alarm_at: int = 0
    _left: int = 0
    _collapsed: int = 0
    _entropy: float = 0.0

    def update(self, shift: float, diversity: float, initial_diversity: float, entropy: float) -> None:
        """Takes in one step.

        Args:
            shift: `Signals.histogram_shift`, nats.
            diversity, initial_diversity: as in `Signals`, nats.
            entropy: mean entropy of this batch, nats.
        """
        self.step += 1
        moved = shift if diversity < initial_diversity else 0.0
        if self.step <= FIRST:
            self._entropy += entropy / FIRST
        confident = self.step >= FIRST and self._entropy < CONFIDENT * math.log(self.classes)
        if self.step == LOOK and self._is_biased(initial_diversity):
            self.kept, self.stop_at = 0, self.step
        self._left = self._left + 1 if moved > LEFT else 0
        self._collapsed = self._collapsed + 1 if moved > COLLAPSE else 0
        if not self.stop_at:
            if moved <= QUIET:
                self.kept = self.step
            if self._left >= PATIENCE or (confident and self.step >= ENOUGH):
                self.stop_at = self.step
        if not self.alarm_at and self._collapsed >= PATIENCE:
            self.alarm_at = self.step

    def _is_biased(self, diversity: float) -> bool:
        enough = LOOK * self.batch_size >= PER_CLASS * self.classes
        return enough and diversity < BIASED * math.log(self.classes)

    def state(self) -> dict[str, Any]:
        return asdict(self)


def watched(scalars: dict[str, Any], classes: int, batch_size: int) -> Watch | None:
    """The watch after all recorded steps of a run; None where nobody followed its stream.

    Steps of which the stream was not recorded, as in a loop that is watched now and then, are passed over; what the
    watch tells of is a step of the run all the same.
    """
    names = ("histogram_shift", "diversity", "initial_diversity", "entropy")
    if any(name not in scalars for name in names):
        return None
    watch, seen = Watch(classes, batch_size), [0]
    for step, *values in zip(*(scalars[name].tolist() for name in ("step", *names)), strict=True):
        if all(map(math.isfinite, values)):
            watch.update(*values)
            seen.append(int(step))
    if not watch.step:
        return None
    told = {name: seen[getattr(watch, name)] for name in ("step", "kept", "stop_at", "alarm_at")}
    return replace(watch, **told)
