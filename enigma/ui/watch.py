"""The Watch page: title, live progress, the scrubber, what it says, and downloads."""

from functools import partial

import streamlit as st

from enigma import archive, worker
from enigma.analysis.load import title
from enigma.analysis.projection import TITLES
from enigma.analysis.story import story
from enigma.analysis.trajectory import Trajectory
from enigma.errors import EnigmaError, InputError
from enigma.home import Home
from enigma.runs import Run
from enigma.ui.controls import controls, run_button
from enigma.ui.export import export_menu
from enigma.ui.form import spec_form
from enigma.ui.scrubber import COLORS, ScrubberState, scrubber
from enigma.ui.state import Shown, load, show, shown

LIVE_SECONDS = 1.0


def page() -> None:
    """Draws the run first, so that it is on screen before the form has its pictures."""
    home = Home.default()
    main = st.container()
    try:
        now = shown(home)
    except EnigmaError as error:
        now = Shown(None, None)
        with main:
            _explain(error)
    with main:
        if now.is_live:
            st.fragment(partial(_live, home), run_every=LIVE_SECONDS)()
        else:
            _settled(home, now)
    with st.sidebar:
        st.markdown("## Entropy :blue[Enigma]")
        spec = spec_form()
        run_button(home, spec)
        controls(home, now)


def _live(home: Home) -> None:
    """Drawn again every second; when the job is over, the whole page is."""
    now = shown(home)
    if not now.is_live or (now.run is not None and st.session_state.get("live") != now.run.id):
        # The controls in the sidebar depend on it too.
        st.session_state["live"] = now.run.id if now.run and now.is_live else ""
        st.rerun()
    _settled(home, now)


def _settled(home: Home, now: Shown) -> None:
    run, job = now.run, now.job
    if job and job.state == "failed":
        _explain(InputError(job.message))
    if now.is_live:
        _progress(home, now)
    if run is None:
        return
    head = st.container()
    try:
        # The header offers what is on screen for export, so it is filled once that is known.
        view = _watch(run, live=now.is_live) if run.frame_steps else None
        with head:
            _header(home, run, view)
    except EnigmaError as error:
        _explain(error)


def _progress(home: Home, now: Shown) -> None:
    job, run = now.job, now.run
    assert job is not None
    ahead = [other for other in worker.jobs(home) if other.state in ("waiting", "running") and other.id < job.id]
    if job.state == "waiting":
        st.progress(0.0, f"Waiting for {len(ahead)} other run{'s' if len(ahead) != 1 else ''}" if ahead else "Starting")
        return
    if run is None or run.id != job.run_id:
        st.progress(0.0, job.message)
        return
    step, steps = run.status["step"], run.spec.steps
    scalars = run.scalars()
    if len(scalars["step"]) and step < steps:
        last = f" · entropy {scalars['entropy'][-1]:.3f} nats · stream accuracy {100 * scalars['accuracy'][-1]:.1f} %"
        st.progress(step / steps, f"Step {step:,} of {steps:,}{last}")
    else:
        st.progress(step / steps, "Computing the projection" if step == steps else f"Step {step:,} of {steps:,}")


def _header(home: Home, run: Run, view: tuple[Trajectory, ScrubberState] | None) -> None:
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
        if view is not None:
            export_menu(run, view[0], view[1].step, view[1].color)
    if status["state"] == "failed":
        st.error(status["message"])


def _open_menu(home: Home) -> None:
    with st.popover("Open run"):
        listed = home.listed()
        titles = {run.id: f"{title(run.spec)} · {run.spec.model} · {run.id}" for run in listed}
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


def _watch(run: Run, *, live: bool) -> tuple[Trajectory, ScrubberState]:
    chosen = st.query_params.get("projection", "umap")
    name = chosen if chosen in TITLES else "umap"
    trajectory = load(run, name)
    state = scrubber(trajectory, step=_step(trajectory, live=live), color=_color(), key=f"scrubber.{run.id}")
    show(run=run.id, step=state.step, color=state.color)
    left, right = st.columns([3, 1], vertical_alignment="top")
    with left:
        st.markdown(f"**What to look for.** {story(trajectory)}")
    with right:
        picked = st.selectbox(
            "Projection", list(TITLES), index=list(TITLES).index(name), format_func=lambda key: TITLES[key],
            key=f"projection.{run.id}",
            help="How embeddings become two numbers. Every choice says how faithful it is.",
        )  # fmt: skip
        if picked != name:
            show(projection=picked)
            st.rerun(scope="app")
    return trajectory, state


def _step(trajectory: Trajectory, *, live: bool) -> int:
    """The step the address asks for; without one, a live run shows its newest frame, a recorded one its first."""
    text = st.query_params.get("step", "")
    return int(text) if text.isdecimal() else int(trajectory.steps[-1 if live else 0])


def _color() -> str:
    color = st.query_params.get("color", "")
    return color if color in COLORS else COLORS[0]


def _explain(error: EnigmaError) -> None:
    st.error(str(error))
    st.link_button("Show the bundled run", "?")
