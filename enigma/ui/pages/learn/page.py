"""The Learn page: the story of The Entropy Enigma in eight steps, on the bundled run, to read or to lecture with."""

import html

import streamlit as st
from PIL.Image import Image

from enigma.analysis.lesson.story import Part, experiments, parts, sources
from enigma.analysis.projection.names import DEFAULT
from enigma.analysis.trajectory import Trajectory
from enigma.figures.web.lecture import HALL_CSS, moving_data, moving_payload
from enigma.figures.web.lecture.marking import marked
from enigma.figures.web.modules import source
from enigma.spec.errors import EnigmaError
from enigma.spec.glossary import WORDS
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.navigation import link
from enigma.ui.pages.learn.components import moving, stepper
from enigma.ui.pages.learn.take_along import take_along
from enigma.ui.place import Taking
from enigma.ui.session import load
from enigma.ui.widgets.component_files import text_beside
from enigma.ui.widgets.markdown import say_error
from enigma.ui.widgets.svg import picture

TITLE, GROUP, ORDER = "Learn", "", 1
TAKING = Taking()

COLORED_BY = {
    "label": "by true class",
    "prediction": "by predicted class",
    "correctness": "by right and wrong",
    "flipped": "by flips",
    "entropy": "by entropy",
}


def page() -> None:
    """Draws the whole story as one page."""
    try:
        run = Home.default().example()
        trajectory = load(run, DEFAULT)
    except EnigmaError as error:
        say_error(error)
        return
    told = parts(trajectory, run.spec, run.facts["clean_accuracy"])
    st.html(f"<style>{text_beside(__file__, 'lesson.css')}{source(HALL_CSS)}</style>")
    with st.container(key="lesson"):
        with st.container(key="stepper"):
            stepper(tuple(part.word for part in told))
        _opening(run, trajectory)
        for number, part in enumerate(told, start=1):
            with st.container(key=f"part-{number}"):
                _part(run, trajectory, number, part)
        with st.container(key="closing"):
            _closing()


def _opening(run: Run, trajectory: Trajectory) -> None:
    st.title("The Entropy Enigma in eight steps", anchor=False)
    with st.container(key="lead"):
        st.markdown(
            "Minimising the entropy of its own predictions makes a classifier more accurate on shifted images, for a "
            f"while. Go on, and it ruins it. Here is one run of {trajectory.steps[-1]:,} updates in which both happen. "
            "Two minutes for the bold numbers, ten with the formulae. Arrow keys or a clicker go from step to step, F "
            "fills the screen, N shows the speaker notes."
        )
        take_along(run, trajectory)


def _part(run: Run, trajectory: Trajectory, number: int, part: Part) -> None:
    left, right = st.columns([1.12, 1], gap="large", vertical_alignment="center")
    with left:
        st.html(f'<p class="ee-eyebrow">{number} of 8</p>')
        st.header(part.heading, anchor=False)
        # Words of the glossary are explained on hover; all of the text is the program's own.
        st.markdown(marked(part.text), unsafe_allow_html=True)
        for formula in part.formulae:
            st.latex(formula)
        if part.symbols:
            st.caption(part.symbols)
        color = COLORED_BY[part.color]
        link("watch", f"Watch step {part.step:,} {color} →", run=run.id, step=part.step, color=part.color)
        if part.note and number < 8:
            with st.expander("Compared with the paper"):
                st.caption(part.note)
        st.html(f'<details class="ee-notes"><summary>Speaker notes</summary><p>{html.escape(part.notes)}</p></details>')
    with right:
        _picture(run, trajectory, number, part)
        st.caption(part.caption)
    if number == 8:
        with st.container(key="experiments"):
            _experiments(part.note)


def _experiments(note: str) -> None:
    st.subheader("Try it", anchor=False)
    st.markdown(note)
    for experiment in experiments():
        left, right = st.columns([1.12, 1], gap="large", vertical_alignment="center")
        with left:
            link("watch", f"{experiment.label} →", None, **experiment.fields)
            st.caption(experiment.question)
        right.code(experiment.command, language=None, wrap_lines=True)


def _closing() -> None:
    left, right = st.columns([1.12, 1], gap="large")
    with left:
        st.subheader("Words", anchor=False)
        st.markdown("\n".join(f"- **{word}**: {meaning}" for word, meaning in WORDS.items()))
    with right:
        st.subheader("Sources", anchor=False)
        st.markdown("\n".join(f"- [{entry['title']}]({entry['link']})" for entry in sources()))


def _picture(run: Run, trajectory: Trajectory, number: int, part: Part) -> None:
    if part.plays:
        payload = _payload(run.id, trajectory)
        moving(f"moving-{number}", moving_data(payload, part.plays, part.color, part.caption))
    elif number == 1:
        st.image(_mosaic(run.id, trajectory), width="stretch", alt=part.caption)
    else:
        picture(_drawn(run.id, trajectory, number, part), key=f"picture-{number}")


@st.cache_data(max_size="8MB", show_spinner=False)
def _payload(run_id: str, _trajectory: Trajectory) -> str:
    return moving_payload(_trajectory)


@st.cache_data(max_size="16MB", show_spinner=False)
def _mosaic(run_id: str, _trajectory: Trajectory) -> Image:
    from enigma.figures.print import inline

    return inline.mosaic(_trajectory, 8, 5)


@st.cache_data(max_size="32MB", show_spinner=False)
def _drawn(run_id: str, _trajectory: Trajectory, number: int, _part: Part) -> str:
    """The picture of a part; drawn once, because the bundled run does not change."""
    # Matplotlib is imported by the first visit to this page, not by the first screen.
    from enigma.figures.print import lesson

    return lesson.still(_trajectory, number, _part)
