"""Figures and files of an opened run; imported by who wants one, because it imports Plotly and Matplotlib."""

from dataclasses import fields
from pathlib import Path
from typing import Any

from enigma.analysis.projection.methods import PROJECTIONS
from enigma.analysis.projection.stored import project
from enigma.analysis.reading import trajectory as assembled
from enigma.analysis.trajectory import Trajectory
from enigma.api.writing import written
from enigma.figures.files.export import export, resolved
from enigma.figures.print import publication, saving
from enigma.figures.print import run as printed
from enigma.figures.screen import run as screen
from enigma.figures.shared.export_request import KINDS, Export
from enigma.spec.errors import InputError
from enigma.store.run_folder import SETTLED, Run

LIBRARIES = ("plotly", "matplotlib")


def drawn(trajectory: Trajectory, wanted: Export, library: str) -> Any:
    """The figure itself, a Plotly or a Matplotlib `Figure`.

    Raises:
        InputError: there is no such library, or no such figure in it.
    """
    if library not in LIBRARIES:
        raise InputError(f"Expected a library among {', '.join(LIBRARIES)}, but got {library!r}.")
    if wanted.what not in ("projection", "curves", "paper"):
        raise InputError(f"Expected a figure among projection, curves, paper, but got {wanted.what!r}.")
    shown = resolved(wanted, trajectory)
    step = shown.step or 0
    if wanted.what == "paper":
        with saving.settings():
            return publication.publication_figure(trajectory, shown.steps, shown.color, shown.inches)
    if library == "plotly":
        if wanted.what == "curves":
            return screen.curves_figure(trajectory, step)
        return screen.projection_figure(trajectory, step, shown.color)
    with saving.settings():
        if wanted.what == "curves":
            return printed.curves_paper(trajectory, step)
        return printed.projection_paper(trajectory, step, shown.color)


def exported(run: Run, path: Path | None, what: str, choices: dict[str, Any]) -> Path:
    """Writes one file and says where; its format is that of its name unless one is chosen.

    Raises:
        InputError: a choice is unknown, or the file cannot be written.
    """
    suffix = path.suffix.lstrip(".").lower() if path is not None and not path.is_dir() else ""
    if suffix and suffix in KINDS.get(what, ()):
        choices = {"format": suffix, **choices}
    try:
        wanted = Export(what, **choices)
    except TypeError as error:
        known = [item.name for item in fields(Export) if item.name != "what"]
        raise InputError(f"Expected choices among {', '.join(known)}, but got {', '.join(choices)}.") from error
    if suffix and suffix != wanted.format:
        raise InputError(f"Expected {what} as {' or '.join(KINDS[what])}, but got a file named .{suffix}.")
    name, content = file_of(run, wanted)
    return written(Path(name) if path is None else path / name if path.is_dir() else path, content)


def file_of(run: Run, wanted: Export) -> tuple[str, bytes]:
    """One file of a run: what it is called unless somebody names it, and what is in it.

    Raises:
        InputError: a choice is unknown.
        CorruptRunError: the run is not as it was recorded.
    """
    if wanted.projection not in PROJECTIONS:
        raise InputError(f"Expected a projection among {', '.join(PROJECTIONS)}, but got {wanted.projection!r}.")
    run.verify()
    if wanted.draws_positions and run.state in SETTLED:
        # Nobody waits at a page: what is drawn need not be what stands in for it.
        project(run, (wanted.projection,))
    shown = assembled(run, wanted.projection)
    return resolved(wanted, shown).file_name(run.id), export(run, shown, wanted)
