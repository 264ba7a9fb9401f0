"""The panels of a paper figure in words: which steps, which letters, and the caption; nothing is drawn here."""

import math

from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared import groups
from enigma.spec.errors import InputError

MOST_STEPS = 8


def chosen_steps(trajectory: Trajectory, steps: tuple[int, ...] = ()) -> tuple[int, ...]:
    """The recorded steps that a figure shows: those asked for, or frame 0, the phase boundary and the last frame.

    Raises:
        InputError: there are more than fit on a page.
    """
    wanted = steps or (0, trajectory.phase_boundary, int(trajectory.steps[-1]))
    found = tuple(sorted({groups.shown_step(trajectory, step) for step in wanted}))
    if len(found) > MOST_STEPS:
        raise InputError(f"Expected at most {MOST_STEPS} steps side by side, but got {len(found)}; choose fewer.")
    return found


def letter(index: int) -> str:
    """'a' for the first panel."""
    return "abcdefghijklmnopqrstuvwxyz"[index]


def caption(trajectory: Trajectory, steps: tuple[int, ...]) -> str:
    """What the figure shows, to be put below it."""
    shown = ", ".join(f"({letter(index)}) step {step}" for index, step in enumerate(steps))
    trust = trajectory.projection.faithfulness.distance_correlation
    faith = f" (rank correlation of distance to training with that in embedding space: {trust:.2f})"
    return (
        f"{groups.printable(trajectory.title)}. Test embeddings (coloured) over training embeddings (grey) and their "
        f"class means (stars) at {shown}, with the probe accuracy; {groups.printable(trajectory.projection.title)}"
        f"{faith if math.isfinite(trust) else ''}. Below, metrics over the adaptation steps; phase 1 ends at step "
        f"{trajectory.phase_boundary}, and the source model is right on {trajectory.source_accuracy:.1%}."
    )
