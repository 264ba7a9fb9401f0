"""The Watch view: projection, curves and timeline in one browser component that scrubs without the server.

Streamlit sends the packed trajectory once; the browser draws every frame itself and reports where a person came to
rest. The payload changes only when the run, its frames or its projection change, or when Python asks for another step
or colouring than the browser last reported: echoing the reported step back into `scrubber` costs nothing.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from enigma.analysis.trajectory import Trajectory
from enigma.ui.scrubber.pack import Body, pack, pack_body

COLORS = ("label", "prediction", "correctness", "flipped", "entropy", "confidence")
"""What points can be coloured by; `label` is the true class."""

MODULES = (
    "decode",
    "scales",
    "colors",
    "stamps",
    "model",
    "points",
    "marks",
    "controls",
    "gestures",
    "projection",
    "curves",
    "timeline",
    "panels",
    "legend",
    "images",
    "report",
    "app",
    "main",
)
"""JavaScript files in the order in which they are joined: each imports only from those before it."""


@dataclass(frozen=True)
class ScrubberState:
    """Where a person came to rest.

    Attributes:
        step: the recorded step that is shown.
        color: what the points are coloured by, one of `COLORS`.
        selected: indices of the selected probe images.
    """

    step: int
    color: str
    selected: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Mounted:
    """What Python last asked of one mounted component and last heard from it, kept in session state."""

    step_argument: int
    color_argument: str
    step: int
    color: str
    command: int
    returned: ScrubberState | None = None


def scrubber(trajectory: Trajectory, *, step: int, color: str, key: str) -> ScrubberState:
    """Shows a trajectory and returns where the person came to rest.

    Args:
        trajectory: the run to show.
        step: the step to stand on at first. A later change of this argument moves the view, unless it only repeats
            what the view itself reported.
        color: one of `COLORS`, handled like `step`.
        key: identifies this view among all on the page.

    Raises:
        ValueError: if `color` is not one of `COLORS`.
    """
    if color not in COLORS:
        raise ValueError(f"Expected color to be one of {', '.join(COLORS)} but got {color!r}")
    reported = st.session_state.get(key)
    wanted = _next_command(st.session_state.get(f"{key}.mounted"), reported, step, color)
    payload = pack(
        trajectory,
        step=wanted.step,
        color=wanted.color,
        key=key,
        command=wanted.command,
        body=_body(trajectory, _identity(trajectory)),
    )
    result = _component()(
        key=key,
        data=payload,
        default={"step": _recorded(trajectory, step), "color": color, "selected": []},
        on_step_change=_nothing,
        on_color_change=_nothing,
        on_selected_change=_nothing,
    )
    selected = tuple(int(index) for index in result.selected or ())
    state = ScrubberState(_recorded(trajectory, int(result.step)), str(result.color), selected)
    st.session_state[f"{key}.mounted"] = replace(wanted, returned=state)
    return state


def _recorded(trajectory: Trajectory, step: int) -> int:
    """The last recorded step at or before `step`."""
    return int(trajectory.steps[trajectory.frame_at(step)])


def _next_command(mounted: _Mounted | None, reported: Mapping[str, Any] | None, step: int, color: str) -> _Mounted:
    """Decides whether this call moves the browser, and to where."""
    if mounted is None or reported is None:
        # A first visit, or a return to the page: the browser starts anew from the arguments.
        return _Mounted(step, color, step, color, mounted.command + 1 if mounted else 0)
    # A page that stores what we returned passes it to the next call, when the browser may already be elsewhere.
    heard_steps = (mounted.step_argument, reported.get("step"), mounted.returned and mounted.returned.step)
    heard_colors = (mounted.color_argument, reported.get("color"), mounted.returned and mounted.returned.color)
    if step in heard_steps and color in heard_colors:
        return replace(mounted, step_argument=step, color_argument=color)
    wanted_step = reported.get("step", step) if step in heard_steps else step
    wanted_color = reported.get("color", color) if color in heard_colors else color
    return _Mounted(step, color, wanted_step, wanted_color, mounted.command + 1)


def _identity(trajectory: Trajectory) -> tuple:
    """What decides the packed arrays; checksums are cheap beside packing."""
    arrays = (trajectory.projection.probes, trajectory.projection.references, trajectory.entropies)
    return (
        trajectory.run_id,
        trajectory.projection.name,
        tuple(trajectory.steps.tolist()),
        *(zlib.crc32(array.tobytes()) for array in arrays),
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _body(_trajectory: Trajectory, identity: tuple) -> Body:
    """Packing takes a good part of a second, so it is done once for the same arrays."""
    return pack_body(_trajectory)


def _nothing() -> None:
    """Streamlit stores a state only if it has a callback."""


@cache
def javascript() -> str:
    """All modules as one, because a component without a build step is a single module.

    Every file is a module of its own for the tests. Here each becomes a function that returns what it exports, so that
    two files may use the same name for different things; the default export is what Streamlit calls.
    """
    folder = Path(__file__).parent
    parts = [_as_function(name, (folder / f"{name}.js").read_text(encoding="utf-8")) for name in MODULES]
    return "\n".join([*parts, f"export default {MODULES[-1]}Module.mount;\n"])


def _as_function(name: str, source: str) -> str:
    source = re.sub(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', r"const \1 = \2Module;", source, flags=re.MULTILINE)
    exported = re.findall(r"^export (?:default |async )*(?:function|class|const) (\w+)", source, flags=re.MULTILINE)
    source = re.sub(r"^export (?:default )?", "", source, flags=re.MULTILINE)
    return f"const {name}Module = (() => {{\n{source}\nreturn {{ {', '.join(exported)} }};\n}})();"


@cache
def _component() -> Callable[..., Any]:
    folder = Path(__file__).parent
    return st.components.v2.component(
        "entropy_enigma.scrubber",
        html=(folder / "scrubber.html").read_text(encoding="utf-8"),
        css=(folder / "scrubber.css").read_text(encoding="utf-8"),
        js=javascript(),
        isolate_styles=True,
    )
