"""Matplotlib's settings while a figure is drawn, and figures as bytes that depend on nothing but their run."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.figure import Figure

DOTS_PER_INCH = 220
PRINT_DOTS_PER_INCH = 600

# Matplotlib's settings belong to the whole process, and a page exports from several threads.
_MATPLOTLIB = threading.Lock()
_SETTINGS = {
    "font.family": ["DejaVu Sans"],
    "text.usetex": False,
    # Letters become paths: the same on every machine, whatever fonts it has.
    "svg.fonttype": "path",
    "svg.hashsalt": "entropy-enigma",
    # TrueType, embedded; Type 3 fonts, the default, are refused by many conferences.
    "pdf.fonttype": 42,
}


@contextmanager
def settings(**changes: Any) -> Iterator[None]:
    """Matplotlib set up for this project, for one thread at a time; `changes` have dots as underscores.

    >>> with settings(svg_fonttype="none"):
    ...     matplotlib.rcParams["svg.fonttype"]
    'none'
    """
    own = {name.replace("_", ".", 1): value for name, value in changes.items()}
    with _MATPLOTLIB, matplotlib.rc_context(_SETTINGS | own):
        yield


def saved(figure: Figure, format: str, metadata: dict[str, str | None], dots_per_inch: int = DOTS_PER_INCH) -> bytes:
    """The figure as PNG, SVG or PDF; call it inside `settings`."""
    file = io.BytesIO()
    figure.savefig(file, format=format, dpi=dots_per_inch, metadata=metadata)
    return file.getvalue()
