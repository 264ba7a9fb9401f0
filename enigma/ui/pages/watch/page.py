"""The Watch page: title, live progress, the scrubber, what it says, and downloads."""

from contextlib import suppress
from dataclasses import replace
from functools import partial

import streamlit as st

from enigma.analysis.phases.story import story
from enigma.analysis.projection.names import TITLES
from enigma.analysis.reading import notes
from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared.palette import COLORS, OF_PREDICTIONS
from enigma.figures.web.scrubber.pack import MOST_SELECTED, View
from enigma.jobs import projecting, queue
from enigma.spec.errors import EnigmaError, InputError
from enigma.spec.titles import title
from enigma.store import archive, index, permission
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.address import asked, written
from enigma.ui.navigation import link
from enigma.ui.pages.watch import export_menu
from enigma.ui.pages.watch.controls import follow_wishes, live_controls, more_steps, run_button
from enigma.ui.pages.watch.explanation_panel import what_happened
from enigma.ui.pages.watch.form import spec_form
from enigma.ui.pages.watch.inspect_dialog import inspect_button
from enigma.ui.pages.watch.opening import lead, new_run_button, skip_link
from enigma.ui.pages.watch.progress import progress
from enigma.ui.pages.watch.scrubber import scrubber
from enigma.ui.place import EVERYTHING, keep
from enigma.ui.session import Shown, address, hear, load, neighbors, show, shown
from enigma.ui.widgets.copy_link import copy_link
from enigma.ui.widgets.markdown import escape_markdown, say_error
from enigma.ui.widgets.refusal import refusal

TITLE, GROUP, ORDER = "Watch", "Explore", 1
TAKING = EVERYTHING

LIVE_SECONDS = 1.0
MOST_OTHERS = 30
RUN_DIGITS = 12
_FOLLOWED = "watch.followed"

# Streamlit fades what it is about to draw anew. The picture can be looked at and moved in meanwhile.
_STYLE = """<style>
.st-key-watched [data-stale="true"] { opacity: 1 !important; }
/* Room for the picture and the strip below it on a screen of 720 lines. */
.st-key-watched, .st-key-watched [data-testid="stVerticalBlock"] { gap: 0.5rem; }
/* Streamlit draws what follows a title 16 pixels too high for a gap this small. */
.st-key-watched [data-testid="stHeading"] [data-testid="stMarkdownContainer"] { margin-bottom: -0.4rem; }
</style>"""


def page() -> None:
    """Draws the run first, so that it is on screen before the form has its pictures."""
    home = Home.default()
    follow_wishes(home)
    refusal()
    st.html(_STYLE)
    # A place that stays when nothing is in it, so that what is below keeps its own.
    above = st.container(horizontal=True)
    with st.container(key="watched"):
        try:
            now, fitting = _as_of_now(home)
        except EnigmaError as error:
            now = Shown(None, None)
            _explain(error)
            if queue.active(home):
                st.fragment(partial(_again, []), run_every=LIVE_SECONDS)()
        else:
            # What the scrubber reports draws this part alone. Were it the whole page, a press of a button beside it
            # would be lost whenever a report followed at once: Streamlit drops a request it has not begun.
            every = LIVE_SECONDS if now.is_live or fitting else None
            st.fragment(partial(_picture, home, now, fitting), run_every=every)()
    if not permission.can_change():
        return
    with above:
        live_controls(home, now)
    with st.sidebar:
        st.markdown("## Entropy :blue[Enigma]")
        spec, why_not = spec_form()
        run_button(home, spec, why_not)
        inspect_button(home, spec)
        more_steps(now)


def _as_of_now(home: Home) -> tuple[Shown, bool]:
    """What to show, and whether UMAP is being fitted to it."""

    def found() -> tuple[Shown, bool]:
        now = shown(home)
        return now, now.run is not None and projecting.ensure_fitted(home, now.run)

    with suppress(EnigmaError):
        return found()
    # A run that made way for a longer one while it was read is found under its id the second time.
    return found()


def _again(calls: list[None]) -> None:
    """Draws the whole page again a second later: what cannot be read while a job goes on may be readable then."""
    calls.append(None)
    if calls[1:]:
        st.rerun()


def _picture(home: Home, whole_page: Shown, fitting: bool) -> None:
    """The run itself, drawn again every second while it goes on or UMAP is fitted to it.

    When another run is shown than on the whole page, or its job has begun or is over, all of the page is drawn again.
    """
    try:
        now = shown(home)
    except EnigmaError:
        # The run was deleted meanwhile; the whole page says so.
        st.rerun()
    if now.control != whole_page.control or (fitting and not (now.run and projecting.ensure_fitted(home, now.run))):
        st.rerun()
    run, job = now.run and now.run.as_of_now(), now.job
    # A place that stays when nothing is in it: without it all else would move up when a job ends, and Streamlit, which
    # knows an element by its place, would make the Export menu anew and so close it under a person's hand.
    with st.container():
        if job and job.state == "failed":
            _explain(InputError(job.message))
        if now.is_live:
            progress(home, now)
        if fitting:
            st.caption("UMAP is being fitted to this run, which takes some ten seconds; until then PCA stands in.")
    if run is None:
        return
    head = st.container()
    try:
        # The header offers what is on screen for export, so it is filled once that is known.
        is_growing = now.is_live and now.recording is not None and now.recording.id == run.id
        view = _watch(home, run, live=is_growing) if run.frame_steps else None
        with head:
            _header(home, run, view)
    except EnigmaError as error:
        _explain(error)


def _header(home: Home, run: Run, view: tuple[Trajectory, View] | None) -> None:
    facts, spec, status = run.facts, run.spec, run.status
    # A place that stays when nothing is in it: else the header of the run before would stand below this one until all
    # is drawn.
    with st.container():
        if run.id == home.example().id:
            lead()
    left, right = st.columns([5, 4], vertical_alignment="center")
    with left:
        st.title(escape_markdown(title(spec)), anchor=False)
        st.caption(
            f"{escape_markdown(spec.model)} · {escape_markdown(str(facts['hardware']['device']))} · {spec.precision} · "
            f"{len(run.frame_steps)} frames · "
            f"run `{run.id}` · {run.state}{_whose(run)}"
        )
    with right, st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
        skip_link()
        if permission.can_change():
            new_run_button()
        _open_menu(home)
        copy_link(run.id)
        if view is not None:
            export_menu.export_menu(run, view[0], view[1].step, view[1].color)
    if status["state"] == "failed":
        say_error(status["message"])
    if said := notes(facts):
        st.caption(escape_markdown(" ".join(said)))


def _whose(run: Run) -> str:
    """Whose run it is, where people sign in."""
    name = permission.owner_of(run.path).name
    return f" · of {escape_markdown(name)}" if name else ""


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
        if not permission.can_change():
            return
        uploaded = st.file_uploader("Import the zip of a run", "zip", key="import")
        if uploaded is not None:
            try:
                imported = archive.import_zip(uploaded, home.runs)
            except EnigmaError as error:
                say_error(error)
            else:
                show(run=imported.id, job=None, step=None)
                del st.session_state["import"]
                st.rerun(scope="app")


def _watch(home: Home, run: Run, *, live: bool) -> tuple[Trajectory, View]:
    if live:
        st.session_state[_FOLLOWED] = run.id
    # Whoever has followed a run stays at its newest frame when it is paused or ends.
    is_followed = st.session_state.get(_FOLLOWED) == run.id
    view = asked(address(), run.frame_steps, run.spec.probes, live=is_followed)
    trajectory = load(run, view.projection)
    if not trajectory.has_predictions and view.color in OF_PREDICTIONS:
        view = replace(view, color=COLORS[0])
    others = [row for row in index.rows(home) if row.id != run.id and row.state != "damaged"][:MOST_OTHERS]
    state = scrubber(
        trajectory,
        view,
        key=f"scrubber.{run.id}",
        beside=_beside(home, view),
        others=[(row.id, f"{row.title} · {row.model} · {row.id[:4]}") for row in others],
        projections=list(TITLES.items()),
        neighbors=partial(neighbors, run),
    )
    if state != view:
        hear(run=run.id, **written(state))
    keep(home, "watch", TAKING, run.id)
    if (state.beside, state.projection) != (view.beside, view.projection):
        st.rerun(scope="app")
    if state.selected:
        _images_link(run, state)
    st.markdown(f"**What to look for.** {escape_markdown(story(trajectory))}")
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
    say_error(error)
    st.link_button("Show the bundled run", "?")
