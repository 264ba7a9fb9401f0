"""The view of the Unknowns page: plain JavaScript that draws every frame of a run by itself.

`enigma.ui.pages.unknowns.component` mounts it in the page. The page's colours are read as for the Functional page.
"""

from functools import cache
from pathlib import Path

from enigma.figures.web import functional
from enigma.figures.web.modules import joined

MODULES = ("theme", "draw", "panels", "view", "main")
"""JavaScript files in the order in which they are joined: each imports only from those before it."""

HTML = '<section class="unknowns"></section>'


def source(name: str) -> str:
    """The text of one file beside this one, or of the Functional page where it is shared."""
    if name == "theme.js":
        return functional.source(name)
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


@cache
def javascript() -> str:
    """All modules as one."""
    return joined(MODULES, source)
