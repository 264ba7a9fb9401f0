"""What a notebook shows of a run: one self-contained piece of HTML that takes the colours of the page around it."""

import html

import numpy as np

from enigma.analysis.trajectory import Trajectory
from enigma.api.opened import OpenedRun
from enigma.figures.print import inline
from enigma.spec.shares import percent

_CURVES = ("accuracy", "entropy", "prediction_entropy")
_NUMBERS = {
    "source_accuracy": "source model", "frame0_accuracy": "frame 0", "best_accuracy": "best",
    "final_accuracy": "final",
}  # fmt: skip


def overview(run: OpenedRun) -> str:
    """Title, state, accuracies or why there are none, and one or two metrics over the steps."""
    named = f" · {html.escape(run.label.name)}" if run.label.name else ""
    head = (
        f"<strong>{html.escape(run.title)}</strong>{named}<br>run <code>{html.escape(run.id)}</code> · "
        f"{html.escape(run.spec.model)} · {html.escape(run.state)} · {len(run.steps)} frames"
    )
    if not len(run.steps):
        return _page([head, "No frame is recorded yet."])
    trajectory = run.trajectory("pca")
    notes = [f"<small>{html.escape(note)}</small>" for note in run.notes]
    return _page([head, _numbers(run), _picture(trajectory), *notes])


def _numbers(run: OpenedRun) -> str:
    values = run.summary
    if values["best_step"] is None:
        return "Accuracy is not known: the test images have no labels."
    known = {name: values[key] for key, name in _NUMBERS.items()}
    told = [f"{name} <strong>{percent(share)}</strong>" for name, share in known.items() if isinstance(share, float)]
    return "Accuracy: " + " · ".join(told) + f" · best at step {values['best_step']:,}"


def _picture(trajectory: Trajectory) -> str:
    """The first two metrics that are known, with the phase boundary marked where there is one."""
    known = [name for name in _CURVES if np.isfinite(trajectory.metrics[name]).any()][:2]
    marked = {trajectory.phase_boundary: "best"} if trajectory.phase_boundary >= 0 else {}
    alt = f"{' and '.join(name.replace('_', ' ') for name in known)} of {trajectory.title} over the steps"
    return f'<div style="max-width:26em">{inline.over_steps(trajectory, tuple(known), marked, alt)}</div>'


def _page(parts: list[str]) -> str:
    return "<div>" + "".join(f'<div style="margin:0.3em 0">{part}</div>' for part in parts) + "</div>"
