"""What a spec makes the program read and import, and whether the policy of this process allows it.

Asked where a job is submitted and before the page looks at images, so that no form, address or stored run gets round
it.
"""

from collections.abc import Iterator
from pathlib import Path

from enigma.spec.catalogue import DATASETS, METHODS, MODELS, UNKNOWNS
from enigma.spec.errors import RefusedError
from enigma.spec.model_spec import folder_of
from enigma.spec.run_spec import RunSpec
from enigma.store import policy

_LIST_FILES = (".txt", ".json")


def check_spec(spec: RunSpec, uploads: Path) -> None:
    """Checks every file, folder and module that a spec names.

    Args:
        uploads: the folder that uploads are kept in, which may always be read.

    Raises:
        RefusedError: one of them is not allowed.
    """
    for field, name in named_code(spec):
        check_code(name, field)
    for field, place in named_places(spec):
        check_place(place, uploads, field)


def named_code(spec: RunSpec) -> Iterator[tuple[str, str]]:
    """What is imported that the program does not come with, as field and name."""
    if spec.model not in MODELS:
        yield "model", spec.model
    if spec.method not in METHODS:
        yield "method", spec.method


def named_places(spec: RunSpec) -> Iterator[tuple[str, str]]:
    """What is read from the disk, as field and path."""
    if (folder := folder_of(spec.model)) is not None:
        yield "model", folder
    bundled = {"dataset": DATASETS, "reference": ("bundled", "none"), "unknown": UNKNOWNS}
    for field in ("dataset", "reference", "unknown", "weights", "class_map", "class_names"):
        place = getattr(spec, field)
        is_listed = field == "class_names" and Path(place or "").suffix not in _LIST_FILES
        if place is not None and place not in bundled.get(field, ()) and not is_listed:
            yield field, place


def takes_paths() -> bool:
    """Whether there is any folder beside the uploads that a person can name."""
    now = policy.current()
    return not now.restricted or bool(now.folders)


def takes_code(name: str) -> bool:
    """Whether `check_code` would pass."""
    now, module = policy.current(), name.partition(":")[0]
    return not now.restricted or any(f"{module}.".startswith(f"{allowed}.") for allowed in now.modules)


def takes_any_code() -> bool:
    """Whether there is any module or library of models that a person can name."""
    now = policy.current()
    return not now.restricted or bool(now.modules)


def check_code(name: str, field: str) -> None:
    """Checks what stands before the colon: a library of models, such as torchvision, or a module.

    Raises:
        RefusedError: neither it nor a package that it lies in is allowed.
    """
    if not takes_code(name):
        modules = policy.current().modules
        known = f" or of {', '.join(modules)}" if modules else ""
        raise RefusedError(
            f"Expected `{field}` to be one that comes with the program{known}, but got {name[:80]!r}; whoever runs "
            "this server can allow more under `modules` in its configuration."
        )


def check_place(place: str | Path, uploads: Path, field: str) -> None:
    """Checks where a path leads in the end, through links and '..'.

    Raises:
        RefusedError: it leads to no allowed folder; whether anything is there is not told.
    """
    now = policy.current()
    # All uploads together are nobody's images.
    if not now.restricted or _lies_in(place, now.folders) or _lies_in(Path(place) / "..", (str(uploads),)):
        return
    known = f", or to lie in {', '.join(now.folders)}" if now.folders else ""
    raise RefusedError(
        f"Expected `{field}` to be bundled or uploaded{known}, but got {str(place)[:80]!r}; whoever runs this server "
        "can allow more under `folders` in its configuration."
    )


def _lies_in(place: str | Path, folders: tuple[str, ...]) -> bool:
    try:
        found = Path(place).resolve()
        return any(found.is_relative_to(Path(folder).resolve()) for folder in folders)
    except (OSError, ValueError, RuntimeError):
        # Too long, with a zero byte, or a link that leads to itself.
        return False
