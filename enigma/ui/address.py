"""The view of a run in the address of the page: what a link holds, and what goes without saying.

The browser writes the same query by the same rules (`writeAddress` in report.js), so that moving through a run leaves
no trail of addresses to go back through.
"""

import re
from collections.abc import Mapping, Sequence

from enigma.analysis.projection.methods import PROJECTIONS
from enigma.figures.shared.palette import COLORS
from enigma.figures.web.scrubber.pack import MOST_SELECTED, View


def asked(query: Mapping[str, str], steps: Sequence[int], probes: int, *, live: bool) -> View:
    """The view that an address asks for of a run with these `steps`; what makes no sense is as if it were not there.

    Without a step a run that goes on shows its newest frame, a recorded one its first.
    """
    step, color, beside = query.get("step", ""), query.get("color", ""), query.get("beside", "")
    zoom, projection = query.get("zoom", ""), query.get("projection", "")
    return View(
        step=int(step) if _is_number(step) else steps[-1 if live else 0],
        color=color if color in COLORS else COLORS[0],
        selected=selected(query, probes),
        zoom=zoom if re.fullmatch(r"[\d.]+,-?\d+,-?\d+", zoom) else "",
        beside=beside if re.fullmatch(r"[0-9a-f]{12}|\d{1,11}", beside) else "",
        projection=projection if projection in PROJECTIONS else View.projection,
    )


def selected(query: Mapping[str, str], probes: int) -> tuple[int, ...]:
    """The selected images of an address, ascending."""
    positions = {int(text) for text in query.get("selected", "").split(",") if _is_number(text)}
    return tuple(sorted(position for position in positions if position < probes))


def written(view: View, first_step: int) -> dict[str, str | None]:
    """A view as parameters of an address; None for what goes without saying."""
    few = len(view.selected) <= MOST_SELECTED
    return {
        "step": str(view.step) if view.step != first_step else None,
        "color": view.color if view.color != COLORS[0] else None,
        "selected": (",".join(map(str, view.selected)) or None) if few else None,
        "zoom": view.zoom or None,
        "beside": view.beside or None,
        "projection": view.projection if view.projection != View.projection else None,
    }


def _is_number(text: str) -> bool:
    """Whether it is a whole number of a step or an image: Python refuses to read one of thousands of digits."""
    return re.fullmatch(r"[0-9]{1,15}", text) is not None
