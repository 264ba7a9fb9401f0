"""The panels of a paper figure in words: which steps, which letters, and the caption; nothing is drawn here."""

import math

from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared import groups
from enigma.spec.errors import InputError
from enigma.spec.shares import percent

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
    is_labelled = trajectory.course.best >= 0
    shown = ", ".join(f"({letter(index)}) step {step}" for index, step in enumerate(steps))
    return (
        f"{groups.printable(trajectory.title)}. Test embeddings over the density of the training embeddings, with the "
        f"class means (crosses) and arrows from there to the centroids of the test embeddings, at {shown}"
        f"{', with the probe accuracy' if is_labelled else ''}; {groups.printable(trajectory.projection.title)} "
        f"({trajectory.faithfulness.words}). Below, metrics over the adaptation steps"
        f"{_of_accuracy(trajectory) if is_labelled else ''}."
    )


def _of_accuracy(trajectory: Trajectory) -> str:
    """Which phases there are beyond chance, and what the model is worth before it is adapted."""
    spans, best = trajectory.course.spans, trajectory.phase_boundary
    told = {
        (True, True): f"; phase 1 ends and phase 2 begins at step {best:,}",
        (True, False): f"; phase 1 ends at step {best:,}, and there is no phase 2 beyond chance",
        (False, True): f"; there is no phase 1 beyond chance, and phase 2 begins at step {best:,}",
        (False, False): "; neither phase is beyond chance",
    }[1 in spans, 2 in spans]
    source = trajectory.source_accuracy
    return f"{told}; the source model is right on {percent(source)}" if math.isfinite(source) else told
