"""The overlay of several runs as a file, with what made it in the metadata."""

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd

import enigma
from enigma.analysis.comparing.runs import Compared, Series
from enigma.figures.print import saving
from enigma.figures.print.multiples import Cell, multiples_paper
from enigma.figures.print.overlay import overlay_paper
from enigma.figures.screen.overlay import overlay_figure
from enigma.figures.web import standalone
from enigma.spec.errors import InputError
from enigma.store.csv_file import csv_text

PRINTED = ("png", "svg", "pdf")
FORMATS = (*PRINTED, "html", "csv")


def export_overlay(shown: Sequence[Series], runs: Sequence[Compared], format: str, *, scale: str = "log") -> bytes:
    """The overlay in one of `FORMATS`; a CSV holds the numbers behind it.

    Args:
        shown: the curves, one a run or folded.
        runs: the runs that they were made of, whose ids, specs and versions the file tells.
        format: one of `FORMATS`.
        scale: of the axis of steps, one of `enigma.figures.shared.overlay.SCALES`.

    Raises:
        InputError: the format or scale is unknown.
    """
    if format not in FORMATS:
        raise InputError(f"Expected a format among {', '.join(FORMATS)} but got {format!r}.")
    if format == "csv":
        return numbers_csv(shown).encode()
    if format == "html":
        return _page(shown, runs, scale)
    with saving.settings():
        return saving.saved(overlay_paper(shown, scale), format, _metadata(runs, format))


def export_multiples(cells: Sequence[Sequence[Cell]], runs: Sequence[Compared], format: str) -> bytes:
    """The small pictures of projections as PNG, SVG or PDF.

    Raises:
        InputError: the format is unknown.
    """
    if format not in PRINTED:
        raise InputError(f"Expected a format among {', '.join(PRINTED)} but got {format!r}.")
    with saving.settings():
        return saving.saved(multiples_paper(cells), format, _metadata(runs, format))


def numbers_csv(shown: Sequence[Series]) -> str:
    """One row a curve and step: every metric, with its standard deviation where seeds are folded."""
    tables = []
    for one in shown:
        columns: dict[str, Any] = {"curve": one.name, "runs": " ".join(one.run_ids), "step": one.steps}
        columns |= {"source_accuracy": one.source_accuracy, **one.metrics}
        columns |= {f"{name}_deviation": values for name, values in one.spread.items()}
        tables.append(pd.DataFrame(columns))
    return csv_text(pd.concat(tables))


def _facts(runs: Sequence[Compared]) -> dict[str, str]:
    ids = " ".join(run.run_id for run in runs)
    told = [
        {"run": run.run_id, "spec": run.spec.to_dict(), "versions": run.facts["versions"]}
        for run in runs
    ]  # fmt: skip
    return {
        "title": f"Comparison of {len(runs)} runs",
        "runs": ids,
        "program": f"Entropy Enigma {enigma.__version__}",
        "description": f"enigma compare {ids}\n{json.dumps(told)}",
    }


def _metadata(runs: Sequence[Compared], format: str) -> dict[str, str | None]:
    """The facts in the words of each format; a date would make every export differ."""
    facts = _facts(runs)
    if format == "png":
        named = {"Title": facts["title"], "Description": facts["description"]}
        return {**named, "Software": facts["program"], "Runs": facts["runs"]}
    if format == "svg":
        named = {"Title": facts["title"], "Description": facts["description"], "Identifier": facts["runs"]}
        return {**named, "Creator": facts["program"], "Date": None}
    named = {"Title": facts["title"], "Subject": facts["description"], "Keywords": facts["runs"]}
    return {**named, "Creator": facts["program"], "Producer": facts["program"], "CreationDate": None}


def _page(shown: Sequence[Series], runs: Sequence[Compared], scale: str) -> bytes:
    facts = _facts(runs)
    names = {"enigma:runs": facts["runs"], "generator": facts["program"], "description": facts["description"]}
    return standalone.page(overlay_figure(shown, scale), facts["title"], standalone.meta_lines(names))
