"""The place that all pages share: which run, at which step, in which colours, with which images selected.

The address of a page is the truth. What it says is noted here whenever a page is drawn, so that who goes to another
page by the navigation, whose links name no run, finds there what they were looking at. An address that says something
is never changed by this.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from enigma.spec.errors import EnigmaError
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.session import PLACE, address, show

SHARED = ("run", "step", "color", "selected")
"""What goes along from page to page, as it is called in the address."""

_LEFT = "left"
_STAND_IN = "stand-in"
_VISITED = "visited"


def _every(run: Run) -> bool:
    return True


@dataclass(frozen=True)
class Taking:
    """What a page takes from the one before, and hands on.

    Attributes:
        names: of `SHARED`; what a page does not show it still keeps in its address. A page about no run takes nothing.
        fits: whether the page can show a run; where it cannot, it shows one of its own and the place stays.
    """

    names: tuple[str, ...] = ()
    fits: Callable[[Run], bool] = _every


EVERYTHING = Taking(SHARED)


def arrive(home: Home, name: str, taking: Taking) -> None:
    """Leads who comes from another page, without a wish, to where they stood.

    Args:
        name: of the page that is about to be drawn.
    """
    if name != st.session_state.get(_VISITED, name):
        # What was reported, and what stood in, belong to the page that was left.
        st.session_state.pop("reported", None)
        st.session_state.pop(_STAND_IN, None)
        if taking.names and not st.query_params.to_dict():
            show(**_wanted(home, name, taking))
    st.session_state[_VISITED] = name


def keep(home: Home, name: str, taking: Taking, run_id: str = "") -> None:
    """Notes what the page that has been drawn is about.

    Args:
        run_id: of the run on screen, where the address need not name it.
    """
    now = address()
    st.session_state.setdefault(_LEFT, {})[name] = now
    here = {"run": run_id} | now if run_id else now
    if not taking.names or not here.get("run") or here["run"] == st.session_state.get(_STAND_IN):
        return
    with suppress(EnigmaError):
        # An address may name a run that is not there; the place stays that of one that is.
        home.find(here["run"])
        st.session_state[PLACE] = {key: here[key] for key in SHARED if key in here}


def stands_in(run: Run) -> None:
    """Notes that a page shows this run for want of one it could show: the place stays as it was."""
    st.session_state[_STAND_IN] = run.id


def is_stand_in(run_id: str) -> bool:
    """Whether a page shows this run only because it could not show that of the place."""
    return bool(run_id) and st.session_state.get(_STAND_IN) == run_id


def choose(run_id: str | None, **more: str | None) -> None:
    """Goes to another run, which somebody picked: step and selection belong to the one before."""
    st.session_state.pop(_STAND_IN, None)
    show(run=run_id, step=None, selected=None, **more)


def along() -> dict[str, str]:
    """What the address says of the view of its run, for a link to the same on another page."""
    now = address()
    return {name: now[name] for name in SHARED if name != "run" and name in now}


def current(home: Home) -> Run | None:
    """The run of the place, if it is still there."""
    with suppress(EnigmaError):
        if run_id := st.session_state.get(PLACE, {}).get("run", ""):
            return home.find(run_id)
    return None


def chosen(home: Home) -> Run:
    """The run that a page beside Watch is about: of the address, or of the place, or else the bundled one.

    Raises:
        EnigmaError: the address names a run that is not there.
    """
    wanted = address().get("run", "")
    return home.find(wanted) if wanted else current(home) or home.example()


def _wanted(home: Home, name: str, taking: Taking) -> dict[str, str]:
    """The address to go on with: of the page as it was left, at the place of now."""
    run, own = current(home), st.session_state.get(_LEFT, {}).get(name, {})
    if run is None:
        return {}
    if not taking.fits(run):
        with suppress(EnigmaError):
            stands_in(home.find(own.get("run", "")))
            return own
        return {}
    kept = {key: value for key, value in own.items() if key not in SHARED} if own.get("run", run.id) == run.id else {}
    place = st.session_state[PLACE]
    return kept | {key: place[key] for key in taking.names if key in place}
