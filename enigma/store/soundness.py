"""Whether a run is as it was recorded: asked before anybody goes on from it, seals it or takes it over.

A settled run is checked by its manifest, any other by the digests that were noted while it was recorded. A file of
which no digest is known, because a version up to 0.2.0 wrote it, is checked by its form: whether it can be read, and
holds finite numbers of as many images as the run has.
"""

from collections.abc import Iterable

import numpy as np
from safetensors import SafetensorError, safe_open

from enigma.spec.errors import CorruptRunError
from enigma.store import manifest, noted, scalars
from enigma.store.json_file import read_object
from enigma.store.run_folder import Run, frame_name

CHECKPOINT = "checkpoint.safetensors"
_MOST_NAMED = 5
_ALWAYS = ("run.json", "reference.safetensors", "probe.safetensors", "thumbnails.webp")


def checkpoint_step(run: Run) -> int:
    """The step from which the run can go on; 0 where there is no checkpoint, or none that can be read."""
    try:
        with safe_open(run.path / CHECKPOINT, "numpy") as file:
            return int(file.metadata()["step"])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError):
        return 0


def problems(run: Run, due: Iterable[int] = ()) -> dict[str, str]:
    """What is wrong with the recorded files, by name: 'changed', 'missing', or why a file cannot be read.

    Of a run that is not settled, frames and rows after its checkpoint are left out: they are recorded again anyway.

    Args:
        due: steps that have a frame once they are passed.
    """
    if run.has(manifest.NAME):
        return dict(manifest.problems(run.path))
    known = noted.read(run.path)
    # One that is noted but not there was being written for the first time.
    is_first = not run.has(CHECKPOINT) and len(known.get(CHECKPOINT, ())) < 2
    if not is_first and (state := _state(run, CHECKPOINT, known.get(CHECKPOINT), 0)):
        return {CHECKPOINT: state}
    step = checkpoint_step(run)
    frames = {recorded for recorded in run.frame_steps if recorded <= step} | {k for k in due if k < step}
    others = {*_ALWAYS, *known, *manifest.recorded(run.path)} - {CHECKPOINT}
    names = {name for name in others if not is_frame(name)} | {frame_name(k) for k in frames}
    found = {name: _state(run, name, known.get(name), step) for name in sorted(names)}
    return {name: state for name, state in found.items() if state}


def check(run: Run) -> None:
    """Compares every recorded file with its digest, and with the others.

    Raises:
        CorruptRunError: naming all that is wrong.
    """
    damaged = problems(run)
    if damaged:
        told = ", ".join(f"{name} is {state}" for name, state in list(damaged.items())[:_MOST_NAMED])
        more = f", and {len(damaged) - _MOST_NAMED} more" if len(damaged) > _MOST_NAMED else ""
        raise CorruptRunError(f"Expected run {run.id} as it was recorded, but {told}{more}; import or record it again.")
    run.verify()


def is_frame(name: str) -> bool:
    return name.startswith("frames/")


def unknown(run: Run) -> list[str]:
    """The recorded files of which no digest is known."""
    if run.has(manifest.NAME):
        return []
    known = noted.read(run.path)
    return [name for name in manifest.recorded(run.path) if name not in known]


def _state(run: Run, name: str, known: set[str] | None, step: int) -> str:
    path = run.path / name
    if name == scalars.NAME:
        # Rows are added between two digests, and those after the checkpoint are of no account.
        rows = scalars.until(path, step) if path.exists() else b""
        is_whole = rows.count(b"\n") == step + 1 and (not known or manifest.hashed_bytes(rows) in known)
        return "" if is_whole or not step else "changed"
    if not path.is_file():
        return "missing"
    if known:
        return "" if manifest.hashed(path) in known else "changed"
    try:
        return "" if _has_form(run, name) else "damaged"
    except (CorruptRunError, OSError, SafetensorError) as error:
        return f"damaged ({error})"


def _has_form(run: Run, name: str) -> bool:
    """Whether a file is whole as far as that can be seen without a digest."""
    path = run.path / name
    if path.suffix == ".json":
        return bool(read_object(path))
    if path.suffix == ".webp":
        return _is_whole_riff(path.read_bytes())
    if name == CHECKPOINT:
        # Its tensors may be of types that NumPy lacks; that they fill the file is checked when it is opened.
        with safe_open(path, "numpy") as file:
            return {"random"} <= set(file.keys()) and (file.metadata() or {}).get("step", "").isdecimal()
    arrays = run.read_arrays(name)
    if path.parent == run.path:
        return bool(arrays)
    probes, finite = len(run.read_array("probe.safetensors", "labels")), ("embeddings", "entropies")
    return all(key in arrays and len(arrays[key]) == probes and np.isfinite(arrays[key]).all() for key in finite)


def _is_whole_riff(content: bytes) -> bool:
    """WebP begins with RIFF and the number of bytes that follow these eight."""
    return content[:4] == b"RIFF" and int.from_bytes(content[4:8], "little") == len(content) - 8
