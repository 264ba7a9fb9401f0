"""How far each adapted parameter tensor has drifted from the source, frame by frame."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from enigma.spec.errors import CorruptRunError
from enigma.store.run_folder import Run, frame_name


@dataclass(frozen=True)
class Layers:
    """The drift of every adapted tensor of a run.

    Attributes:
        names: of the tensors, in the order of the model.
        relative: ||θ - θ₀|| / ||θ₀||; NaN for a tensor that starts at zero, and at frames that did not record it.
        distance: ||θ - θ₀||.
    """

    names: tuple[str, ...]
    relative: Float[np.ndarray, "frames tensors"]
    distance: Float[np.ndarray, "frames tensors"]


def layers(run: Run, drifts: Sequence[np.ndarray | None]) -> Layers | None:
    """From what each frame says of drift; None where none of them does, as in runs of earlier versions.

    Args:
        run: whose frames name the tensors.
        drifts: the array `parameter_drift` of each frame, of shape (2, tensors): norms of θ - θ₀ and of θ₀.
    """
    recorded = [frame for frame, drift in enumerate(drifts) if drift is not None]
    if not recorded:
        return None
    name = frame_name(run.frame_steps[recorded[-1]])
    try:
        names = tuple(json.loads(run.read_facts(name)["parameters"]))
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise CorruptRunError(f"Expected {name} of run {run.id} to name its tensors, but it does not.") from error
    empty = np.full((2, len(names)), np.nan)
    distance, norm = np.stack([empty if drift is None else drift.astype(np.float64) for drift in drifts], axis=1)
    relative = np.divide(distance, norm, out=np.full_like(distance, np.nan), where=norm > 0)
    return Layers(names, relative, distance)
