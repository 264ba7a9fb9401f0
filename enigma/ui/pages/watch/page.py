"""The Watch page: title, live progress, the scrubber, what it says, and downloads."""

from functools import partial

import streamlit as st

from enigma.analysis.phases.story import story
from enigma.analysis.projection.methods import TITLES
from enigma.analysis.reading import notes
from enigma.analysis.trajectory import Trajectory
from enigma.figures.web.scrubber.pack import MOST_SELECTED, View
from enigma.jobs import worker
from enigma.spec.errors import EnigmaError, InputError
from enigma.spec.titles import title
from enigma.store import archive, index
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.address import asked, written
from enigma.ui.navigation import link
from enigma.ui.pages.watch import export_menu
from enigma.ui.pages.watch.controls import controls, follow_wishes, run_button
from enigma.ui.pages.watch.explanation_panel import what_happened
from enigma.ui.pages.watch.form import spec_form
from enigma.ui.pages.watch.inspect_dialog import inspect_button
from enigma.ui.pages.watch.scrubber import scrubber
from enigma.ui.session import Shown, load, show, shown
from enigma.ui.widgets.copy_link import copy_link
from enigma.ui.widgets.markdown import escape_markdown
from enigma.ui.widgets.queue import waiting

TITLE, ORDER = "Watch", 1

LIVE_SECONDS = 1.0
MOST_OTHERS = 30
RUN_DIGITS = 12


def page() -> None:
    """Draws the run first, so that it is on screen before the form has its pictures."""
    home = Home.default()
    follow_wishes(home)
    with st.container():
        try:
            now = shown(home)
        except EnigmaError as error:
            now = Shown(None, None)
            _explain(error)
        else:
            # What the scrubber reports draws this part alone. Were it the whole page, a press of a button in the
            # sidebar would be lost whenever a report followed at once: Streamlit drops a request it has not begun.
            st.fragment(partial(_picture, home, now), run_every=LIVE_SECONDS if now.is_live else None)()
    with st.sidebar:
        st.markdown("## Entropy :blue[Enigma]")
        spec = spec_form()
        run_button(home, spec)
        inspect_button(home, spec)
        controls(home, now)


def _picture(home: Home, whole_page: Shown) -> None:
    """The run itself, drawn again every second while it goes on.

    When another run is shown than on the whole page, or its job has begun or is over, all of the page is drawn again.
    """
    try:
        now = shown(home)
    except EnigmaError:
        # The run was deleted meanwhile; the whole page says so.
        st.rerun()
    if now.control != whole_page.control:
        st.rerun()
    run, job = now.run and now.run.as_of_now(), now.job
    # A place that stays when nothing is in it: without it all else would move up when a job ends, and Streamlit, which
    # knows an element by its place, would make the Export menu anew and so close it under a person's hand.
    with st.container():
        if job and job.state == "failed":
            _explain(InputError(job.message))
        if now.is_live:
            _progress(home, now)
    if run is None:
        return
    head = st.container()
    try:
        # The header offers what is on screen for export, so it is filled once that is known.
        view = _watch(home, run, live=now.is_live) if run.frame_steps else None
        with head:
            _header(home, run, view)
    except EnigmaError as error:
        _explain(error)


def _progress(home: Home, now: Shown) -> None:
    job, run = now.job, now.run
    assert job is not None
    worker.ensure_workers(home)
    if job.state == "waiting":
        st.progress(0.0, waiting(home, job))
        return
    if run is None or run.id != job.run_id:
        st.progress(0.0, job.message)
        return
    step, steps = run.status["step"], run.spec.steps
    scalars = run.scalars()
    if len(scalars["step"]) and step < steps:
        accuracy = scalars["accuracy"][-1]
        # NaN where the images have no labels.
        known = f" · stream accuracy {100 * accuracy:.1f} %" if accuracy == accuracy else ""
        last = f" · entropy {scalars['entropy'][-1]:.3f} nats{known}"
        st.progress(step / steps, f"Step {step:,} of {steps:,}{last}")
    else:
        st.progress(step / steps, "Computing the projection" if step == steps else f"Step {step:,} of {steps:,}")


def _header(home: Home, run: Run, view: tuple[Trajectory, View] | None) -> None:
    facts, spec, status = run.facts, run.spec, run.status
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        st.title(title(spec), anchor=False)
        st.caption(
            f"{spec.model} · {facts['hardware']['device']} · {spec.precision} · {len(run.frame_steps)} frames · "
            f"run `{run.id}` · {run.state}"
        )
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        _open_menu(home)
        copy_link(run.id)
        if view is not None:
            export_menu.export_menu(run, view[0], view[1].step, view[1].color)
    if status["state"] == "failed":
        st.error(status["message"])
    if said := notes(facts):
        st.caption(escape_markdown(" ".join(said)))


def _open_menu(home: Home) -> None:
    with st.popover("Open run"):
        whole = [row for row in index.rows(home) if row.state != "damaged"]
        titles = {row.id: " · ".join(filter(None, (row.title, row.label.name, row.model, row.id))) for row in whole}
        chosen = st.selectbox(
            "Recorded runs", list(titles), index=None, format_func=lambda name: titles[name], key="open"
        )
        if chosen:
            show(run=chosen, job=None, step=None)
            del st.session_state["open"]
            st.rerun(scope="app")
        uploaded = st.file_uploader("Import the zip of a run", "zip", key="import")
        if uploaded is not None:
            try:
                home.runs.mkdir(parents=True, exist_ok=True)
                imported = archive.import_zip(uploaded.getvalue(), home.runs)
            except EnigmaError as error:
                st.error(str(error))
            else:
                show(run=imported.id, job=None, step=None)
                del st.session_state["import"]
                st.rerun(scope="app")


def _watch(home: Home, run: Run, *, live: bool) -> tuple[Trajectory, View]:
    view = asked(st.query_params, run.frame_steps, run.spec.probes, live=live)
    trajectory = load(run, view.projection)
    others = [row for row in index.rows(home) if row.id != run.id and row.state != "damaged"][:MOST_OTHERS]
    state = scrubber(
        trajectory,
        view,
        key=f"scrubber.{run.id}",
        beside=_beside(home, view),
        others=[(row.id, f"{row.title} · {row.model} · {row.id[:4]}") for row in others],
        projections=list(TITLES.items()),
    )
    st.session_state["current run"] = run.id
    if state != view:
        # What the browser reports stands in the address already; this tells the server so.
        show(run=run.id, **written(state, run.frame_steps[0]))
        if (state.beside, state.projection) != (view.beside, view.projection):
            st.rerun(scope="app")
    if state.selected:
        _images_link(run, state)
    st.markdown(f"**What to look for.** {story(trajectory)}")
    if not live:
        what_happened(run)
    return trajectory, state


def _images_link(run: Run, view: View) -> None:
    """Leads to the selected images, as many of them as an address holds."""
    few = view.selected[:MOST_SELECTED]
    which = f"the first {len(few)} of {len(view.selected):,}" if len(few) < len(view.selected) else f"the {len(few)}"
    label = f"See {which} selected image{'s' if len(view.selected) > 1 else ''}"
    link("images", label, run=run.id, step=view.step, group="selected", selected=",".join(map(str, few)))


def _beside(home: Home, view: View) -> Trajectory | None:
    """The run that is shown beside the first, where a run is wanted and has a frame."""
    if len(view.beside) != RUN_DIGITS:
        return None
    other = home.find(view.beside)
    return load(other, view.projection) if other.frame_steps else None


def _explain(error: EnigmaError) -> None:
    st.error(str(error))
    st.link_button("Show the bundled run", "?")
