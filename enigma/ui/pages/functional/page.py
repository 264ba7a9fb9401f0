"""The Functional page: an article's entropy functional to play with, and what holds of it."""

from collections.abc import Callable, Sequence

import streamlit as st

from enigma.analysis.layerwise import bundled
from enigma.spec.errors import InputError
from enigma.ui.pages.functional import component
from enigma.ui.pages.functional.formulas import BATCH, LAYERS, NEURON, UNIT, Formula
from enigma.ui.place import Taking
from enigma.ui.widgets.markdown import say_error

TITLE, GROUP, ORDER = "Functional", "Understand", 2
TAKING = Taking()

SOURCE = "https://blog.quantiota.ai/page/28/optimizing-a-model-using-entropy-a-novel-approach"


def page() -> None:
    """Each part is drawn in the browser, so that changing between them and playing with them is immediate."""
    left, right = st.columns([6, 5], vertical_alignment="center")
    with left:
        st.title("The entropy functional", anchor=False)
        st.caption(
            f"An [article]({SOURCE}) (Mahi 2025) defines an entropy of one unit's activation and descends on it. It "
            "turns out to be Shannon's binary entropy in bits, and minimising it turns out to be two-class Tent."
        )
    with right:
        _formula(r"-\frac{1}{\ln 2} \int_{-\infty}^{z} z' \, dD \;=\; -D \log_2 D - (1 - D) \log_2 (1 - D)")
    tabs = st.tabs(["One unit", "A neuron", "A batch", "Layer by layer"], key="part", bind="query-params")
    for tab, part in zip(tabs, (_unit, _neuron, _batch, _layers), strict=True):
        with tab:
            part()


def _unit() -> None:
    _part("Drag z. The unit is undecided at 0 and certain far out; descent on H pushes every other z further from 0.",
          component.curve, UNIT)  # fmt: skip


def _neuron() -> None:
    _part("Green is answer 1, orange 0; thin arrows are each point's pull on w. Press Play, then try other starts or "
          "drag the points: H falls, and the start decides the answer.",
          component.neuron, NEURON)  # fmt: skip


def _batch() -> None:
    _part("Twenty-four inputs in two groups, one unit z = s x + b, the same start on both sides. Press Play.",
          component.batch, BATCH)  # fmt: skip


def _layers() -> None:
    try:
        settings = bundled().settings
    except InputError as error:
        say_error(error)
        return
    images = 10 * settings["images_a_class"]
    _part(f"{images:,} images of {settings['data']}, no labels, {settings['steps']} forward steps (η = "
          f"{settings['rate']:g}) after *Structured Knowledge Accumulation*, arXiv:2503.13942: every layer "
          "descends on its own entropy.", component.layers, LAYERS, "the author's later paper")  # fmt: skip
    st.caption("Made by `python -m enigma.jobs.layerwise assets/layerwise/fashion-mnist.json`.")


def _part(lead: str, figure: Callable[[], None], formulas: Sequence[Formula], who: str = "the article") -> None:
    st.markdown(lead)
    figure()
    for formula in formulas:
        with st.container(border=True):
            _side_by_side(formula, who)


def _side_by_side(formula: Formula, who: str) -> None:
    left, right = st.columns(2)
    with left:
        st.caption(f"**{formula.name}** · {who} says")
        if formula.article:
            _formula(formula.article)
        st.markdown(formula.says)
    with right:
        st.caption(f"verified · `{formula.test}`")
        _formula(formula.verified)
        st.markdown(formula.holds)


def _formula(latex: str) -> None:
    """As inline mathematics, which a narrow screen may break at its signs, in the size of a display."""
    st.markdown(rf"$\displaystyle {latex}$")
