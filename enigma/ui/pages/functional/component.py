"""One browser component for every figure of the page; it computes and draws without the server."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from enigma.analysis.layerwise import bundled
from enigma.figures.web.functional import CSS, HTML, JAVASCRIPT
from enigma.figures.web.modules import joined, style_sheet
from enigma.spec.assets import asset


def curve() -> None:
    """H, D and dH/dz over a z that can be dragged, and the integral as an area."""
    _component()(key="functional.curve", data={"figure": "curve"})


def neuron() -> None:
    """A neuron with two inputs on its plane."""
    _component()(key="functional.neuron", data={"figure": "neuron"})


def batch() -> None:
    """A batch with and without a marginal-entropy term."""
    _component()(key="functional.batch", data={"figure": "batch"})


def layers() -> None:
    """The bundled layer-wise experiment."""
    path = asset("layerwise", "fashion-mnist.json")
    _component()(
        key="functional.layers", data={"figure": "layers", "experiment": _experiment(path, path.stat().st_mtime_ns)}
    )


@st.cache_data(max_size="16MB", show_spinner=False)
def _experiment(path: Path, changed: int) -> dict[str, Any]:
    """`changed` is there to tell one state of the file from the next."""
    return json.loads(bundled().to_json())


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "entropy_enigma.functional", html=HTML, css=style_sheet(CSS), js=joined(JAVASCRIPT), isolate_styles=True
    )
