"""The view of a run in the address of the page: what a link holds, and what goes without saying.

The browser writes the same query by the same rules (`writeAddress` in report.js), so that moving through a run leaves
no trail of addresses to go back through.
"""

import re
from collections.abc import Mapping, Sequence

from enigma.analysis.projection.names import TITLES
from enigma.figures.shared.palette import COLORS
from enigma.figures.web.scrubber.pack import MOST_SELECTED, View

_TEXTS = {
    "zoom": r"[\d.]+,-?[\d.]+,-?[\d.]+",
    "beside": r"[0-9a-f]{12}|\d{1,11}",
    "alone": r"\d{1,4}",
    "hidden": r"[a-z]+(\.\d{1,4})+(,[a-z]+(\.\d{1,4})+)*",
    "without": r"[a-z]+(,[a-z]+)*",
    "axis": r"linear",
}
"""What is taken as it is written, and how; the browser makes sense of it."""


def asked(query: Mapping[str, str], steps: Sequence[int], probes: int, *, live: bool) -> View:
    """The view that an address asks for of a run with these `steps`; what makes no sense is as if it were not there.

    Without a step a run that goes on shows its newest frame, a recorded one its first.
    """
    step, color, projection = query.get("step", ""), query.get("color", ""), query.get("projection", "")
    texts = {name: query.get(name, "") for name in _TEXTS}
    return View(
        step=int(step) if _is_number(step) else steps[-1 if live else 0],
        color=color if color in COLORS else COLORS[0],
        selected=selected(query, probes),
        projection=projection if projection in TITLES else View.projection,
        **{name: text for name, text in texts.items() if re.fullmatch(_TEXTS[name], text, re.ASCII)},
    )


def selected(query: Mapping[str, str], probes: int) -> tuple[int, ...]:
    """The selected images of an address, ascending."""
    positions = {int(text) for text in query.get("selected", "").split(",") if _is_number(text)}
    return tuple(sorted(position for position in positions if position < probes))


def written(view: View) -> dict[str, str | None]:
    """A view as parameters of an address; None for what goes without saying."""
    few = len(view.selected) <= MOST_SELECTED
    return {
        # Also the first one: without a step a run that goes on shows its newest frame.
        "step": str(view.step),
        "color": view.color if view.color != COLORS[0] else None,
        "selected": (",".join(map(str, view.selected)) or None) if few else None,
        "projection": view.projection if view.projection != View.projection else None,
        **{name: getattr(view, name) or None for name in _TEXTS},
    }


def _is_number(text: str) -> bool:
    """Whether it is a whole number of a step or an image: Python refuses to read one of thousands of digits."""
    return re.fullmatch(r"[0-9]{1,15}", text) is not None
