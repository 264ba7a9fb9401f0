"""The Learn page: the story of The Entropy Enigma in eight steps, on the bundled run."""

import streamlit as st
from PIL.Image import Image

from enigma.analysis.trajectory import Trajectory
from enigma.spec.errors import EnigmaError
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.navigation import link
from enigma.ui.pages.learn.stepper import stepper
from enigma.ui.pages.learn.story import PAPER_F, Part, experiments, glossary, parts, sources, steps
from enigma.ui.session import load
from enigma.ui.widgets.component_files import text_beside
from enigma.ui.widgets.svg import picture

TITLE, ORDER = "Learn", 9

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
        trajectory = load(run, "umap")
    except EnigmaError as error:
        st.error(str(error))
        return
    told = parts(trajectory, run.spec, run.facts["clean_accuracy"])
    st.html(f"<style>{text_beside(__file__, 'lesson.css')}</style>")
    with st.container(key="lesson"):
        with st.container(key="stepper"):
            stepper(tuple(part.word for part in told))
        _opening(trajectory)
        for number, part in enumerate(told, start=1):
            with st.container(key=f"part-{number}"):
                _part(run, trajectory, number, part)
        _closing()


def _opening(trajectory: Trajectory) -> None:
    st.title("The Entropy Enigma in eight steps", anchor=False)
    with st.container(key="lead"):
        st.markdown(
            "Minimising the entropy of its own predictions makes a classifier more accurate on shifted images, for a "
            f"while. Go on, and it ruins it. Here is one run of {trajectory.steps[-1]:,} steps in which both happen. "
            "Two minutes for the bold numbers, ten with the formulae."
        )


def _part(run: Run, trajectory: Trajectory, number: int, part: Part) -> None:
    left, right = st.columns([1.12, 1], gap="large", vertical_alignment="center")
    with left:
        st.html(f'<p class="ee-eyebrow">{number} of 8</p>')
        st.header(part.heading, anchor=False)
        st.markdown(part.text)
        for formula in part.formulae:
            st.latex(formula)
        if part.symbols:
            st.caption(part.symbols)
        color = COLORED_BY[part.color]
        link("watch", f"Watch step {part.step:,} {color} →", run=run.id, step=part.step, color=part.color)
        if part.note and number < 8:
            with st.expander("Compared with the paper"):
                st.caption(part.note)
    with right:
        if number == 1:
            st.image(_mosaic(run.id, trajectory), width="stretch", alt=part.caption)
        else:
            picture(_picture(run.id, trajectory, number, part), key=f"picture-{number}")
        st.caption(part.caption)
    if number == 8:
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
        st.markdown("\n".join(f"- **{word}**: {meaning}" for word, meaning in glossary().items()))
    with right:
        st.subheader("Sources", anchor=False)
        st.markdown("\n".join(f"- [{entry['title']}]({entry['link']})" for entry in sources()))


@st.cache_resource(show_spinner=False, max_entries=2)
def _mosaic(run_id: str, _trajectory: Trajectory) -> Image:
    from enigma.figures.print import inline

    return inline.mosaic(_trajectory, 8, 5)


@st.cache_data(show_spinner=False, max_entries=32)
def _picture(run_id: str, _trajectory: Trajectory, number: int, _part: Part) -> str:
    """The picture of a part; drawn once, because the bundled run does not change."""
    # Matplotlib is imported by the first visit to this page, not by the first screen.
    from enigma.figures.print import inline

    named, alt = steps(_trajectory), _part.caption
    if number == 3:
        return inline.entropies(_trajectory, (named["first"], named["best"], named["last"]), alt)
    if number == 4:
        marked = {named["first"]: "", named["best"]: "", named["last"]: ""}
        return inline.over_steps(_trajectory, ("silhouette", "shift_distance"), marked, alt)
    if number == 5:
        marked = {named["best"]: "", named["turned"]: ""}
        return inline.over_steps(_trajectory, ("accuracy", "prediction_entropy"), marked, alt)
    if number == 7:
        flips = float(_trajectory.metrics["weighted_flips"][-1])
        return inline.estimate(PAPER_F, flips, float(PAPER_F(flips)), 100 * _trajectory.source_accuracy, alt)
    if number == 8:
        return inline.over_steps(_trajectory, ("accuracy",), {named["best"]: "best", named["last"]: "end"}, alt)
    return inline.projection(_trajectory, _part.step, _part.color, alt)
