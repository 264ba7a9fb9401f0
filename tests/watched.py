"""A loop as somebody else would write it, for tests that look at what was watched of it."""

from pathlib import Path
from typing import Any

import numpy as np

import enigma
from enigma.store.home import Home
from enigma.store.run_folder import Run

PROBES, CLASSES, FEATURES, REFERENCES = 60, 3, 8, 45
LABELS, REFERENCE_LABELS = np.arange(PROBES) % CLASSES, np.arange(REFERENCES) % CLASSES
PICTURES = np.random.default_rng(0).integers(0, 256, (PROBES, 12, 12, 3), dtype=np.uint8)


def embedded(labels: np.ndarray, scale: float = 1.0, seed: int = 0) -> np.ndarray:
    """Points around the centre of their class, which lies `scale` times as far out."""
    centres = 3 * np.eye(CLASSES, FEATURES)
    return scale * centres[labels] + np.random.default_rng(seed).normal(0, 0.3, (len(labels), FEATURES))


ALL: dict[str, Any] = {
    "probe_labels": LABELS,
    "reference": (embedded(REFERENCE_LABELS), REFERENCE_LABELS),
    "images": PICTURES,
}


def watched(home: Path, given: dict[str, Any], *kinds: str, name: str = "mine", steps: int = 6) -> Run:
    """A loop whose classes come near their training images and fall together, of which some things are logged."""
    watch = enigma.watch(name, home=home, **given)
    for step in range(steps):
        points = embedded(LABELS, 2 - step / 3, seed=step)
        known = {"embeddings": points, "logits": points[:, :CLASSES], "loss": 1 / (1 + step)}
        watch.log(step, **{kind: known[kind] for kind in kinds})
    return Home(home).find(watch.finish())
