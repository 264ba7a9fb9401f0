"""The panel below the scrubber: what happened in a run, in words, as a table and as curves.

It is one component, so that a step named in a sentence is a link that moves the page without opening it anew.
"""

from html import escape
from typing import Any

import numpy as np
import streamlit as st

from enigma.analysis.phases import table
from enigma.analysis.phases.explanation import STEP, Sentence, explanation
from enigma.analysis.phases.measured import Phases, phases
from enigma.spec.errors import EnigmaError
from enigma.store.run_folder import Run
from enigma.ui.session import show
from enigma.ui.widgets.component_files import component_beside
from enigma.ui.widgets.markdown import say_error

# Title, and the measures of one panel with the words for their lines: those that the scrubber does not draw.
PANELS: tuple[tuple[str, dict[str, str]], ...] = (
    ("Distance to training", {"reference_distance": ""}),
    ("Effective rank, directions", {"effective_rank": ""}),
    ("NC1", {"collapse_prediction": "predicted classes", "collapse_label": "true classes"}),
    ("Variance", {"within_prediction": "within", "between_prediction": "between"}),
    ("Confidence minus accuracy, %", {"confidence_gap": ""}),
    ("Brier score", {"brier": ""}),
)


@st.fragment
def what_happened(run: Run) -> None:
    """A closed panel that reads the frames when it is opened; a fragment, so that opening it draws nothing else."""
    panel = st.expander("What happened", key="happened", on_change="rerun")
    if not panel.open:
        return
    with panel:
        try:
            html = _stored_html(run, str(run.path), run.frame_steps, run.status["state"])
        except EnigmaError as error:
            say_error(error)
            return
        told = component_beside(__file__, "explanation_panel", '<div class="told"></div>', name="happened")
        chosen = told(key=f"happened.{run.id}", data=html, on_step_change=lambda: None)
    if chosen.step is not None:
        show(run=run.id, step=int(chosen.step))
        st.rerun(scope="app")


def explanation_html(run: Run) -> str:
    """Sentences, curves of what is known, and tables."""
    # Matplotlib is imported by the first opening, not by the first screen.
    from enigma.figures.print import inline

    found = phases(run)
    words = sentences(explanation(found), run.id)
    if len(found.steps) == 1:
        return words
    pictures = []
    for title, names in PANELS:
        known = {name: word for name, word in names.items() if np.isfinite(found.measures[name]).any()}
        pictures += [inline.measures(found, known, title)] if known else []
    curves = f'<p>{_ground(found)}</p><div class="curves">{"".join(pictures)}</div>'
    return f'{words}{curves}<div class="tables">{phases_table(found)}{layers_table(found)}</div>'


def sentences(explained: list[Sentence], run_id: str) -> str:
    """A list of topics; each step that is named leads to that step. Names of classes are escaped."""
    items = "".join(f"<dt>{escape(one.topic)}</dt><dd>{_linked(one.text, run_id)}</dd>" for one in explained)
    return f"<dl>{items}</dl>"


def phases_table(found: Phases) -> str:
    """One row a measure, three columns a phase."""
    heads = "".join(f'<th scope="colgroup" colspan="3">{table.heading(found, phase)}</th>' for phase in found.phases)
    columns = '<th scope="col" class="begins">start</th><th scope="col">end</th><th scope="col">change</th>'
    body = "".join(
        f'<tr><th scope="row" class="hint" title="{escape(row.metric.help)}">{escape(row.metric.title)}</th>'
        + "".join(f'<td class="begins">{a}</td><td>{b}</td><td>{c}</td>' for a, b, c in row.texts)
        + "</tr>"
        for row in table.table(found)
    )
    head = f'<tr><td></td>{heads}</tr><tr><th scope="col">Measure</th>{columns * len(found.phases)}</tr>'
    return _table("Measures of each phase", head, body)


def layers_table(found: Phases) -> str:
    """The tensors that drifted most, in percent of their norm, at the end of each phase; empty where none is known."""
    rows, frames = table.layer_rows(found), table.ends(found)
    if not rows:
        return ""
    head = "".join(f'<th scope="col" class="begins">step {found.step(frame):,}</th>' for frame in frames)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>' + "".join(f"<td>{text}</td>" for text in texts) + "</tr>"
        for name, texts in rows
    )
    return _table("Drift of each layer", f'<tr><th scope="col">Drift, % of the norm</th>{head}</tr>', body)


def _table(label: str, head: str, body: str) -> str:
    return (
        f'<div class="scroll" role="region" aria-label="{label}" tabindex="0"><table><thead>{head}</thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _linked(text: str, run_id: str) -> str:
    def link(match: Any) -> str:
        step = match[1].replace(",", "")
        return f'<a href="?run={run_id}&amp;step={step}" data-step="{step}" title="Show this step above">{match[0]}</a>'

    return STEP.sub(link, escape(text))


def _ground(found: Phases) -> str:
    grounds = {1: "phase 1 has a green ground", 2: "phase 2 has an orange ground"}
    tints = "".join(f"; {grounds[number]}" for number in found.course.spans)
    return f"Over the same steps as the curves above{tints}. Variance is that of the classes as predicted."


@st.cache_data(max_size="16MB", show_spinner="Measuring every frame …")
def _stored_html(_run: Run, path: str, steps: tuple[int, ...], state: str) -> str:
    """`steps` and `state` are there to tell one state of the folder from the next."""
    return explanation_html(_run)
