"""What a first visit reads and reaches first: what this is, the form of a new run, the timeline by keyboard."""

import streamlit as st

from enigma.spec.run_spec import RunSpec
from enigma.ui.widgets.component_files import BUTTON, component_beside

LEAD = (
    "Entropy minimisation makes a classifier better on shifted images for a while, then ruins it. "
    "Press Play to see why."
)


def lead() -> None:
    """One sentence that says what this is."""
    st.markdown(LEAD)


def skip_link() -> None:
    """A link that only the keyboard meets: past everything, to the timeline of the scrubber."""
    html = '<a href="#timeline" hidden>Skip to the timeline</a>'
    component_beside(__file__, "skip_link", html)(key="skip-link", width="content")


def new_run_button() -> None:
    """Opens the form, which takes no fifth of the page before somebody wants it or the address fills it in."""
    filled = sorted(set(st.query_params) & set(RunSpec.model_fields))
    data = " ".join(f"{name}={st.query_params[name]}" for name in filled)
    html = '<button type="button" class="primary">New run</button>'
    component_beside(__file__, "new_run", html, css=BUTTON)(key="new-run", data=data, width="content")
