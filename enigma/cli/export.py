"""`enigma export`: a run, one of its figures or its numbers as a file."""

from pathlib import Path

import click

from enigma.analysis.projection.names import DEFAULT, TITLES
from enigma.api.writing import written
from enigma.figures.shared.export_request import KINDS, WIDTHS, Export
from enigma.figures.shared.palette import COLORS
from enigma.spec.errors import InputError
from enigma.store.home import Home


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("--what", default="zip", show_default=True, metavar="WHAT", help=f"One of: {', '.join(KINDS)}.")
@click.option(
    "--format",
    "file_format",
    default="",
    metavar="FORMAT",
    help="; ".join(f"{what}: {', '.join(formats)}" for what, formats in KINDS.items() if len(formats) > 1)
    + ". Default: what --out ends with, or the first.",
)
@click.option(
    "--step",
    type=int,
    help="For projection, curves and explorable, or the last recorded step before it; default: the phase boundary.",
)
@click.option(
    "--steps", default="", metavar="STEPS", help="For paper, such as 0,13,500; default: frame 0, phase boundary, last."
)
@click.option("--color", default="label", show_default=True, metavar="COLOR", help=f"One of: {', '.join(COLORS)}.")
@click.option(
    "--width",
    default="icml-page",
    show_default=True,
    metavar="WIDTH",
    help="For paper, inches or one of: " + ", ".join(f"{name} ({inches:g})" for name, (inches, _) in WIDTHS.items()),
)
@click.option("--projection", default=DEFAULT, show_default=True, metavar="NAME", help=f"One of: {', '.join(TITLES)}.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; default: named after the run.")
@click.pass_obj
def export(
    home: Home, run_id: str, what: str, file_format: str, step: int | None, steps: str, color: str, width: str,
    projection: str, out: Path | None,
) -> None:  # fmt: skip
    """Write a run, one of its figures or its numbers to a file.

    \b
    enigma export RUN                                                  the whole run, as a zip
    enigma export RUN --what projection --step 40 --format svg
    enigma export RUN --what paper --width icml-column --color correctness
    enigma export RUN --what animation                                 a GIF; --format mp4 with the extra `video`
    enigma export RUN --what explorable                                the scrubber as one HTML file, as is any HTML
    enigma export RUN --what lesson                                    the lesson of the bundled run; --format pdf, gif
    enigma export RUN --what frames --format parquet
    enigma export RUN --what bibtex
    enigma export RUN --what reproduce                                 the command that records it again
    """
    # Until 0.1.0 the table of frames was called numbers.
    kind = "frames" if what == "numbers" else what
    request = Export(kind, file_format or _ending(kind, out), step, _steps(steps), color, width, projection)
    path = write_export(home, run_id, request, out)
    if path is not None:
        click.echo(path)


def write_export(home: Home, run_id: str, request: Export, out: Path | None) -> Path | None:
    """Writes one file and returns its path; words for people to read go to standard output, unless `out` is given."""
    # It imports SciPy, Matplotlib and Plotly.
    from enigma.api.opened_drawing import file_of

    name, content = file_of(home.find(run_id), request)
    if out is None and request.what in ("bibtex", "reproduce"):
        click.echo(content.decode(), nl=False)
        return None
    return written(out or Path(name), content)


def _ending(kind: str, out: Path | None) -> str:
    """The format that the name of the file asks for, if it is one of the kind's."""
    ending = out.suffix.removeprefix(".").lower() if out else ""
    return ending if ending in KINDS.get(kind, ()) else ""


def _steps(text: str) -> tuple[int, ...]:
    """'0,13,500' as numbers."""
    try:
        return tuple(int(part) for part in text.split(",")) if text else ()
    except ValueError:
        raise InputError(f"Expected --steps such as 0,13,500, but got {text!r}.") from None
