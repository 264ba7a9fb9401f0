"""One way to make every file: page, command line and tests ask here.

The same run gives the same bytes: nothing in a file depends on the clock or on chance.
"""

from dataclasses import replace

import enigma
from enigma.analysis.trajectory import Trajectory
from enigma.figures.files import references, tables
from enigma.figures.print import publication, saving
from enigma.figures.print.run import curves_paper, projection_paper
from enigma.figures.shared import command_lines, groups, panels
from enigma.figures.shared.export_request import Export
from enigma.figures.shared.provenance import Origin
from enigma.store import archive
from enigma.store.run_folder import Run


def export(run: Run, trajectory: Trajectory, wanted: Export) -> bytes:
    """One file of a run.

    Args:
        run: the run folder.
        trajectory: the same run as it is shown.
        wanted: what to make; steps that it leaves open are chosen as `resolved` does.

    Raises:
        InputError: the format needs a library that is not installed.
        CorruptRunError: the run is damaged, for a zip.
    """
    origin, wanted = Origin.of(run), resolved(wanted, trajectory)
    match wanted.what:
        case "zip":
            return archive.export_zip(run)
        case "steps":
            return _table(tables.steps(run), origin, wanted)
        case "bibtex":
            return references.bibtex(run.spec, run.id, enigma.__version__, wanted.projection).encode()
        case "lesson":
            # Imported by those who want it: it draws with Matplotlib and holds the scrubber's code.
            from enigma.figures.files import lesson

            return lesson.made(run, trajectory, origin, wanted)
        case "reproduce":
            return f"{command_lines.command(run.spec, run.id)}\n".encode()
    return draw(trajectory, origin, wanted)


def resolved(wanted: Export, trajectory: Trajectory) -> Export:
    """The same export with the steps that will be shown: recorded ones, and the phase boundary by default."""
    if wanted.what == "paper":
        return replace(wanted, step=None, steps=panels.chosen_steps(trajectory, wanted.steps))
    if wanted.what not in ("projection", "curves", "explorable"):
        return replace(wanted, step=None, steps=())
    asked = trajectory.phase_boundary if wanted.step is None else wanted.step
    return replace(wanted, step=groups.shown_step(trajectory, asked), steps=())


def draw(trajectory: Trajectory, origin: Origin, wanted: Export) -> bytes:
    """A file that is made from the trajectory alone: a figure, an animation, a page, a table of frames or points."""
    wanted = resolved(wanted, trajectory)
    if wanted.what in ("frames", "points"):
        return _table((tables.frames if wanted.what == "frames" else tables.points)(trajectory), origin, wanted)
    if wanted.what == "animation":
        # Imported by those who want one: it is the only figure that needs Pillow's or FFmpeg's writers.
        from enigma.figures.print import animation

        return animation.animate(trajectory, origin, wanted)
    if wanted.format == "html":
        # Whichever figure was asked for: the scrubber shows it, at its step and in its colours.
        from enigma.figures.web import explorable

        return explorable.page(trajectory, origin, wanted)
    if wanted.what == "paper":
        return publication.saved(trajectory, origin, wanted)
    return _figure(trajectory, origin, wanted)


def _figure(trajectory: Trajectory, origin: Origin, wanted: Export) -> bytes:
    step, color = wanted.step or 0, wanted.color
    is_projection = wanted.what == "projection"
    if wanted.format == "csv":
        return tables.as_csv(tables.projection(trajectory, step) if is_projection else tables.curve_values(trajectory))
    with saving.settings():
        printed = projection_paper(trajectory, step, color) if is_projection else curves_paper(trajectory, step)
        return saving.saved(printed, wanted.format, origin.picture_metadata(wanted))


def _table(table: tables.pd.DataFrame, origin: Origin, wanted: Export) -> bytes:
    return tables.WRITERS[wanted.format](table, origin.json(wanted))
