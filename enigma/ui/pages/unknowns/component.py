"""One run with unknown images as a browser component: it is sent once and scrubs without the server."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import streamlit as st

from enigma.analysis.projection.names import DEFAULT
from enigma.analysis.unknowns.view import usual_score, view
from enigma.figures.web.modules import joined, style_sheet
from enigma.figures.web.unknowns import CSS, HTML, JAVASCRIPT
from enigma.store.run_folder import Run
from enigma.ui.session import load


@dataclass(frozen=True)
class Standing:
    """Where a person came to rest: at a step, with a score, and a share of known images to keep."""

    step: int
    score: str
    keep: float


def unknowns_view(run: Run, asked: Standing | None, key: str, beside: Run | None = None) -> Standing:
    """Shows the run, at first where `asked` says, and returns where the person is now.

    Args:
        beside: the run in the other view, which has the same axes.

    Raises:
        InputError: the run has no unknown images.
    """
    data = data_of(run, beside)
    names = [score["name"] for score in data["scores"]]
    score = asked.score if asked and asked.score in names else usual_score(run)
    best = max(range(len(data["steps"])), key=data["accuracy"].__getitem__)
    step = asked.step if asked and asked.step in data["steps"] else data["steps"][best]
    start = Standing(step, score, asked.keep if asked else 0.95)
    state = {"frame": data["steps"].index(step), "score": score, "keep": start.keep}
    result = _component()(
        key=f"{key}.{run.id}",
        data=data | {"state": state},
        default=vars(start),
        **{f"on_{name}_change": lambda: None for name in vars(start)},
    )
    return Standing(int(result.step), str(result.score), float(result.keep))


def data_of(run: Run, beside: Run | None = None) -> dict[str, Any]:
    """What is drawn of a run, on the axes of both where another one is beside it."""
    return _data(run, beside, _state(run), _state(beside) if beside else ())


def _state(run: Run) -> tuple[Any, ...]:
    return str(run.path), run.frame_steps, run.status["state"]


@st.cache_data(max_size="64MB", show_spinner="Judging every frame …")
def _data(_run: Run, _beside: Run | None, state: tuple[Any, ...], state_beside: tuple[Any, ...]) -> dict[str, Any]:
    """The states tell one state of the folders from the next."""
    return view(_run, load(_run, DEFAULT), _beside)


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "entropy_enigma.unknowns", html=HTML, css=style_sheet(CSS), js=joined(JAVASCRIPT), isolate_styles=True
    )
