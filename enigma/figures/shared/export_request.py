"""What can be exported: one description of an export, shared by the page, the command line and the reproduction."""

from dataclasses import dataclass
from importlib.util import find_spec

from enigma.analysis.projection.names import DEFAULT
from enigma.figures.shared import palette
from enigma.spec.errors import InputError


@dataclass(frozen=True)
class Format:
    """A kind of file: its media type, its name on a button, and what a person should know of it."""

    mime: str
    title: str
    help: str | None = None


FORMATS: dict[str, Format] = {
    "png": Format("image/png", "PNG", "A picture of dots, to look at."),
    "svg": Format("image/svg+xml", "SVG", "Vector, to edit; letters are paths, so it looks the same everywhere."),
    "pdf": Format("application/pdf", "PDF", "Vector, to print; fonts are embedded."),
    "html": Format("text/html", "HTML", "The scrubber in one file; needs no network."),
    "csv": Format("text/csv", "CSV", "The numbers in the figure, as a table."),
    "parquet": Format(
        "application/vnd.apache.parquet", "Parquet",
        "A typed table, for pandas, Polars, DuckDB; it holds the spec of the run.",
    ),
    "gif": Format("image/gif", "GIF", "Plays everywhere, in mail and slides too."),
    "mp4": Format("video/mp4", "MP4", "H.264, 1280 by 720."),
    "webm": Format("video/webm", "WEBM", "VP9, 1280 by 720."),
    "zip": Format("application/zip", "Zip"),
    "bib": Format("application/x-bibtex", "BibTeX"),
    "sh": Format("text/x-shellscript", "Shell"),
}  # fmt: skip
"""Every kind of file that an export can be, by its extension."""

FIGURE_FORMATS = ("png", "svg", "pdf", "html", "csv")
TABLE_FORMATS = ("csv", "parquet")

KINDS: dict[str, tuple[str, ...]] = {
    "zip": ("zip",),
    "projection": FIGURE_FORMATS,
    "curves": FIGURE_FORMATS,
    "paper": ("pdf", "svg", "png"),
    "animation": ("gif", "mp4", "webm"),
    "explorable": ("html",),
    "lesson": ("html", "pdf", "gif"),
    "frames": TABLE_FORMATS,
    "points": TABLE_FORMATS,
    "steps": TABLE_FORMATS,
    "bibtex": ("bib",),
    "reproduce": ("sh",),
}
"""Every kind of export with its formats; the first is what one gets without asking."""

WIDTHS: dict[str, tuple[float, str]] = {
    "icml-column": (3.25, "ICML, one column"),
    "icml-page": (6.75, "ICML, both columns"),
    "neurips": (5.5, "NeurIPS and ICLR, text"),
    "cvpr-column": (3.25, "CVPR and ICCV, one column"),
    "cvpr-page": (6.875, "CVPR and ICCV, both columns"),
    "ieee-column": (3.5, "IEEE, one column"),
    "ieee-page": (7.16, "IEEE, both columns"),
    "jmlr": (6.0, "JMLR, text"),
    "tmlr": (6.5, "TMLR, text"),
}
"""Widths of a paper figure in inches, by the place where it will be printed."""

INSTALL_VIDEO = 'python -m pip install "entropy-enigma[video]"'

_DEFAULT_COLOR, _DEFAULT_WIDTH, _DEFAULT_PROJECTION = "label", "icml-page", DEFAULT

# Which choices make a difference to which kind; the others do not belong in its command.
_STEP = ("projection", "curves", "explorable")
_COLOR = ("projection", "paper", "animation", "explorable")
_PROJECTION = ("projection", "paper", "animation", "explorable", "points", "bibtex")


def has_video() -> bool:
    """Whether MP4 and WebM can be written here."""
    return find_spec("imageio_ffmpeg") is not None


@dataclass(frozen=True)
class Export:
    """One file to be made of a run.

    Attributes:
        what: a key of `KINDS`.
        format: one of its formats; empty for the first of them.
        step: the step a figure shows; None for the phase boundary.
        steps: the steps of a paper figure; empty for frame 0, the phase boundary and the last frame.
        color: what points are coloured by, one of `palette.COLORS`.
        width: of a paper figure: a key of `WIDTHS`, or inches.
        projection: name of the projection.

    Raises:
        InputError: a name is unknown, or a width is not a number that a page could hold.

    >>> Export("animation").format
    'gif'
    """

    what: str
    format: str = ""
    step: int | None = None
    steps: tuple[int, ...] = ()
    color: str = _DEFAULT_COLOR
    width: str = _DEFAULT_WIDTH
    projection: str = _DEFAULT_PROJECTION

    def __post_init__(self) -> None:
        if self.what not in KINDS:
            raise InputError(f"Expected what to export among {', '.join(KINDS)}, but got {self.what!r}.")
        formats = KINDS[self.what]
        if not self.format:
            object.__setattr__(self, "format", formats[0])
        if self.format not in formats:
            raise InputError(f"Expected {self.what} as {' or '.join(formats)}, but got {self.format!r}.")
        if self.color not in palette.COLORS:
            raise InputError(f"Expected a color among {', '.join(palette.COLORS)}, but got {self.color!r}.")
        if self.what == "paper":
            _ = self.inches

    @property
    def inches(self) -> float:
        """The width of a paper figure."""
        if self.width in WIDTHS:
            return WIDTHS[self.width][0]
        try:
            inches = float(self.width)
        except ValueError:
            inches = 0.0
        if not 2.0 <= inches <= 20.0:
            raise InputError(
                f"Expected a width among {', '.join(WIDTHS)}, or from 2 to 20 inches, but got {self.width!r}."
            )
        return inches

    @property
    def draws_positions(self) -> bool:
        """Whether the file holds positions of a projection."""
        return self.what in _PROJECTION and self.what != "bibtex"

    @property
    def mime(self) -> str:
        return FORMATS[self.format].mime

    def file_name(self, run_id: str) -> str:
        """Run, what it is, and the step where there is one.

        >>> Export("projection", "pdf", step=13).file_name("429b4332ba79")
        '429b4332ba79-projection-13.pdf'
        """
        if self.what == "zip":
            return f"{run_id}.zip"
        step = f"-{self.step}" if self.what in _STEP and self.step is not None and self.what != "explorable" else ""
        return f"{run_id}-{self.what}{step}.{self.format}"

    def arguments(self) -> list[str]:
        """What follows `enigma export RUN` on a command line that makes this file: only what is not the default.

        >>> Export("paper", "svg", steps=(0, 13), color="correctness").arguments()
        ['--what', 'paper', '--format', 'svg', '--steps', '0,13', '--color', 'correctness']
        """
        given = ["--what", self.what] if self.what != "zip" else []
        if self.format != KINDS[self.what][0]:
            given += ["--format", self.format]
        if self.what in _STEP and self.step is not None:
            given += ["--step", str(self.step)]
        if self.what == "paper" and self.steps:
            given += ["--steps", ",".join(map(str, self.steps))]
        if self.what in _COLOR and self.color != _DEFAULT_COLOR:
            given += ["--color", self.color]
        if self.what == "paper" and self.width != _DEFAULT_WIDTH:
            given += ["--width", self.width]
        if self.what in _PROJECTION and self.projection != _DEFAULT_PROJECTION:
            given += ["--projection", self.projection]
        return given
