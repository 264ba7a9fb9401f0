"""Runs on their way in and out: zip, import, delete."""

import io
import os
import re
import shutil
import zipfile
from pathlib import Path

from enigma.errors import CorruptRunError, InputError
from enigma.runs import Run

# A zip comes from anywhere, so nothing but the files of a run is unpacked, and no more than this.
_ALLOWED = re.compile(
    r"(run|status|manifest)\.json|scalars\.csv|thumbnails\.webp|(reference|probe|checkpoint)\.safetensors"
    r"|(frames|projections)/[\w-]+\.safetensors|metrics/\d+\.json"
)
_LARGEST = 4 << 30


def export_zip(run: Run) -> bytes:
    """The whole run as a zip that `import_zip` reads anywhere."""
    run.verify()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in run.path.rglob("*") if p.is_file()):
            name = path.relative_to(run.path).as_posix()
            if _ALLOWED.fullmatch(name):
                archive.write(path, f"{run.id}/{name}")
    return buffer.getvalue()


def import_zip(content: bytes, root: Path) -> Run:
    """Unpacks a run below `root`, checked before it can be seen.

    Raises:
        InputError: not the zip of a run, or a run of this id is there already.
        CorruptRunError: the run in it is damaged.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise InputError(f"Expected the zip of a run, but got another kind of file ({error}).") from error
    names = [name for name in archive.namelist() if not name.endswith("/")]
    run_id = names[0].partition("/")[0] if names else ""
    foreign = [
        n for n in names if not (n.startswith(f"{run_id}/") and _ALLOWED.fullmatch(n.removeprefix(f"{run_id}/")))
    ]
    if not re.fullmatch(r"[0-9a-f]{12}", run_id) or foreign:
        raise InputError(
            f"Expected the zip of a run as `enigma export` writes it, but it holds {(foreign or names)[:1]}."
        )
    if sum(info.file_size for info in archive.infolist()) > _LARGEST:
        raise InputError(f"Expected a run of at most {_LARGEST >> 30} GiB, but this zip unpacks to more.")
    if (root / run_id).exists():
        raise InputError(f"Expected a run that is not here yet, but {run_id} is; delete it first to import it again.")
    return _unpack(archive, names, run_id, root)


def _unpack(archive: zipfile.ZipFile, names: list[str], run_id: str, root: Path) -> Run:
    temporary = root / f".import.{os.getpid()}"
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
