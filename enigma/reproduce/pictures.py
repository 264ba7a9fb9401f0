"""Figure 1: the embeddings of test images at the end of phase 1 and of phase 2, with the class means as stars."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
from jaxtyping import Float32, Integer
from matplotlib.figure import Figure
from sklearn.manifold import TSNE

from enigma.analysis.metrics.frame_metrics import run_metrics
from enigma.analysis.metrics.observed import source_means
from enigma.analysis.projection.methods import fitted_umap
from enigma.analysis.reading import phase_boundary
from enigma.figures.print import reproduced
from enigma.figures.print.reproduced import Cloud, Panel
from enigma.reproduce.grid import CLEAN, corrupted
from enigma.reproduce.result import Finding, Result
from enigma.spec.run_spec import RunSpec
from enigma.spec.shares import percent
from enigma.store.run_folder import Run

CLEARLY = 1.1
"""How many times as far images must lie from their star for a picture to show that they left it."""


def example(clean: RunSpec) -> list[RunSpec]:
    """The run that comes with the installation, which fails clearly; for other models or data the paper's noise."""
    return [RunSpec()] if clean == CLEAN else noise(clean)


def noise(clean: RunSpec) -> list[RunSpec]:
    """Gaussian noise of severity 3, as in the paper."""
    return [clean.override(corruption="gaussian_noise", severity=3)]


def figure_1(runs: Sequence[Run]) -> Result:
    run = corrupted(runs, least=1)[0]
    measured = pd.DataFrame(run_metrics(run), index=run.frame_steps)
    early, late = phase_boundary(measured.index.to_numpy(), measured["accuracy"].to_numpy()), run.frame_steps[-1]
    at = {step: measured.loc[step].to_dict() for step in (early, late)}
    labels, means = run.read_arrays("probe.safetensors")["labels"], source_means(run)
    frames = [run.frame(step)["embeddings"] for step in (early, late)]
    known, names = np.isfinite(means).all(1), run.facts["classes"]
    points = np.concatenate([means[known], *frames]).astype(np.float32)
    seed = run.spec.seed
    pictures = {
        "t-SNE": tsne(points, seed),
        "UMAP": fitted_umap(points, seed, neighbors=15, min_dist=0.1, epochs=None, start="spectral"),
    }
    rows, panels, stars = [], [], []
    units = {
        when: {"group": np.arange(len(labels)), "when": when,
               "correct": 100 * (run.frame(step)["top_classes"][:, 0] == labels)}
        for when, step in (("early", early), ("late", late))
    }  # fmt: skip
    for name, places in pictures.items():
        centres, *clouds = np.split(places, [int(known.sum()), int(known.sum()) + len(labels)])
        spread = float(np.linalg.norm(places - places.mean(0), axis=1).mean())
        for step, cloud in zip((early, late), clouds, strict=True):
            distances = np.linalg.norm(cloud - centres[_rank(known)[labels]], axis=1) / spread
            units["late" if step == late else "early"][name.replace("-", "").lower()] = distances
            away = float(distances.mean())
            rows.append({"picture": name, "step": step, "accuracy": at[step]["accuracy"],
                         "shift_distance": at[step]["shift_distance"], "distance_to_star": away})  # fmt: skip
            panels.append(_panel(names, f"{name}, step {step}: {percent(at[step]['accuracy'])}", cloud, labels, known))
            stars.append(centres)
    by_image = pd.concat([pd.DataFrame(one) for one in units.values()], ignore_index=True)
    return _told(pd.DataFrame(rows), early, late, partial(_draw, panels, stars), by_image)


def tsne(points: Float32[np.ndarray, "points features"], seed: int) -> Float32[np.ndarray, "points 2"]:
    """t-SNE (van der Maaten & Hinton 2008) with scikit-learn's defaults, from the first principal components."""
    perplexity = min(30, (len(points) - 1) / 3)
    return TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(points)


def _told(table: pd.DataFrame, early: int, late: int, draw: partial[Figure], units: pd.DataFrame) -> Result:
    before, after = table[table["step"] == early].iloc[0], table[table["step"] == late].iloc[0]
    findings = [
        Finding(f"Accuracy {percent(before['accuracy'])} at step {early}, the end of phase 1, and "
                f"{percent(after['accuracy'])} at {late} (paper: success, then failure)."),
        Finding(f"Shift distance {before['shift_distance']:.2f}, then {after['shift_distance']:.2f} (paper: near the "
                "class means, then far)."),
    ]  # fmt: skip
    for name, picture in table.groupby("picture", sort=False):
        near, far = picture["distance_to_star"].iloc[0], picture["distance_to_star"].iloc[-1]
        shown = bool(far > CLEARLY * near)
        findings.append(
            Finding(f"{name} {'shows' if shown else 'hardly shows'} it: images lie {near:.2f} from their star early "
                    f"and {far:.2f} late, in units of the picture's spread.")
        )  # fmt: skip
    return Result(table, tuple(findings), draw, units)


def _rank(known: np.ndarray) -> Integer[np.ndarray, " classes"]:
    """The place of each class among those that have a mean."""
    return np.cumsum(known) - 1


def _panel(names: Sequence[str], title: str, places: np.ndarray, labels: np.ndarray, known: np.ndarray) -> Panel:
    clouds = (Cloud(names[label], *places[labels == label].T) for label in np.flatnonzero(known).tolist())
    return Panel(title, "", "", tuple(clouds))


def _draw(panels: list[Panel], stars: list[np.ndarray]) -> Figure:
    return reproduced.clusters(panels, 2, stars, "class mean of training images")
