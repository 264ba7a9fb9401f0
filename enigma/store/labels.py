"""What a person adds to a run: a name, tags and a note, kept beside the recording and never part of it.

They lie in `label.json` in the run folder, outside the checksums, so that neither the id nor the
manifest of a run changes with them. They travel with the zip and into the run that extends this one.
"""

import json
import re
from dataclasses import asdict, dataclass, replace
from typing import Any

from enigma.spec.errors import EnigmaError, InputError
from enigma.store import permission
from enigma.store.json_file import DAMAGED, read_object
from enigma.store.run_folder import LABEL, Run

NAME_LENGTH, TAG_LENGTH, NOTE_LENGTH, MOST_TAGS = 80, 30, 4000, 12


@dataclass(frozen=True)
class Label:
    """Name, tags and note of one run; all may be empty.

    >>> Label.of("  my  run ", "paper, collapse paper").tags
    ('collapse', 'paper')

    Raises:
        InputError: from `of`, `read` and `parse`, when something is too long or of another kind.
    """

    name: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""

    @classmethod
    def of(cls, name: str = "", tags: str = "", note: str = "") -> "Label":
        """A label from what was typed: tags are words, separated by commas or spaces."""
        return cls.parse({"name": name, "tags": re.split(r"[,\s]+", tags), "note": note})

    @classmethod
    def parse(cls, values: Any) -> "Label":
        """A label from the contents of a file that may come from anywhere."""
        values = values if isinstance(values, dict) else {"name": None}
        name, tags, note = values.get("name", ""), values.get("tags", []), values.get("note", "")
        if not isinstance(tags, list) or not all(isinstance(text, str) for text in (name, note, *tags)):
            raise InputError("Expected a label of a name, a list of tags and a note, but got something else.")
        # Whoever types '#paper' means 'paper'; a tag is one word, so that it can be asked for as tag:paper.
        words = {"-".join(_printable(tag).split()).lstrip("#").lower() for tag in tags} - {""}
        label = cls(" ".join(_printable(name).split()), tuple(sorted(words)), _printable(note, keep="\n").strip())
        _limit("name", label.name, NAME_LENGTH)
        _limit("note", label.note, NOTE_LENGTH)
        _limit("tag", max(label.tags, key=len, default=""), TAG_LENGTH)
        if len(words) > MOST_TAGS:
            raise InputError(f"Expected at most {MOST_TAGS} tags, but got {len(words)}.")
        return label

    def tagged(self, add: str = "", remove: str = "") -> "Label":
        """The same label with tags added and taken away.

        >>> Label(tags=("a", "b")).tagged(add="c", remove="a").tags
        ('b', 'c')
        """
        left = set(self.tags) - set(Label.of(tags=remove).tags)
        return Label.of(self.name, " ".join((*left, add)), self.note)


def read(run: Run) -> Label:
    """The label of a run; empty where there is none.

    Raises:
        InputError: the file is not a label.
    """
    path = run.path / LABEL
    if not path.exists():
        return Label()
    try:
        return Label.parse(read_object(path))
    except EnigmaError as error:
        raise InputError(
            f"Expected {LABEL} in run {run.id} to be a label, but: {str(error).removesuffix(DAMAGED)} Remove the file."
        ) from error


def write(run: Run, label: Label) -> None:
    """Keeps a label with its run; an empty one leaves no file.

    Raises:
        RefusedError: who acts may not change it.
    """
    permission.check_run(run.path)
    if label == Label():
        run.path.joinpath(LABEL).unlink(missing_ok=True)
    else:
        run.write(LABEL, json.dumps(asdict(label), indent=1).encode())


def rename(run: Run, name: str) -> Label:
    """Gives a run a name of one's own, or takes it away with an empty one."""
    return _kept(run, replace(read(run), name=Label.of(name=name).name))


def annotate(run: Run, note: str) -> Label:
    """Replaces the note of a run."""
    return _kept(run, replace(read(run), note=Label.of(note=note).note))


def tag(run: Run, add: str = "", remove: str = "") -> Label:
    """Adds and takes away tags of a run."""
    return _kept(run, read(run).tagged(add, remove))


def _kept(run: Run, label: Label) -> Label:
    write(run, label)
    return label


def _printable(text: str, keep: str = "") -> str:
    """Without control characters, which could move the cursor of a terminal or reverse the line."""
    return "".join(c for c in text if c.isprintable() or c in keep or c == " ")


def _limit(what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise InputError(f"Expected a {what} of at most {most:,} characters, but got {len(text):,}; shorten it.")
