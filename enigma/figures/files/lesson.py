"""The lesson of the bundled run as one file: offline page, handout, or the steps that move."""

from enigma.analysis.lesson.story import Part, parts
from enigma.analysis.trajectory import Trajectory
from enigma.figures.print import handout
from enigma.figures.print import lesson as pictures
from enigma.figures.shared.export_request import Export
from enigma.figures.shared.provenance import Origin
from enigma.figures.web import lesson as page
from enigma.spec.errors import InputError
from enigma.store.home import Home
from enigma.store.run_folder import Run


def made(run: Run, trajectory: Trajectory, origin: Origin, wanted: Export) -> bytes:
    """The lesson as HTML, PDF or GIF.

    Raises:
        InputError: it is another run than the bundled one, whose story the lesson tells.
    """
    bundled = Home.default().example().id
    if run.id != bundled:
        raise InputError(f"Expected the bundled run {bundled}, whose story the lesson tells, but got {run.id}.")
    told: list[Part] = parts(trajectory, run.spec, run.facts["clean_accuracy"])
    if wanted.format == "pdf":
        return handout.saved(trajectory, told, origin, wanted)
    if wanted.format == "gif":
        return pictures.moving(trajectory, told, origin.json(wanted))
    return page.page(trajectory, told, origin, wanted)
