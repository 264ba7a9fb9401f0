"""Where a file comes from, carried in the file itself: run, spec, versions and the command that makes it again."""

import json
from dataclasses import dataclass
from typing import Any

import enigma
from enigma.figures.shared import groups
from enigma.figures.shared.command_lines import command
from enigma.figures.shared.export_request import Export
from enigma.spec.run_spec import RunSpec
from enigma.spec.titles import title
from enigma.store.run_folder import Run

KEY = "entropy-enigma"
"""The name under which formats with named fields hold the JSON of the origin."""


@dataclass(frozen=True)
class Origin:
    """The run behind a file.

    Attributes:
        versions: of the packages that recorded the run.
        digests: of the model and the images, by role.
    """

    run_id: str
    title: str
    spec: RunSpec
    versions: dict[str, str]
    digests: dict[str, str]

    @classmethod
    def of(cls, run: Run) -> "Origin":
        facts = run.facts
        return cls(run.id, title(run.spec), run.spec, facts.get("versions", {}), facts.get("digests", {}))

    @property
    def program(self) -> str:
        return f"Entropy Enigma {enigma.__version__}"

    def facts(self, export: Export) -> dict[str, Any]:
        """Everything that a file should say of where it comes from, as plain values."""
        shown = {} if export.step is None else {"step": export.step}
        return {
            "run": self.run_id,
            "title": groups.printable(self.title),
            "what": export.what,
            **shown,
            "spec": self.spec.to_dict(),
            "versions": {**self.versions, "exported_with": enigma.__version__},
            "digests": self.digests,
            "reproduce": command(self.spec, self.run_id, export),
        }

    def json(self, export: Export) -> str:
        """The facts in ASCII, which every format can hold."""
        return json.dumps(self.facts(export), separators=(",", ":"))

    def heading(self, export: Export) -> str:
        """A title for the file."""
        step = "" if export.step is None else f" · step {export.step}"
        return f"{groups.printable(self.title)}{step}"

    def sentence(self, export: Export) -> str:
        """What the file is, for people."""
        step = "" if export.step is None else f", step {export.step}"
        return f"run {groups.printable(self.run_id)}{step}, {self.program}"

    def picture_metadata(self, export: Export) -> dict[str, str | None]:
        """The facts in the words of PNG, SVG or PDF; no date, which would make every export differ."""
        return self.in_words_of(
            export.format, self.heading(export), self.sentence(export), self.json(export), export.step
        )

    def in_words_of(
        self, format: str, title: str, sentence: str, facts: str, step: int | None
    ) -> dict[str, str | None]:
        """What a picture of this run tells of itself, by the names that its format has for that."""
        named: dict[str, str | None] = {"Title": title}
        identifier = groups.printable(self.run_id)
        if format == "png":
            own = {"Run": identifier, **({} if step is None else {"Step": str(step)}), KEY: facts}
            return {**named, "Description": sentence, "Software": self.program, **own}
        if format == "svg":
            words = {"Description": sentence, "Identifier": identifier, "Source": facts, "Creator": self.program}
            return {**named, **words, "Date": None}
        words = {"Subject": sentence, "Keywords": facts, "Creator": self.program, "Producer": self.program}
        return {**named, **words, "CreationDate": None}
