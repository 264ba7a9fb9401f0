"""From a file of embeddings to a run: the format is told by the name, and the recorder does the rest."""

from pathlib import Path

from enigma.recording.imported import npz_file, parquet_file, projector, zarr_file
from enigma.recording.imported.recorded import Recorded
from enigma.recording.watched.given import Given
from enigma.recording.watched.watching import Watch
from enigma.spec.errors import InputError

FORMS = ".npz, .parquet, .zarr (a folder or .zarr.zip), or the projector's .tsv"


def imported(
    paths: list[Path], name: str, root: Path, *, metadata: Path | None, label: str | None, steps: tuple[int, ...] | None
) -> str:
    """Records what the files hold, below `root`; returns the id of the run.

    Args:
        paths: one file, or one .tsv a step.
        name: of the run; empty for that of the file.
        root: the folder of all runs.
        metadata: a .tsv of what the rows of a .tsv are.
        label: the column of it that holds the classes.
        steps: of several .tsv.

    Raises:
        InputError: a file is missing, of no known form, damaged, or holds what makes no run.
    """
    found = read(paths, metadata, label, steps)
    given = Given.of(
        name or paths[0].name.split(".")[0] or paths[0].name, source_logits=None, settings={}, seed=0,
        **{"reference_images": None, **found.given},
    )  # fmt: skip
    # Who chose the steps wants all of them.
    watch = Watch(given, root, keeps_all=True)
    with watch:
        for index, step in enumerate(found.steps):
            embeddings = None if found.embeddings is None else found.embeddings[index]
            watch.log(step, embeddings=embeddings, logits=None if found.logits is None else found.logits[index])
    return watch.run_id


def read(paths: list[Path], metadata: Path | None, label: str | None, steps: tuple[int, ...] | None) -> Recorded:
    """What the files hold; as `imported`."""
    for path in (*paths, *([metadata] if metadata else [])):
        if not path.exists():
            raise InputError(f"Expected a file or folder {path}, but there is none.")
    endings = {_ending(path) for path in paths}
    if endings == {".tsv"}:
        if steps is not None and len(steps) != len(paths):
            raise InputError(f"Expected a step for each of the {len(paths)} tables, but got {len(steps)}.")
        if steps is None and metadata is None and len(paths) == 2:
            # As the projector names them: vectors, then what they are.
            paths, metadata = paths[:1], paths[1]
        return projector.read(paths, metadata, label, steps)
    if len(paths) > 1 or metadata or label or steps:
        raise InputError("Expected one file, or tables (.tsv) with what belongs to them, but got several.")
    readers = {".npz": npz_file.read, ".parquet": parquet_file.read, ".zarr": zarr_file.read}
    reader = readers.get(_ending(paths[0]))
    if reader is None:
        raise InputError(f"Expected {FORMS}, but got {paths[0].name}.")
    return reader(paths[0])


def _ending(path: Path) -> str:
    return ".zarr" if path.name.endswith((".zarr", ".zarr.zip")) else path.suffix.lower()
