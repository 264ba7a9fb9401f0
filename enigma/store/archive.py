"""Runs on their way in and out: zip, import, delete."""

import io
import os
import re
import shutil
import threading
import zipfile
from pathlib import Path

from enigma.spec.errors import CorruptRunError, EnigmaError, InputError
from enigma.store import labels
from enigma.store.run_folder import Run

# A zip comes from anywhere, so nothing but the files of a run is unpacked, and no more than this.
_ALLOWED = re.compile(
    r"(run|status|manifest|label)\.json|scalars\.csv|thumbnails\.webp|(reference|probe|checkpoint)\.safetensors"
    r"|frames/\d+\.safetensors|(derived/)?(projections/[\w-]+\.safetensors|metrics/\d+\.json)"
    r"|derived/unknowns/(\d+|source)\.json"
)
_LARGEST = 4 << 30


def export_zip(*runs: Run) -> bytes:
    """Whole runs, with their labels, as one zip that `import_runs` reads anywhere."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for run in runs:
            run.verify()
            for path in sorted(p for p in run.path.rglob("*") if p.is_file()):
                name = path.relative_to(run.path).as_posix()
                if _ALLOWED.fullmatch(name):
                    archive.write(path, f"{run.id}/{name}")
    return buffer.getvalue()


def import_zip(content: bytes, root: Path) -> Run:
    """Unpacks the runs in a zip below `root` and returns the first.

    Raises:
        InputError: not the zip of a run, or a run of this id is there already.
        CorruptRunError: the run in it is damaged.
    """
    imported, refused = import_runs(content, root)
    if not imported:
        raise refused[0]
    return imported[0]


def import_runs(content: bytes, root: Path) -> tuple[list[Run], list[EnigmaError]]:
    """Unpacks the runs in a zip below `root`, each checked before it can be seen.

    Returns:
        The runs, and for each that could not be imported the reason; one does not keep out another.

    Raises:
        InputError: not the zip of runs.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise InputError(f"Expected the zip of a run, but got another kind of file ({error}).") from error
    names = [name for name in archive.namelist() if not name.endswith("/")]
    foreign = [name for name in names if not _is_of_a_run(name)]
    if foreign or not names:
        raise InputError(f"Expected the zip of a run as `enigma export` writes it, but it holds {foreign[:1]}.")
    if sum(info.file_size for info in archive.infolist()) > _LARGEST:
        raise InputError(f"Expected runs of at most {_LARGEST >> 30} GiB, but this zip unpacks to more.")
    root.mkdir(parents=True, exist_ok=True)
    imported: list[Run] = []
    refused: list[EnigmaError] = []
    for run_id in dict.fromkeys(name.partition("/")[0] for name in names):
        try:
            inside = [name for name in names if name.startswith(f"{run_id}/")]
            imported.append(_unpack(archive, inside, run_id, root))
        except EnigmaError as error:
            refused.append(error)
    return imported, refused


def _is_of_a_run(name: str) -> bool:
    run_id, _, inside = name.partition("/")
    return bool(re.fullmatch(r"[0-9a-f]{12}", run_id) and _ALLOWED.fullmatch(inside))


def _unpack(archive: zipfile.ZipFile, names: list[str], run_id: str, root: Path) -> Run:
    if (root / run_id).exists():
        raise InputError(f"Expected a run that is not here yet, but {run_id} is; delete it first to import it again.")
    temporary = root / f".import.{os.getpid()}.{threading.get_ident()}"
    try:
        for name in names:
            target = temporary / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))
        run = Run(temporary / run_id)
        if not run.has("manifest.json"):
            raise CorruptRunError(
                f"Expected a manifest in the zip of run {run_id}, but it has none; export the run again."
            )
        run.verify()
        labels.read(run)
        run.path.rename(root / run_id)
    except (zipfile.BadZipFile, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise CorruptRunError(f"Expected a whole zip of run {run_id}, but it is damaged: {error}.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Run(root / run_id)


def delete(run: Run) -> None:
    """Removes a run; it vanishes at once, then its files."""
    doomed = run.path.with_name(f".{run.id}.deleted")
    run.path.rename(doomed)
    shutil.rmtree(doomed)
