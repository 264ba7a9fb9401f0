"""The pictures of the lesson: those of its parts, and the parts that move as a GIF."""

import numpy as np

from enigma.analysis.lesson.story import PAPER_F, Part, steps
from enigma.analysis.trajectory import Trajectory
from enigma.figures.print import animation, inline
from enigma.figures.print.animation import GIF_DOTS, GIF_RATE, Moment

# Pictures from one frame to the next, and the seconds that the first and the last of a part rest.
_BETWEEN, _FIRST_REST, _LAST_REST = 3, 1.4, 1.8


def still(trajectory: Trajectory, number: int, part: Part) -> str:
    """The picture of a part that does not move, as SVG.

    Args:
        trajectory: the run.
        number: of the part, from 1.
        part: its words.
    """
    named, alt = steps(trajectory), part.caption
    if number == 3:
        return inline.entropies(trajectory, (named["first"], named["best"], named["last"]), alt)
    if number == 5:
        marked = {named["best"]: "", named["turned"]: ""}
        return inline.over_steps(trajectory, ("accuracy", "entropy", "prediction_entropy"), marked, alt)
    if number == 7:
        flips = float(trajectory.metrics["weighted_flips"][-1])
        return inline.estimate(PAPER_F, flips, float(PAPER_F(flips)), 100 * trajectory.source_accuracy, alt)
    if number == 8:
        return inline.over_steps(trajectory, ("accuracy",), {named["best"]: "best", named["last"]: "end"}, alt)
    return inline.projection(trajectory, part.step, part.color, alt)


def moving(trajectory: Trajectory, told: list[Part], comment: str) -> bytes:
    """The parts that move, one after the other, as a GIF with their headings.

    Args:
        trajectory: the run.
        told: all parts.
        comment: where it comes from, in ASCII.
    """
    drawn: list[np.ndarray] = []
    plan: list[Moment] = []
    for part in (one for one in told if one.plays):
        own = _moments(trajectory, part)
        drawn += animation.pictures(trajectory, part.color, own, GIF_DOTS, part.heading)
        plan += own
    return animation.gif(drawn, plan, comment)


def _moments(trajectory: Trajectory, part: Part) -> list[Moment]:
    first, last = (trajectory.frame_at(step) for step in part.plays or (part.step, part.step))
    times = np.linspace(first, last, _BETWEEN * (last - first) + 1)
    rests = [_FIRST_REST, *[1 / GIF_RATE] * (len(times) - 2), _LAST_REST]
    return [Moment(float(time), round(GIF_RATE * rest)) for time, rest in zip(times, rests, strict=True)]
