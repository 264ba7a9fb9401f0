"""One projection for several runs, so that positions of different runs can be compared."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32
from safetensors import SafetensorError
from safetensors.numpy import load, save

from enigma.analysis.metrics.observed import source_means
from enigma.analysis.neighbors import nearest
from enigma.analysis.projection.faithfulness import neighbourhoods
from enigma.analysis.projection.methods import fitted_umap, placed, plane
from enigma.analysis.trajectory import Projection
from enigma.spec.errors import CorruptRunError, InputError
from enigma.store import derived
from enigma.store.run_folder import Run, frame_name, header_facts

TITLES = {"umap": "UMAP, all runs together", "pca": "PCA, all runs together"}

VERSION = 2
"""Raised whenever this module gives other positions than before."""

# On two cores a fit of this many points takes some ten seconds; the others are placed among them.
MAX_FITTED = 9_000
# Embeddings of the same images by the same model differ by rounding only, also between devices.
_TOLERANCE = 1e-2


def obstacle(runs: Sequence[Run]) -> str:
    """Why the runs have no projection in common, in one sentence; empty if nothing is in the way."""
    if len(runs) < 2:
        return "A joint projection needs two runs or more."
    if len({run.facts["digests"]["model"] for run in runs}) > 1:
        return "A joint projection needs runs of one model: the embeddings of different models have no axes in common."
    references = [run.read_arrays("reference.safetensors") for run in runs]
    first = references[0]
    if not all(len(reference["labels"]) for reference in references):
        return "A joint projection needs reference images, but a run has none."
    for other in references[1:]:
        same = other["embeddings"].shape == first["embeddings"].shape and np.array_equal(
            other["labels"], first["labels"]
        )
        if not same or np.abs(other["embeddings"] - first["embeddings"]).max() > _TOLERANCE:
            return "A joint projection needs the same reference images in all runs; another seed takes others."
    return ""


def joint(runs: Sequence[Run], name: str, cache: Path) -> dict[str, Projection]:
    """Projects the reference and the frames of all runs together; kept in `cache` and read from there.

    Args:
        runs: runs of one model with the same reference images.
        name: 'umap' or 'pca'.
        cache: folder to keep the result in.

    Returns:
        One projection a run, by id, all in one coordinate system.

    Raises:
        InputError: the runs do not fit together, or the name is unknown.
    """
    if name not in TITLES:
        raise InputError(f"Expected a projection among {', '.join(TITLES)} but got {name!r}.")
    if problem := obstacle(runs):
        raise InputError(problem)
    # In a fixed order, so that the order in which runs are chosen changes nothing.
    runs = sorted(runs, key=lambda run: run.id)
    path = stored_at(runs, name, cache)
    if (stored := _read(path, runs, name)) is not None:
        return stored
    found = _fitted(runs, name)
    _write(path, found)
    return found


def stored_at(runs: Sequence[Run], name: str, cache: Path) -> Path:
    """Where the joint projection of these runs with the frames they have now is kept."""
    inputs = sorted(derived.digest(run, "reference.safetensors", *map(frame_name, run.frame_steps)) for run in runs)
    what = [VERSION, name, *sorted(run.id for run in runs), *inputs]
    return cache / "joint" / f"{hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]}.safetensors"


def _fitted(runs: Sequence[Run], name: str) -> dict[str, Projection]:
    reference = runs[0].read_arrays("reference.safetensors")["embeddings"].astype(np.float32)
    means = source_means(runs[0]).astype(np.float32)
    clouds = [np.stack([frame["embeddings"] for _, frame in run.frames()]).astype(np.float32) for run in runs]
    if name == "pca":
        positions = plane(np.concatenate([means, reference, *(cloud.reshape(-1, cloud.shape[-1]) for cloud in clouds)]))
        means_2d, reference_2d = positions[: len(means)], positions[len(means) : len(means) + len(reference)]
        ends = np.cumsum([cloud.shape[0] * cloud.shape[1] for cloud in clouds])[:-1]
        parts = np.split(positions[len(means) + len(reference) :], ends)
        frames_2d = [part.reshape(*cloud.shape[:2], 2) for part, cloud in zip(parts, clouds, strict=True)]
        fitted_on = "reference and all frames of all runs"
    else:
        reference_2d, frames_2d, fitted_on = _umap(reference, clouds, runs[0].spec.seed)
        means_2d = placed(means, reference, reference_2d)
    return {
        run.id: Projection(
            name=f"joint-{name}",
            title=TITLES[name],
            fitted_on=fitted_on,
            warning="",
            steps=np.array(run.frame_steps),
            probes=np.ascontiguousarray(frames, np.float32),
            references=np.ascontiguousarray(reference_2d, np.float32),
            means=np.ascontiguousarray(means_2d, np.float32),
            trustworthiness=neighbourhoods(cloud, reference, frames, reference_2d),
        )
        for run, cloud, frames in zip(runs, clouds, frames_2d, strict=True)
    }


def _umap(
    reference: Float32[np.ndarray, "references features"], clouds: list[np.ndarray], seed: int
) -> tuple[Float32[np.ndarray, "references 2"], list[np.ndarray], str]:
    """Fits the reference and probe images at all times, each where it has moved, and places the rest among them."""
    probes = min(cloud.shape[1] for cloud in clouds)
    through_time = np.concatenate([cloud[:, :probes] for cloud in clouds])
    moved = has_moved(through_time)
    images = max(1, int(np.searchsorted(moved.sum(0).cumsum(), MAX_FITTED - len(reference), side="right")))
    points = np.concatenate([reference, through_time[:, :images][moved[:, :images]]])
    positions = fitted_umap(points, seed)
    frames_2d = [
        placed(cloud.reshape(-1, cloud.shape[-1]), points, positions).reshape(*cloud.shape[:2], 2) for cloud in clouds
    ]
    what = "all" if images == probes else f"{images:,} of {probes:,}"
    return positions[: len(reference)], frames_2d, f"reference and {what} probe images of all frames of all runs"


def has_moved(frames: Float32[np.ndarray, "frames probes features"]) -> Bool[np.ndarray, "frames probes"]:
    """Where an image is further from all its earlier places than half the usual distance to another image.

    Runs share frame 0, and some hardly move: an image that lies in one place many times has no neighbours
    but itself, and UMAP would draw each image as an island.
    """
    near = 0.5 * float(np.median(nearest(frames[0], frames[0], 2)[1][:, 1]))
    moved = np.ones(frames.shape[:2], bool)
    for index in range(1, len(frames)):
        distances = np.linalg.norm(frames[:index] - frames[index], axis=-1)
        moved[index] = np.where(moved[:index], distances, np.inf).min(0) > near
    return moved


def _write(path: Path, found: dict[str, Projection]) -> None:
    arrays, facts = {}, {}
    for run_id, projection in found.items():
        for part in ("steps", "probes", "references", "means"):
            arrays[f"{run_id}/{part}"] = getattr(projection, part)
        facts[run_id] = json.dumps([projection.fitted_on, projection.trustworthiness])
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(save(arrays, facts))
    temporary.replace(path)


def _read(path: Path, runs: Sequence[Run], name: str) -> dict[str, Projection] | None:
    try:
        content = path.read_bytes()
        arrays, facts = load(content), header_facts(content)
        found = {}
        for run in runs:
            fitted_on, trust = json.loads(facts[run.id])
            parts: dict[str, Any] = {
                part: arrays[f"{run.id}/{part}"] for part in ("steps", "probes", "references", "means")
            }
            found[run.id] = Projection(f"joint-{name}", TITLES[name], fitted_on, "", **parts, trustworthiness=trust)
    except (OSError, SafetensorError, CorruptRunError, ValueError, KeyError, TypeError):
        # A cache: what is missing or damaged is made again.
        return None
    return found
