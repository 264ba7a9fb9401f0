"""All runs in one table: read once, kept until they change, sorted and filtered.

Nothing is computed here and no array is read: a run tells its numbers by its JSON files. What was read
is kept in memory and read again only when run, status or label have been written since.
"""

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from enigma.functionals.accuracy import accuracy_of
from enigma.spec.catalogue import METHODS
from enigma.spec.errors import EnigmaError, InputError, NewerRunError
from enigma.spec.run_spec import RunSpec
from enigma.spec.titles import method_title, shift, title
from enigma.store import collection, derived, labels
from enigma.store.home import Home
from enigma.store.json_file import ADVICE
from enigma.store.labels import Label
from enigma.store.run_folder import LABEL, SETTLED, Run, frame_name

VERSION = 1
"""Raised whenever other numbers than before are kept of a run."""

_SETTINGS = frozenset(setting.name for method in METHODS.values() for setting in method.settings)
_STAMPED = ("run.json", "status.json", LABEL)


@dataclass(frozen=True)
class Row:
    """One run in the table.

    Attributes:
        title: what the run is made of, as a sentence makes it; `label.name` is what a person called it.
        state: as `Run.state`, or 'damaged'; then `problem` says what is wrong and what to do.
        source, first, best, last: accuracies in [0, 1] of the source model, frame 0, the best and the
            last frame; NaN where there is none.
        spec: what determines it; None where it cannot be read.
        own: whether the run is the user's, and so can be changed and deleted.
    """

    path: Path
    own: bool
    title: str
    label: Label = field(default_factory=Label)
    model: str = ""
    shift: str = ""
    method: str = ""
    state: str = "damaged"
    step: int = 0
    steps: int = 0
    source: float = math.nan
    first: float = math.nan
    best: float = math.nan
    last: float = math.nan
    created: str = ""
    problem: str = ""
    spec: RunSpec | None = field(default=None, compare=False, repr=False)

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def text(self) -> str:
        """Everything that a search looks at, in lower case."""
        parts = (self.title, self.label.name, *self.label.tags, self.label.note, self.model, self.shift, self.method,
                 self.state, self.id, self.created, "" if self.own else "bundled")  # fmt: skip
        return "\n".join(parts).lower()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and tables; None for an accuracy that is not known."""
        accuracies = {"source": self.source, "frame0": self.first, "best": self.best, "final": self.last}
        return {
            "run": self.id, "title": self.title, "name": self.label.name, "tags": list(self.label.tags),
            "note": self.label.note, "model": self.model, "shift": self.shift, "method": self.method,
            "state": self.state, "step": self.step, "steps": self.steps,
            **{f"{name}_accuracy": None if math.isnan(value) else value for name, value in accuracies.items()},
            "created": self.created, "bundled": not self.own, "problem": self.problem,
        }  # fmt: skip


SORTS: dict[str, Callable[[Row], Any]] = {
    "created": lambda row: row.created,
    "title": lambda row: row.title.lower(),
    "name": lambda row: row.label.name.lower(),
    "state": lambda row: row.state,
    "steps": lambda row: row.step,
    "source": lambda row: row.source,
    "first": lambda row: row.first,
    "best": lambda row: row.best,
    "last": lambda row: row.last,
}

_FIELDS: dict[str, Callable[[Row], tuple[str, ...]]] = {
    "state": lambda row: (row.state,),
    "method": lambda row: (row.method.lower(),),
    "model": lambda row: (row.model.lower(),),
    "shift": lambda row: (row.shift.lower(),),
    "tag": lambda row: row.label.tags,
}


def rows(home: Home) -> list[Row]:
    """All runs of a home and the bundled ones, newest first, the damaged among them."""
    found: dict[str, list[Path]] = {}
    for root in (home.runs, home.bundled):
        for path in _folders(root):
            found.setdefault(path.name, []).append(path)
    shown = [collection.first_whole(folders) for folders in found.values()]
    listed = [_row(home.opened(Run(path)), own=path.parent == home.runs) for path in shown]
    return sorted(listed, key=SORTS["created"], reverse=True)


def filtered(listed: Iterable[Row], query: str) -> list[Row]:
    """The rows that hold every word of `query`, such as 'noise tag:paper state:finished lr=0.03'.

    `field=value` asks for any field of the spec or setting of the method; numbers are compared as numbers.

    Raises:
        InputError: a field is asked for that is not known.
    """
    words = query.lower().split()
    return [row for row in listed if all(_holds(row, word) for word in words)]


def ordered(listed: Iterable[Row], sort: str) -> list[Row]:
    """The rows by a column of `SORTS`; '-best' is from high to low. Rows that lack the number come last.

    Raises:
        InputError: there is no such column.
    """
    name = sort.removeprefix("-")
    if name not in SORTS:
        raise InputError(f"Expected to sort by one of {', '.join(SORTS)}, or - and one of them, but got {sort!r}.")
    key = SORTS[name]
    known: list[Row] = []
    lacking: list[Row] = []
    for row in listed:
        # NaN, which does not equal itself, and empty text.
        (lacking if key(row) == "" or key(row) != key(row) else known).append(row)
    return [*sorted(known, key=key, reverse=sort.startswith("-")), *lacking]


def _holds(row: Row, word: str) -> bool:
    field_name, equals, wanted = word.partition("=")
    if equals and ":" not in field_name:
        return _has_field(row, field_name.replace("-", "_"), wanted)
    name, colon, value = word.partition(":")
    if not colon:
        return word in row.text
    if name not in _FIELDS:
        raise InputError(f"Expected a word, or one of {', '.join(_FIELDS)} with a colon, but got {word!r}.")
    # Names of several words are asked for with hyphens: shift:impulse-noise-4.
    return value in {known.replace(" ", "-") for known in _FIELDS[name](row)}


def _has_field(row: Row, name: str, wanted: str) -> bool:
    """Whether a run was recorded with this value of a field of its spec, or of a setting of its method."""
    if name not in RunSpec.model_fields and name not in _SETTINGS:
        near = get_close_matches(name, [*RunSpec.model_fields, *_SETTINGS], 1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise InputError(f"Expected a field of a run spec or a setting of a method before =, but got {name!r}{hint}")
    if row.spec is None:
        return False
    values = row.spec.to_dict()
    value = values.get(name, values["settings"].get(name))
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(wanted) == value
        except ValueError:
            return False
    written = ",".join(map(str, value)) if isinstance(value, list) else "none" if value is None else str(value)
    return written.lower() == wanted


def _folders(root: Path) -> list[Path]:
    """Run folders below `root`, also one that lost its run.json; other folders are none of ours."""
    if not root.is_dir():
        return []
    with os.scandir(root) as entries:
        names = [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
    return [root / name for name in names if _looks_like_an_id(name) or (root / name / "run.json").exists()]


def _looks_like_an_id(name: str) -> bool:
    return len(name) == 12 and all(character in "0123456789abcdef" for character in name)


def _row(run: Run, *, own: bool) -> Row:
    path = run.path
    row = _read(path, run.cache, own, tuple(_stamp(path / name) for name in _STAMPED))
    if row.state in SETTLED or row.state == "damaged":
        return row
    # Whether somebody records it can change without any file being written.
    try:
        return replace(row, state=run.state)
    except EnigmaError as error:
        return _damaged(path, own, error)


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=20_000)
def _read(path: Path, cache: Path | None, own: bool, stamps: tuple[int, ...]) -> Row:
    """`stamps` is there to tell one state of the folder from the next."""
    run = Run(path, cache)
    try:
        facts, status = run.facts, run.status
        if facts.get("id") != run.id:
            # This names what is wrong.
            run.verify()
        spec = run.spec
        accuracies = _accuracies(run)
        return Row(
            path=path, own=own, title=title(spec), label=labels.read(run), model=spec.model, shift=shift(spec),
            method=method_title(spec), spec=spec,
            state=status["state"], step=int(status["step"]), steps=spec.steps, created=str(facts["created"]),
            source=math.nan if facts["source_accuracy"] is None else float(facts["source_accuracy"]),
            first=accuracies[0] if accuracies else math.nan,
            best=max(accuracies, default=math.nan), last=accuracies[-1] if accuracies else math.nan,
        )  # fmt: skip
    except EnigmaError as error:
        return _damaged(path, own, error)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        return _damaged(path, own, InputError(f"Expected the files of a run, but got {type(error).__name__}: {error}."))


def _damaged(path: Path, own: bool, error: EnigmaError) -> Row:
    if isinstance(error, NewerRunError):
        return Row(path, own, title=f"Run {path.name} of a newer version", problem=str(error))
    advice = ADVICE if own else "Install Entropy Enigma again."
    problem = f"{str(error).removesuffix(ADVICE).strip()} {advice}"
    return Row(path, own, title=f"Damaged run {path.name}", problem=problem)


def _accuracies(run: Run) -> list[float]:
    """The accuracy of every frame, in [0, 1]; kept beside the run, so that a list of many runs reads one file a run."""
    steps = run.frame_steps
    of = derived.digest(run, *(name for name in ("manifest.json",) if run.has(name)), more=[*steps, run.id])
    kept = derived.read_json(run, "overview.json", of=of, version=VERSION)
    if isinstance(kept, list) and len(kept) == len(steps):
        return [math.nan if value is None else float(value) for value in kept]
    probe = run.read_arrays("probe.safetensors")
    labels = probe["labels"]
    known = probe["unknown"] == 0 if "unknown" in probe else slice(None)
    if "accuracy" in run.facts.get("missing", {}):
        return [math.nan] * len(steps)
    found = [accuracy_of(run.read_array(frame_name(s), "top_classes")[known, 0], labels[known]) for s in steps]
    values = [value if math.isfinite(value) else None for value in found]
    derived.keep_json(run, "overview.json", values, of=of, version=VERSION)
    return found
