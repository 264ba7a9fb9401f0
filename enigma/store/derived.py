"""What can be made again from a run: read-through caches, never part of what is sealed.

    <run id>/derived/
      metrics/000035.json         numbers of one frame, each with the version of the code that made it
      projections/umap.safetensors
      unknowns/000035.json        how well unknown images are told apart at one frame
      overview.json               the accuracies that the list of runs shows

Every file says what it was made of (`of`, the digest of its input), by which version of the code, and what it holds
(`sum`, the digest of its name and content). One that does not match, cannot be read or is missing is made again. What
is derived from a run that cannot be written, as the bundled one, is kept in the home (`Run.cache`).
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from enigma.spec.errors import CorruptRunError
from enigma.store import manifest
from enigma.store.json_file import parse_object
from enigma.store.run_folder import Arrays, Run, header_facts


def digest(run: Run, *names: str, known: Mapping[str, str] | None = None, more: Any = None) -> str:
    """Sixteen hexadecimal digits that tell one input from another.

    Args:
        run: whose files they are.
        names: of recorded files.
        known: digests of other recorded files by name, where they have been looked up already.
        more: plain values.
    """
    already = known or {}
    files = {**already, **{name: run.digest(name) for name in names if name not in already}}
    return hashlib.sha256(json.dumps([files, more], sort_keys=True).encode()).hexdigest()[:16]


def read_json(run: Run, name: str, *, of: str, version: int) -> Any:
    """The values that were kept under `name`, or None where there are none of this input and version."""
    for content in _contents(run, name):
        try:
            stored = parse_object(content, name, finite=False)
            if (stored["of"], stored["version"], stored["sum"]) == (of, version, _sum(name, stored["values"])):
                return stored["values"]
        except (CorruptRunError, TypeError, KeyError):
            # A damaged cache is no damaged run: it is made again.
            continue
    return None


def keep_json(run: Run, name: str, values: Any, *, of: str, version: int) -> None:
    """Keeps plain values; where nothing can be written, they are made again each time."""
    whole = {"of": of, "version": version, "values": values, "sum": _sum(name, values)}
    _keep(run, name, json.dumps(whole).encode())


def read_arrays(run: Run, name: str, *, version: int) -> tuple[Arrays, dict[str, str]] | None:
    """Arrays with the strings that were kept beside them, or None where there are none of this version.

    What they were made of is for the caller to compare: a projection of some frames outlives the frames that follow.
    """
    for content in _contents(run, name):
        try:
            arrays, facts = load(content), header_facts(content)
        except (CorruptRunError, SafetensorError, ValueError, AttributeError):
            continue
        told = {key: value for key, value in facts.items() if key not in ("version", "sum")}
        if (facts.get("version"), facts.get("sum")) == (str(version), _sum(name, told, arrays)):
            return arrays, facts
    return None


def keep_arrays(run: Run, name: str, arrays: Arrays, facts: dict[str, str], *, version: int) -> None:
    """Keeps arrays with strings beside them; where nothing can be written, they are made again each time."""
    whole = {key: np.ascontiguousarray(value) for key, value in arrays.items()}
    _keep(run, name, save(whole, {**facts, "version": str(version), "sum": _sum(name, facts, whole)}))


def sealed_in_schema_1(run: Run, name: str) -> bytes | None:
    """A file of metrics or of a projection that version 0.1.0 sealed with the run, while it is as it was then."""
    return manifest.sealed(run.path, name)


def stamp(run: Run, name: str) -> int:
    """Changes whenever what is kept under `name` does; 0 where nothing is."""
    files = [folder / name for folder in run.derived_folders]
    return max((file.stat().st_mtime_ns for file in files if file.exists()), default=0)


def _contents(run: Run, name: str) -> list[bytes]:
    found = []
    for folder in run.derived_folders:
        try:
            found.append((folder / name).read_bytes())
        except OSError:
            continue
    return found


def _keep(run: Run, name: str, content: bytes) -> None:
    try:
        Run(run.derived_folders[0]).write(name, content)
    except OSError:
        # A place that cannot be written, or a full disk: a cache is not worth more than the time to make it again.
        return


def _sum(name: str, values: Any, arrays: Arrays | None = None) -> str:
    """What tells content from content that was damaged, or belongs under another name."""
    found = hashlib.sha256(json.dumps([name, values], sort_keys=True).encode())
    for key, array in sorted((arrays or {}).items()):
        found.update(f"{key} {array.dtype.str} {array.shape}".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()
