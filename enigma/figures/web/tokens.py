"""Writes colours and constants for the browser from where Python has them: `python -m enigma.figures.web.tokens`.

What it writes is committed, so that installing needs no such step; a test says when it has gone stale.
"""

import json
from pathlib import Path

from enigma.analysis.unknowns.view import GRID
from enigma.figures.shared import palette
from enigma.figures.web import theme
from enigma.figures.web.scrubber import body, pack

FOLDER = Path(__file__).parent / "shared"

_NOTE = "Written by `python -m enigma.figures.web.tokens`; change what it reads."


def files() -> dict[Path, str]:
    """Every file that is written, and what it has to hold."""
    return {FOLDER / "tokens.css": f"/* {_NOTE} */\n{theme.tokens()}", FOLDER / "tokens.js": _script()}


def _script() -> str:
    view = pack.View()
    constants = {
        "SCALE": ("From certain to uncertain.", palette.SCALE),
        "DOUBT_SCALE": ("From drawn too near to drawn too far.", palette.DOUBT_SCALE),
        "MOST_DOUBT": ("The power of two at both ends of that.", palette.MOST_DOUBT),
        "TOKENS": ("Custom properties of tokens.css, each a colour.", [*theme.TOKENS, *theme.ROLES]),
        "COLORINGS": ("What points can be coloured by, in words.", palette.COLORINGS),
        "OF_PREDICTIONS": ("Those that need what the model predicts.", palette.OF_PREDICTIONS),
        "FIRST_COLORING": ("The colouring that goes without saying.", view.color),
        "FIRST_PROJECTION": ("The projection that goes without saying.", view.projection),
        "MOST_SELECTED": ("More selected images are left out of an address.", pack.MOST_SELECTED),
        "LEVELS": ("Confidence 1 and the largest entropy of a run, as a whole number.", body.LEVELS),
        "DISTANCE_LEVELS": ("The largest distance of a run, as a whole number.", body.DISTANCE_LEVELS),
        "UNKNOWN_DISTANCE": ("A distance to a class mean that nobody knows.", body.UNKNOWN_DISTANCE),
        "UNKNOWN": ("A label, or a place on an axis, that nobody knows.", body.UNKNOWN_CLASS),
        "UNKNOWNS_GRID": ("The far end of both axes on the Unknowns page.", GRID),
    }
    lines = (
        f"/** {said} */\nexport const {name} = {json.dumps(value, indent=2)};\n"
        for name, (said, value) in constants.items()
    )
    return "\n".join([f"// {_NOTE}\n", *lines])


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
