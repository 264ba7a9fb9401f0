"""What a page shows of one run, as a figure or a table that says run, step and what was chosen on the page."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

import enigma
from enigma.figures.print import saving
from enigma.figures.shared import groups
from enigma.figures.shared.command_lines import run_command
from enigma.figures.shared.provenance import Origin
from enigma.store.csv_file import csv_text
from enigma.store.run_folder import Run


@dataclass(frozen=True)
class Sheet:
    """What a person looks at.

    Attributes:
        what: the page, such as 'unknowns'.
        step: of the run, or None where all of it is shown.
        settings: what was chosen on the page, by name.
    """

    run: Run
    what: str
    step: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        """Run, step, choices, spec and versions, as plain values."""
        origin = Origin.of(self.run)
        return {
            "run": origin.run_id,
            "title": groups.printable(origin.title),
            "what": self.what,
            **({} if self.step is None else {"step": self.step}),
            "settings": dict(self.settings),
            "spec": origin.spec.to_dict(),
            "versions": {**origin.versions, "exported_with": enigma.__version__},
            "digests": origin.digests,
            "reproduce": run_command(origin.spec),
        }


def picture(sheet: Sheet, draw: Callable[[], Figure], format: str) -> bytes:
    """The figure as PNG, SVG or PDF, with the facts of the sheet in its metadata and a line of them below it."""
    origin = Origin.of(sheet.run)
    step = "" if sheet.step is None else f", step {sheet.step}"
    chosen = "".join(f", {name.replace('_', ' ')} {value}" for name, value in sheet.settings.items())
    sentence = groups.printable(f"run {sheet.run.id}{step}{chosen}, {origin.program}")
    title = groups.printable(f"{origin.title} · {sheet.what}")
    with saving.settings():
        figure = draw()
        figure.text(0.01, 0.008, sentence, fontsize=6.5, color="#616775", va="bottom")
        metadata = origin.in_words_of(format, title, sentence, json.dumps(sheet.facts), sheet.step)
        return saving.saved(figure, format, metadata)


def table(sheet: Sheet, frame: pd.DataFrame) -> bytes:
    """The table as CSV, with run, step and choices as its first columns."""
    spec = sheet.run.spec
    told = {"run_id": sheet.run.id, "title": Origin.of(sheet.run).title, "model": spec.model, "seed": spec.seed}
    step = {} if sheet.step is None else {"step": sheet.step}
    first = {name: value for name, value in {**told, **step, **sheet.settings}.items() if name not in frame}
    return csv_text(frame.assign(**first)[[*first, *frame.columns]]).encode()
