"""How the images arrive: order, corruptions one after another, imbalance, and what is kept out."""

from typing import Any

import streamlit as st

from enigma.images.stream import CONCENTRATION
from enigma.spec.catalogue import UNKNOWNS
from enigma.spec.unknown_spec import UNKNOWN_SHARE
from enigma.store import allowed
from enigma.ui.widgets.fields import choose, explained, optional
from enigma.ui.widgets.images_form import SHIFTS, Facts

_ORDERS = {"shuffled": "Shuffled", "sequential": "As stored"}
_ORDERS_BY_LABEL = {"sorted": "Sorted by label", "correlated": "Correlated in time"}
_SEQUENCES = {
    "": "The same throughout",
    "continual": "Continual: in turn",
    "gradual": "Gradual: up and down",
    "mixed": "Mixed: one each image",
}
_LOSSES = {
    "mixture": "The mixture", "masked": "Unknown masked out of the loss", "known": "Known images only (oracle)"
}  # fmt: skip
# What the further shifts do to the first.
_FURTHER = {"continual": "Followed by", "gradual": "Followed by", "mixed": "Mixed with"}


def stream_fields(corruption: str, facts: Facts) -> dict[str, Any]:
    """The fields that apply to these images; what is left out keeps to its default."""
    if not facts.is_labelled:
        st.caption("The images have no labels, so what needs them is not offered: order by label, imbalance, top k.")
    values = _order(facts.is_labelled) | _sequence(corruption, facts.is_own)
    if facts.is_labelled:
        values |= optional("imbalance", "Class imbalance, first to last", "none (times)", step=1.0)
        values |= optional("exclude_top_k", "Keep out: right in top k", "none (k)", step=1)
    values |= optional("exclude_entropy", "Keep out: entropy below", "none (nats)")
    return values | _unknown()


def _unknown() -> dict[str, Any]:
    """Images the model does not know, and what is adapted to."""
    asked = st.query_params.get("unknown", "")
    offered = ["", *UNKNOWNS, *([asked] if asked and asked not in UNKNOWNS else [])]
    name = st.selectbox(
        "Unknown images", offered, index=offered.index(asked), key="spec.unknown",
        accept_new_options=allowed.takes_paths(),
        format_func=lambda name: UNKNOWNS[name].title if name in UNKNOWNS else name or "None",
        help=explained("unknown"),
    )  # fmt: skip
    if not name:
        return {}
    share = st.slider(
        "Unknown, % of a batch", 0, 50, round(100 * UNKNOWN_SHARE), key="spec.unknown_share",
        help=explained("unknown_share"),
    )  # fmt: skip
    loss = st.selectbox(
        "Adapt to", list(_LOSSES), key="spec.unknown_loss", format_func=_LOSSES.__getitem__,
        help=explained("unknown_loss"),
    )  # fmt: skip
    values: dict[str, Any] = {"unknown": name}
    if share != round(100 * UNKNOWN_SHARE):
        values["unknown_share"] = share / 100
    return values | ({"unknown_loss": loss} if loss != "mixture" else {})


def _order(is_labelled: bool) -> dict[str, Any]:
    order = choose("order", _ORDERS | (_ORDERS_BY_LABEL if is_labelled else {}))
    if order != "correlated":
        return {"order": order}
    dirichlet = optional("dirichlet", "Dirichlet concentration", f"{CONCENTRATION:g}", order=order)
    return {"order": order, **dirichlet}


def _sequence(corruption: str, is_own: bool) -> dict[str, Any]:
    """How several shifts follow; the first is the one chosen above."""
    asked = st.query_params.get("sequence", "")
    sequence = st.selectbox(
        "Sequence", list(_SEQUENCES), index=list(_SEQUENCES).index(asked) if asked in _SEQUENCES else 0,
        key="spec.sequence", format_func=_SEQUENCES.__getitem__, help=explained("sequence"),
    )  # fmt: skip
    if not sequence:
        return {}
    further = st.multiselect(
        _FURTHER[sequence], [name for name in SHIFTS if name != "none"], key="spec.further",
        format_func=lambda name: SHIFTS.get(name, name), accept_new_options=is_own, select_all=False,
        persist_state="page", placeholder="Further shifts",
        help="At the severity chosen above, in this order. The first is the shift above.",
    )  # fmt: skip
    values: dict[str, Any] = {
        "sequence": sequence,
        "corruption": ",".join([corruption, *(n for n in further if n != corruption)]),
    }
    if sequence != "mixed":
        values |= optional("period", "Steps each part lasts", "one pass", step=1, **values)
    return values
