"""A formula in the page without a browser's library for it: TeX as SVG in the colour of the text."""

import html
import io
import re

from matplotlib.figure import Figure

from enigma.figures.print import saving

_INK, _POINTS = "#010203", 10.0
# What Matplotlib's TeX does not know, in what it does.
_OTHER_NAMES = {r"\lVert": r"\Vert", r"\rVert": r"\Vert"}


def formula(tex: str) -> str:
    """One `svg` element as high as the formula is beside letters of 1 em; its alternative is the TeX.

    >>> formula("x^2")[:19]
    '<svg role="img" ari'
    """
    figure, file = Figure(figsize=(1, 1)), io.StringIO()
    figure.text(0, 0, f"${_known(tex)}$", fontsize=_POINTS, color=_INK)
    with saving.settings():
        figure.savefig(
            file, format="svg", transparent=True, bbox_inches="tight", pad_inches=0.02, metadata={"Date": None}
        )
    text = file.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    if box is None:
        raise ValueError(f"Expected a formula with a size but got {tex!r}")
    width, height = (float(side) / _POINTS for side in box.groups())
    size = f'style="width:{width:.2f}em;height:{height:.2f}em;max-width:100%"'
    named = (
        f'<svg role="img" aria-label="{html.escape(tex)}" {size} {box[0]} xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    return re.sub(r"<svg [^>]*>", lambda _: named, text.replace(_INK, "currentColor"), count=1)


def _known(tex: str) -> str:
    for name, other in _OTHER_NAMES.items():
        tex = tex.replace(name, other)
    return re.sub(r"\\text\{([^}]*)\}", lambda found: rf"\mathrm{{{found[1].replace(' ', chr(92) + ' ')}}}", tex)
