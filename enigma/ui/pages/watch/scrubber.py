"""The Watch view: projection, curves and timeline in one browser component that scrubs without the server.

Streamlit sends the packed trajectory once; the browser draws every frame itself and reports where a person came to
rest. The payload changes only when the run, its frames or its projection change, when other images are selected, whose
nearest training images it then holds, or when Python asks for another step or colouring than the browser last reported:
echoing the reported step back into `scrubber` costs nothing.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from typing import Any

import streamlit as st

from enigma.analysis.training_neighbors import TrainingNeighbors
from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared.palette import COLORS
from enigma.figures.web.modules import joined, source, style_sheet
from enigma.figures.web.scrubber import CSS, HTML, JAVASCRIPT
from enigma.figures.web.scrubber.body import Body, pack_body
from enigma.figures.web.scrubber.pack import View, pack


@dataclass(frozen=True)
class _Mounted:
    """What Python last asked of one mounted component and last heard from it, kept in session state.

    Attributes:
        started_at: the command with which the browser began anew.
        pending: what Python has asked to change and was not answered, with the values the browser reported before.
    """

    argument: View
    wanted: View
    command: int
    started_at: int = 0
    pending: dict[str, Any] = field(default_factory=dict)
    returned: View | None = None

    def heard(self, reported: View) -> "_Mounted":
        """Takes the browser's word, but for what it has been asked to change and has not answered yet."""
        pending = {name: before for name, before in self.pending.items() if getattr(reported, name) == before}
        asked = {name: getattr(self.wanted, name) for name in pending}
        return replace(self, pending=pending, returned=replace(reported, **asked))


def scrubber(
    trajectory: Trajectory,
    view: View,
    *,
    key: str,
    beside: Trajectory | None = None,
    others: Sequence[tuple[str, str]] = (),
    projections: Sequence[tuple[str, str]] = (),
    neighbors: Callable[[tuple[int, ...]], TrainingNeighbors | None] = lambda points: None,
) -> View:
    """Shows a trajectory and returns where the person came to rest.

    Args:
        trajectory: the run to show.
        view: where to stand at first. A later change of any of its fields moves the browser, unless it only repeats
            what the browser itself reported.
        key: identifies this view among all on the page.
        beside: the run that `view.beside` names.
        others: id and title of the runs that can be shown beside this one.
        projections: name and title of the projections that can be chosen.
        neighbors: finds the nearest training images of a few selected images.

    Raises:
        ValueError: if the colouring is not one of `COLORS`.
    """
    if view.color not in COLORS:
        raise ValueError(f"Expected color to be one of {', '.join(COLORS)} but got {view.color!r}")
    mounted = _next(st.session_state.get(f"{key}.mounted"), st.session_state.get(key), view)
    body = _body(trajectory, _identity(trajectory))
    payload = pack(
        trajectory, mounted.wanted, key=key, body=body, others=others, drawn=view.projection, projections=projections,
        command=mounted.command, started_at=mounted.started_at, asked=mounted.pending,
        neighbors=neighbors(_selected(mounted, st.session_state.get(key))),
    )  # fmt: skip
    if beside is not None:
        payload += pack(beside, View(), body=_body(beside, _identity(beside)))
    result = _component()(
        key=key,
        data=payload,
        default={**asdict(view), "step": _recorded(trajectory, view.step), "selected": list(view.selected)},
        **{f"on_{item.name}_change": _nothing for item in fields(View)},
    )
    reported = {item.name: getattr(result, item.name) for item in fields(View)}
    mounted = mounted.heard(_view(reported | {"step": _recorded(trajectory, int(reported["step"]))}))
    st.session_state[f"{key}.mounted"] = mounted
    assert mounted.returned is not None
    return mounted.returned


def _view(values: Mapping[str, Any]) -> View:
    """A view from what the browser reported; it leaves out what has not changed."""
    return View(**{**values, "selected": tuple(int(index) for index in values.get("selected") or ())})


def _selected(mounted: _Mounted, reported: Mapping[str, Any] | None) -> tuple[int, ...]:
    """What is selected in the browser now, unless it has just been asked to select something else."""
    if reported is None or "selected" in mounted.pending:
        return mounted.wanted.selected
    return _view(asdict(mounted.wanted) | dict(reported)).selected


def _recorded(trajectory: Trajectory, step: int) -> int:
    """The last recorded step at or before `step`."""
    return int(trajectory.steps[trajectory.frame_at(step)])


def _next(mounted: _Mounted | None, reported: Mapping[str, Any] | None, argument: View) -> _Mounted:
    """Decides whether this call moves the browser, and to where."""
    if mounted is None or reported is None:
        # A first visit, or a return to the page: the browser starts anew from the argument.
        started_at = mounted.command + 1 if mounted else 0
        return _Mounted(argument, argument, started_at, started_at)
    now = _view(asdict(mounted.argument) | dict(reported))
    # A page that stores what we returned passes it to the next call, when the browser may already be elsewhere.
    heard = [view for view in (mounted.argument, now, mounted.returned) if view]
    new = {name: value for name, value in vars(argument).items() if all(value != getattr(view, name) for view in heard)}
    if not new:
        return replace(mounted, argument=argument)
    # What was asked before and has not been answered is asked again: the browser may pass over a command for the next.
    asked = {name: getattr(mounted.wanted, name) for name in mounted.pending} | new
    pending = {name: getattr(now, name) for name in asked}
    return _Mounted(argument, replace(now, **asked), mounted.command + 1, mounted.started_at, pending)


def _identity(trajectory: Trajectory) -> tuple:
    """What decides the packed arrays; checksums are cheap beside packing."""
    arrays = (trajectory.projection.probes, trajectory.projection.references, trajectory.entropies)
    return (
        trajectory.run_id,
        trajectory.projection.name,
        tuple(trajectory.steps.tolist()),
        *(zlib.crc32(array.tobytes()) for array in arrays),
    )


@st.cache_data(max_size="256MB", show_spinner=False)
def _body(_trajectory: Trajectory, identity: tuple) -> Body:
    """Packing takes a good part of a second, so it is done once for the same arrays."""
    return pack_body(_trajectory)


def _nothing() -> None:
    """Streamlit stores a state only if it has a callback."""


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "entropy_enigma.scrubber",
        html=source(HTML),
        css=style_sheet(CSS),
        js=joined(JAVASCRIPT),
        isolate_styles=True,
    )
