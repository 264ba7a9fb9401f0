"""Projections that take their time, kept beside the run with what they were fitted on."""

import json
from dataclasses import replace
from typing import Any

import numpy as np

from enigma.analysis.projection.methods import PROJECTIONS, pca_of_training, placed, umap_joint
from enigma.analysis.projection.names import DEFAULT, TRUE_DISTANCES
from enigma.analysis.projection.true_distances import true_distances
from enigma.analysis.trajectory import Projection
from enigma.store import derived
from enigma.store.run_folder import Arrays, Run, frame_name

VERSION = 2
"""Raised whenever `enigma.analysis.projection` gives other positions than before."""

_REFERENCE = "reference.safetensors"
_ARRAYS = ("steps", "probes", "references", "means")
_WORDS = ("name", "title", "fitted_on", "warning")


def keep(run: Run, projection: Projection) -> None:
    """Keeps a projection of the frames that the run has now."""
    facts = {key: getattr(projection, key) for key in _WORDS}
    facts["faithfulness"] = json.dumps({"trustworthiness": projection.trustworthiness})
    facts["scale"] = json.dumps(projection.scale)
    facts["of"] = json.dumps(_digests(run, run.frame_steps))
    arrays = {key: getattr(projection, key) for key in _ARRAYS}
    derived.keep_arrays(run, _file(projection.name), arrays, facts, version=VERSION)


def read(run: Run, name: str) -> Projection | None:
    """The projection that was kept, or None where there is none of this version and of the frames it was fitted on.

    Frames that were recorded since are not in it; see `completed`.
    """
    found = derived.read_arrays(run, _file(name), version=VERSION)
    if found is None:
        return None
    try:
        projection = _parsed(*found)
        steps = tuple(projection.steps.tolist())
        # A run that is recorded again has the same id, and not yet the frames that it had before.
        if not set(steps) <= set(run.frame_steps) or json.loads(found[1]["of"]) != _digests(run, steps):
            return None
    except (KeyError, ValueError, TypeError, OSError):
        # A damaged cache is no damaged run: it is made again.
        return None
    return projection


def is_current(run: Run, name: str) -> bool:
    """Whether the projection is kept and was fitted on the frames that the run has now."""
    stored = read(run, name)
    return stored is not None and tuple(stored.steps) == run.frame_steps


def project(run: Run, names: tuple[str, ...] = (DEFAULT,)) -> None:
    """Computes and keeps those projections that are not yet of the frames that the run has.

    True distances bring the UMAP whose directions they have.

    Raises:
        CorruptRunError: the run has changed since it was sealed.
    """
    if not all(is_current(run, name) for name in names):
        run.verify()
    for name in names:
        if not is_current(run, name):
            keep(run, true_distances(run, _umap(run)) if name == TRUE_DISTANCES else PROJECTIONS[name](run))


def _umap(run: Run) -> Projection:
    kept = read(run, "umap")
    if kept is None or tuple(kept.steps) != run.frame_steps:
        kept = umap_joint(run)
        keep(run, kept)
    return kept


def at_once(run: Run, name: str) -> Projection:
    """What can be drawn without waiting for a fit, which takes its time and is for the worker.

    Frames that came after UMAP was fitted are placed among those it was fitted on. While it is not fitted, as while a
    run goes on, PCA of the training images stands in, also for the directions of true distances: what is drawn of these
    stays where it is. Other projections are made at once.
    """
    kept = read(run, name)
    if kept is not None and (name != TRUE_DISTANCES or tuple(kept.steps) == run.frame_steps):
        return completed(run, kept)
    if name == TRUE_DISTANCES:
        return true_distances(run, at_once(run, "umap"))
    return pca_of_training(run) if name == "umap" else PROJECTIONS[name](run)


def completed(run: Run, stored: Projection) -> Projection:
    """A projection with frames added that were recorded after it was fitted: placed among those it was fitted on."""
    if tuple(stored.steps) == run.frame_steps:
        return stored
    known = {int(step): frame for step, frame in zip(stored.steps, stored.probes, strict=True)}
    fitted = np.concatenate([run.read_arrays(_REFERENCE)["embeddings"], *(run.frame(s)["embeddings"] for s in known)])
    positions = np.concatenate([stored.references, *known.values()])
    probes = [
        known[step]
        if step in known
        else placed(run.frame(step)["embeddings"].astype(np.float32), fitted.astype(np.float32), positions)
        for step in run.frame_steps
    ]
    title = f"{stored.title}, later frames placed"
    return replace(stored, steps=np.array(run.frame_steps), probes=np.stack(probes), title=title)


def stamp(run: Run, name: str) -> int:
    """Changes whenever the projection that is kept does."""
    return derived.stamp(run, _file(name))


def _file(name: str) -> str:
    return f"projections/{name}.safetensors"


def _digests(run: Run, steps: tuple[int, ...]) -> dict[str, str]:
    return {name: run.digest(name) for name in (_REFERENCE, *map(frame_name, steps))}


def _parsed(arrays: Arrays, facts: dict[str, str]) -> Projection:
    words: dict[str, Any] = {key: facts[key] for key in _WORDS}
    trust = float(json.loads(facts["faithfulness"])["trustworthiness"])
    steps, probes, references, means = (arrays[key] for key in _ARRAYS)
    scale = float(json.loads(facts["scale"]))
    return Projection(
        **words, steps=steps, probes=probes, references=references, means=means, trustworthiness=trust, scale=scale
    )
