"""Projections that take their time, kept beside the run with what they were fitted on."""

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from safetensors.numpy import load

from enigma.analysis.projection.methods import PROJECTIONS, placed
from enigma.analysis.trajectory import Faithfulness, Projection
from enigma.store import derived
from enigma.store.run_folder import Arrays, Run, frame_name, header_facts

VERSION = 1
"""Raised whenever `enigma.analysis.projection.methods` gives other positions than before."""

_REFERENCE = "reference.safetensors"
_ARRAYS = ("steps", "probes", "references", "means")
_WORDS = ("name", "title", "fitted_on", "warning")


def keep(run: Run, projection: Projection) -> None:
    """Keeps a projection of the frames that the run has now."""
    facts = {key: getattr(projection, key) for key in _WORDS}
    facts["faithfulness"] = json.dumps(asdict(projection.faithfulness))
    facts["of"] = json.dumps(_digests(run, run.frame_steps))
    arrays = {key: getattr(projection, key) for key in _ARRAYS}
    derived.keep_arrays(run, _file(projection.name), arrays, facts, version=VERSION)


def read(run: Run, name: str) -> Projection | None:
    """The projection that was kept, or None where there is none of this version and of the frames it was fitted on.

    Frames that were recorded since are not in it; see `completed`.
    """
    found = derived.read_arrays(run, _file(name), version=VERSION) or _of_schema_1(run, name)
    if found is None:
        return None
    try:
        projection = _parsed(*found)
        if json.loads(found[1]["of"]) != _digests(run, tuple(projection.steps.tolist())):
            return None
    except (KeyError, ValueError, TypeError, OSError):
        # A damaged cache is no damaged run: it is made again.
        return None
    return projection


def is_current(run: Run, name: str) -> bool:
    """Whether the projection is kept and was fitted on the frames that the run has now."""
    stored = read(run, name)
    return stored is not None and tuple(stored.steps) == run.frame_steps


def project(run: Run, names: tuple[str, ...] = ("umap",)) -> None:
    """Computes and keeps those projections that are not yet of the frames that the run has."""
    for name in names:
        if not is_current(run, name):
            keep(run, PROJECTIONS[name](run))


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
    trust = Faithfulness(**json.loads(facts["faithfulness"]))
    steps, probes, references, means = (arrays[key] for key in _ARRAYS)
    return Projection(**words, steps=steps, probes=probes, references=references, means=means, faithfulness=trust)


def _of_schema_1(run: Run, name: str) -> tuple[Arrays, dict[str, str]] | None:
    """The projection that version 0.1.0 sealed with a run, which is that of version 1."""
    content = derived.sealed_in_schema_1(run, _file(name))
    if content is None or VERSION != 1:
        return None
    arrays = load(content)
    return arrays, header_facts(content) | {"of": json.dumps(_digests(run, tuple(arrays["steps"].tolist())))}
