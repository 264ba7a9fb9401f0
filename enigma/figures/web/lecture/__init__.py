"""The lesson in the browser: the bar that steps through its parts and fills the screen, and its live picture.

`enigma.ui.pages.learn` mounts both in the dashboard, `enigma.figures.web.lesson` in a page of its own.
"""

import base64
from dataclasses import replace

from enigma.analysis.trajectory import Trajectory
from enigma.figures.web.scrubber.body import Body, pack_body
from enigma.figures.web.scrubber.pack import View, pack

STEPPER_CSS, STEPPER_JAVASCRIPT, STEPPER_HTML = "lecture/stepper.css", "lecture/bar.js", "lecture/stepper.html"
MOVING_CSS, MOVING_JAVASCRIPT = ("lecture/moving.css",), "lecture/picture.js"
MOVING_HTML = '<section class="figure moving"></section>'
HALL_CSS = "lecture/hall.css"
"""Files for `enigma.figures.web.modules`."""


def moving_data(packed: str, plays: tuple[int, int], color: str, caption: str) -> dict[str, object]:
    """What the live picture of a part is given.

    Args:
        packed: the result of `moving_payload`.
        plays: the steps from and to which it moves.
        color: what points are coloured by, `label` or `correctness`.
        caption: what it shows, in words.
    """
    return {"payload": packed, "from": plays[0], "to": plays[1], "color": color, "caption": caption}


def moving_payload(trajectory: Trajectory, body: Body | None = None) -> str:
    """The run without its thumbnails, as `pack` writes it, in base64: text passes through Streamlit as it is."""
    bare = replace(trajectory, thumbnails=b"")
    return base64.b64encode(pack(bare, View(), body=body or pack_body(bare))).decode()
