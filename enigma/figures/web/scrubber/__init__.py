"""The scrubber's browser code: plain JavaScript modules without a build step, and the bytes that they draw.

`enigma.ui.pages.watch.scrubber` mounts it in the page.
"""

from functools import cache
from pathlib import Path

from enigma.figures.web.modules import joined

MODULES = (
    "decode",
    "scales",
    "colors",
    "stamps",
    "model",
    "points",
    "contours",
    "marks",
    "controls",
    "gestures",
    "projection",
    "plots",
    "curves",
    "timeline",
    "panels",
    "legend",
    "images",
    "beside",
    "report",
    "intake",
    "app",
    "main",
)
"""JavaScript files in the order in which they are joined: each imports only from those before it."""


def source(name: str) -> str:
    """The text of one file beside this one."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


@cache
def javascript() -> str:
    """All modules as one."""
    return joined(MODULES, source)
