"""What the run that comes with the package shows, measured when the site is built."""

from functools import cache

import numpy as np

from docs.generate.results import table
from enigma.analysis.reading import trajectory
from enigma.analysis.trajectory import Trajectory
from enigma.store.home import Home

SHOWN = ("entropy", "silhouette", "shift_distance", "prediction_entropy")


def run_id() -> str:
    return Home.default().example().id


@cache
def shown() -> Trajectory:
    return trajectory(Home.default().example())


def rows(steps: tuple[int, ...] = ()) -> list[list[str]]:
    """Step, accuracy in percent, entropy, silhouette score, shift distance, entropy of the mean prediction."""
    run = shown()
    found = []
    for frame, step in enumerate(run.steps):
        if not steps or step in steps:
            entropy, silhouette, shift, mean = (run.metrics[name][frame] for name in SHOWN)
            accuracy = 100 * run.metrics["accuracy"][frame]
            numbers = [f"{accuracy:.1f}", f"{entropy:.2f}", f"{silhouette:.3f}", f"{shift:.2f}", f"{mean:.2f}"]
            found.append([str(step), *numbers])
    return found


def bundled_run() -> str:
    """Every frame of the bundled run."""
    columns = ["step", "accuracy %", "entropy", "silhouette score", "shift distance", "entropy of the mean prediction"]
    return table(columns, rows(), words=0)


def facts() -> dict[str, str]:
    """The numbers that the text on the bundled run names."""
    run = shown()
    accuracy, shift = 100 * run.metrics["accuracy"], run.metrics["shift_distance"]
    best, trust = int(accuracy.argmax()), run.faithfulness
    return {
        "id": run.run_id,
        "source": f"{100 * run.source_accuracy:.1f}",
        "frame_0": f"{accuracy[0]:.1f}",
        "best": f"{accuracy[best]:.1f}",
        "best_step": str(run.steps[best]),
        "last": f"{accuracy[-1]:.1f}",
        "last_step": str(run.steps[-1]),
        "gain": f"{accuracy[best] - accuracy[0]:.1f}",
        "fall": f"{accuracy[best] - accuracy[-1]:.1f}",
        "nearest_step": str(run.steps[int(np.argmin(shift))]),
        "growth": f"{shift[-1] / shift.min():.1f}",
        "shows": trust.words,
        "told": " ".join(trust.told(run.course)),
    }
