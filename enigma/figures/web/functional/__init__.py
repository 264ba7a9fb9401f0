"""The figures of the Functional page: plain JavaScript modules that compute and draw by themselves.

`enigma.ui.functional` mounts them in the page.
"""

from functools import cache
from pathlib import Path

from enigma.figures.web.modules import joined

MODULES = (
    "maths", "theme", "plot", "save", "figure",
    "curve", "points", "starts", "plane", "handle", "neuron", "batch", "layers", "main",
)  # fmt: skip
"""JavaScript files in the order in which they are joined: each imports only from those before it."""

HTML = '<section class="lab"></section>'


def source(name: str) -> str:
    """The text of one file beside this one."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


@cache
def javascript() -> str:
    """All modules as one."""
    return joined(MODULES, source)
