"""Runs on their way in and out: zip, import, delete."""

import io
import os
import shutil
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import BufferedIOBase
from pathlib import Path

from enigma.spec.errors import CorruptRunError, EnigmaError, InputError
from enigma.store import durable, labels, permission, quota
from enigma.store.run_folder import SETTLED, Run
from enigma.store.unpacking import LARGEST, listed, opened, unpack


def export_zip(*runs: Run) -> bytes:
    """Whole runs, with their labels, as one zip that `import_runs` reads anywhere."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for run in runs:
            run.verify()
            for path in sorted(p for p in run.path.rglob("*") if p.is_file()):
                name = path.relative_to(run.path).as_posix()
                if any(pattern.fullmatch(name) for pattern in LARGEST):
                    archive.write(path, f"{run.id}/{name}")
    return buffer.getvalue()


def import_zip(source: bytes | Path | BufferedIOBase, root: Path) -> Run:
    """Unpacks the runs in a zip below `root` and returns the first.

    Raises:
        InputError: not the zip of a run, or a run of this id is there already.
        CorruptRunError: the run in it is damaged.
    """
    imported, refused = import_runs(source, root)
    if not imported:
        raise refused[0]
    return imported[0]


def import_runs(source: bytes | Path | BufferedIOBase, root: Path) -> tuple[list[Run], list[EnigmaError]]:
    """Unpacks the runs in a zip below `root`, each checked before it can be seen, in little memory.

    Args:
        source: the zip, or where it lies.

    Returns:
        The runs, and for each that could not be imported the reason; one does not keep out another.

    Raises:
        InputError: not the zip of runs, or it cannot be read, or `root` not be written.
        RefusedError: nothing may be changed here, or the zip is larger than an upload may be.
    """
    permission.check_change()
    imported: list[Run] = []
    refused: list[EnigmaError] = []
    try:
        with _checked(source) as file, opened(file) as archive:
            runs = listed(archive)
            root.mkdir(parents=True, exist_ok=True)
            durable.sweep_staging(root)
            for run_id, entries in runs.items():
                try:
                    imported.append(_import(archive, entries, root / run_id))
                except EnigmaError as error:
                    refused.append(error)
    except OSError as error:
        # What was imported before the disk was full is there, and is listed.
        refused.append(InputError(f"Expected to read the zip of a run and to write below {root}, but got: {error}."))
    return imported, refused


@contextmanager
def _checked(source: bytes | Path | BufferedIOBase) -> Iterator[BufferedIOBase]:
    with _file(source) as file:
        quota.check_upload(file.seek(0, os.SEEK_END))
        file.seek(0)
        yield file


def _file(source: bytes | Path | BufferedIOBase) -> AbstractContextManager[BufferedIOBase]:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    return source.open("rb") if isinstance(source, Path) else nullcontext(source)


def _import(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], place: Path) -> Run:
    if place.exists():
        raise InputError(
            f"Expected a run that is not here yet, but {place.name} is; delete it first to import it again."
        )
    quota.check_runs(place.parent)
    quota.check_disk(place.parent.parent, sum(entry.file_size for entry in entries.values()))
    staging = place.with_name(f".import.{os.getpid()}.{threading.get_ident()}")
    try:
        run = Run(staging / place.name)
        unpack(archive, entries, run.path)
        _check(run)
        permission.give(run.path, permission.acting())
        run.path.rename(place)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Run(place)


def _check(run: Run) -> None:
    """Whether what was unpacked can be shown: nothing runs in it, and all that is in it fits."""
    run.check()
    labels.read(run)
    status, steps = run.status, run.frame_steps
    if status["state"] not in SETTLED or not max(steps, default=0) <= status["step"] <= run.spec.steps:
        raise CorruptRunError(
            f"Expected a run that has settled at its last frame or later, but {run.id} is {status['state']} at step "
            f"{status['step']:,} of {run.spec.steps:,}, with a frame at {max(steps, default=0):,}; export it again."
        )
