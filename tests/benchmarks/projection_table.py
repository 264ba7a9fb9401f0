"""Which projection shows both phases, on the runs that `projection_runs.py` recorded.

    python tests/benchmarks/projection_table.py --home FOLDER [--half judged] [--out docs/results/data]

The centroid distance is the mean over classes of the distance from the centroid of a class's test images to the mean of
its training images; the approach is its change from frame 0 to the frame where it is least in embedding space, the
growth its factor from there to the last frame. Prints what each run shows and how many reach each goal.
"""

import argparse
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import result_file
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
from sklearn.manifold import trustworthiness

from enigma.analysis.metrics.observed import source_means
from enigma.analysis.projection import stored
from enigma.analysis.projection.methods import PROJECTIONS
from enigma.analysis.projection.true_distances import true_distances
from enigma.analysis.trajectory import Projection
from enigma.store.run_folder import Arrays, Run

PROJECTED = ("true-distances", "umap", "pca", "umap-training")
LEAST_CHANGE = 0.05
SAMPLE = 1500
PERCENT = ("true", "drawn", "unlabelled")

GOALS: dict[str, tuple[str, Callable[[dict], bool | None]]] = {
    "approach": (
        "approach beyond 5 %: sign right, size within a third",
        lambda m: abs(m["drawn"] - m["true"]) <= abs(m["true"]) / 3 if m["true"] < -LEAST_CHANGE else None,
    ),
    "none": (
        "no approach beyond 5 %: none shown",
        lambda m: m["drawn"] >= -LEAST_CHANGE if m["true"] >= -LEAST_CHANGE else None,
    ),
    "growth": (
        "growth within a factor 1.25",
        lambda m: abs(math.log(m["drawn_growth"] / m["true_growth"])) <= math.log(1.25),
    ),
    "falling": ("rank correlation ≥ 0.9 while it falls", lambda m: _least(m["falling"], 0.9)),
    "rising": ("rank correlation ≥ 0.9 while it rises", lambda m: _least(m["rising"], 0.9)),
    "image": ("image by image ≥ 0.95", lambda m: _least(m["image"], 0.95)),
    "trust": ("trustworthiness ≥ 0.92", lambda m: _least(m["trust"], 0.92)),
    "apart": ("distances between centroids ≥ 0.8", lambda m: _least(m["apart"], 0.8)),
    "unlabelled": (
        "without labels: sign right",
        lambda m: None if math.isnan(m["unlabelled"]) or m["true"] >= -LEAST_CHANGE else m["unlabelled"] < 0,
    ),
}
"""What a projection should reach, in words, and whether one does; None where there is nothing to reach."""


class _Unlabelled(Run):
    """A run whose test images nobody has labelled."""

    def read_arrays(self, name: str) -> Arrays:
        arrays = dict(super().read_arrays(name))
        if name == "probe.safetensors":
            arrays["labels"] = np.full_like(arrays["labels"], -1)
        return arrays


def _least(value: float, goal: float) -> bool | None:
    return None if math.isnan(value) else value >= goal


def centroid_distance(frames: np.ndarray, means: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Frame by frame; `labels` of one frame or of each."""
    found = []
    for frame, owner in zip(frames, np.broadcast_to(labels, frames.shape[:2]), strict=True):
        classes = [c for c in np.unique(owner) if c >= 0 and np.isfinite(means[c]).all()]
        found.append(np.mean([np.linalg.norm(frame[owner == c].mean(0) - means[c]) for c in classes]))
    return np.array(found)


def measured(run: Run, projection: Projection, unlabelled: Projection | None) -> dict[str, float]:
    """What a projection shows of a run, and what is so."""
    labels = run.read_arrays("probe.safetensors")["labels"]
    means, reference = source_means(run), run.read_arrays("reference.safetensors")
    frames = np.stack([frame["embeddings"] for _, frame in run.frames()]).astype(np.float64)
    drawn = projection.probes.astype(np.float64)
    centres = _centres(projection, reference["labels"], len(means))
    true, shown = centroid_distance(frames, means, labels), centroid_distance(drawn, centres, labels)
    least = int(true.argmin())
    own = labels >= 0
    images = [
        _rank(
            np.linalg.norm(x[own] - means[labels[own]], axis=1), np.linalg.norm(p[own] - centres[labels[own]], axis=1)
        )
        for x, p in zip(frames, drawn, strict=True)
    ]
    apart = [
        _rank(pdist(_centroids(x, labels)), pdist(_centroids(p, labels))) for x, p in zip(frames, drawn, strict=True)
    ]
    high = np.concatenate([reference["embeddings"].astype(np.float64), frames.reshape(-1, frames.shape[-1])])
    low = np.concatenate([projection.references, projection.probes.reshape(-1, 2)])
    some = np.random.default_rng(0).permutation(len(high))[:SAMPLE]
    return {
        "true": true[least] / true[0] - 1,
        "drawn": shown[least] / shown[0] - 1,
        "true_growth": true[-1] / true[least],
        "drawn_growth": shown[-1] / shown[least],
        "falling": _rank(true[: least + 1], shown[: least + 1]),
        "rising": _rank(true[least:], shown[least:]),
        "image": float(np.median(images)),
        "trust": float(trustworthiness(high[some], low[some], n_neighbors=15)),
        "apart": apart[-1],
        "unlabelled": math.nan if unlabelled is None else _unlabelled_change(run, unlabelled, frames, means, least),
    }


def _unlabelled_change(run: Run, drawn: Projection, frames: np.ndarray, means: np.ndarray, least: int) -> float:
    """The change that a reader without labels sees: of the centroids of the images nearest to a class mean."""
    known = np.flatnonzero(np.isfinite(means).all(1))
    nearest = np.stack([known[((frame[:, None] - means[known]) ** 2).sum(-1).argmin(1)] for frame in frames])
    found = centroid_distance(drawn.probes.astype(np.float64), drawn.means.astype(np.float64), nearest)
    return float(found[least] / found[0] - 1)


def _centres(projection: Projection, labels: np.ndarray, count: int) -> np.ndarray:
    """Where the class means are on the picture: the centroids of the training images drawn there."""
    centres = np.full((count, 2), np.nan)
    for label in np.unique(labels[labels >= 0]):
        centres[label] = projection.references[labels == label].mean(0)
    return projection.means.astype(np.float64) if math.isfinite(projection.scale) else centres


def _centroids(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return np.stack([points[labels == label].mean(0) for label in np.unique(labels[labels >= 0])])


def _rank(a: np.ndarray, b: np.ndarray) -> float:
    return float(spearmanr(a, b).statistic) if len(a) > 2 and np.ptp(a) > 0 and np.ptp(b) > 0 else math.nan


def rows(home: Path, half: str) -> Iterator[dict[str, str | int | float]]:
    """One row a run and projection."""
    for line in (home / "projection-runs.txt").read_text().splitlines():
        part, model, corruption, severity, run_id = line.split()
        if half not in ("both", part):
            continue
        run = Run(home / "runs" / run_id)
        stored.project(run, PROJECTED)
        umap = stored.read(run, "umap")
        assert umap is not None
        unlabelled = true_distances(_Unlabelled(run.path), umap)
        for name in PROJECTED:
            projection = stored.read(run, name) or PROJECTIONS[name](run)
            values = measured(run, projection, unlabelled if name == "true-distances" else None)
            yield {
                "half": part, "model": model, "corruption": corruption, "severity": int(severity), "projection": name,
                **values,
            }  # fmt: skip


def _written(key: str, value: str | int | float) -> str | int:
    if not isinstance(value, float):
        return value
    if math.isnan(value):
        return ""
    return f"{100 * value:.0f}" if key in PERCENT else f"{value:.2f}"


def goals(found: list[dict]) -> list[dict[str, str]]:
    """How many runs of a half reach each goal, by projection."""
    table = []
    for half in dict.fromkeys(row["half"] for row in found):
        for key, (words, reached) in GOALS.items():
            line: dict[str, str] = {"half": half, "goal": key, "words": words}
            for name in PROJECTED:
                said = [reached(row) for row in found if (row["half"], row["projection"]) == (half, name)]
                counted = [one for one in said if one is not None]
                line[name] = f"{sum(counted)} of {len(counted)}" if counted else ""
            table.append(line)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--half", choices=["trial", "judged", "both"], default="both")
    result_file.add_option(parser)
    arguments = parser.parse_args()
    found = []
    for row in rows(arguments.home, arguments.half):
        found.append(row)
        numbers = " ".join(f"{key} {value:.3g}" for key, value in row.items() if isinstance(value, float))
        print(row["half"], row["model"], row["corruption"], row["projection"], numbers, flush=True)
    for line in goals(found):
        print(" | ".join(line.values()))
    rounded = [{key: _written(key, value) for key, value in row.items()} for row in found]
    result_file.write(arguments.out, "projections", rounded)
    result_file.write(arguments.out, "projection_goals", goals(found))


if __name__ == "__main__":
    main()
