"""The Estimate page: how accurate a model is on images that nobody has labelled."""

import shlex
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from enigma.analysis.estimators.bundled import DEFAULT_RUN, SCALED, second_of
from enigma.analysis.estimators.calibration import Calibration
from enigma.analysis.estimators.estimate import Estimate, estimates
from enigma.analysis.estimators.gain import Gain, gain
from enigma.analysis.estimators.measured import States, Target, accuracies
from enigma.analysis.estimators.report import calibrated_on, fits, intervals
from enigma.jobs import queue, worker
from enigma.spec.errors import EnigmaError
from enigma.spec.run_spec import RunSpec
from enigma.spec.titles import title
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.navigation import link
from enigma.ui.pages.estimate.exports import files
from enigma.ui.pages.estimate.form import asked_run, choose_calibration, choose_images, read
from enigma.ui.pages.estimate.picture import picture
from enigma.ui.pages.estimate.tables import cards, everything
from enigma.ui.place import EVERYTHING, along
from enigma.ui.session import show
from enigma.ui.widgets.markdown import escape_markdown, say_error
from enigma.ui.widgets.queue import standing
from enigma.ui.widgets.refusal import hear_refusal, told_if_refused

TITLE, GROUP, ORDER = "Estimate", "Evaluate", 1
TAKING = EVERYTHING

SECONDS = 1.0
SHOWN_NAMES = 5


def page() -> None:
    """What to estimate on the left, the estimates on the right."""
    home = Home.default()
    st.title("Accuracy without labels", anchor=False)
    st.caption(
        "Choose images that nobody has labelled; a calibration on labelled ones turns predictions into accuracy."
    )
    left, right = st.columns([1, 3], gap="large")
    with left:
        chosen = choose_calibration(home)
        if chosen is not None:
            choose_images(home, chosen[2])
    if chosen is not None:
        with right:
            _shown(home, *chosen)


def command(run: Run, name: str, path: Path) -> str:
    """The same estimates on the command line."""
    model = run.spec.model
    bundled = {model: "", model + DEFAULT_RUN: "", model + SCALED: " --temperature-scaling"}
    return f"enigma estimate {run.id}{bundled.get(name, f' --calibration {shlex.quote(str(path))}')}"


def _shown(home: Home, name: str, path: Path, calibration: Calibration) -> None:
    """What the address asks for: a job that records, or a run."""
    job, wanted = st.query_params.get("job", ""), asked_run(home, calibration)
    if job:
        st.fragment(partial(_progress, home, job), run_every=SECONDS)()
        return
    if not wanted:
        _introduction()
        return
    try:
        run = home.find(wanted)
        calibration.check(run)
        if not fits(calibration, run):
            _unfinished(home, run)
            return
        with st.spinner("Estimating …"):
            second = second_of(run, calibration, home)
            rows, truth, change = _estimated(str(run.path), run.frame_steps, str(path), path.stat().st_mtime_ns,
                                             str(second.path) if second else "")  # fmt: skip
    except EnigmaError as error:
        say_error(error)
        return
    _results(run, rows, truth, change, calibration)
    if calibration.second and not second:
        st.caption(
            f"Agreement of two models is missing: {escape_markdown(calibration.second['model'])} has not been recorded "
            "on these images. The command below does that."
        )
    _exports(run, rows, truth, name, command(run, name, path))


def _introduction() -> None:
    st.info(
        "Choose images on the left. A model adapts to them as it did to the labelled images of the calibration, and "
        "each estimator says from the predictions alone how many are right."
    )
    st.markdown(
        "Three accuracies are told apart, because they can lie far from each other: that of the **source model** with "
        "its stored statistics, that of **frame 0**, the model as the method sets it up and before any update, and "
        "that of the **adapted model** at the last step."
    )


def _progress(home: Home, job_id: str) -> None:
    """How far the job is; draws the whole page anew when there is something to estimate."""
    hear_refusal()
    worker.ensure_workers(home)
    job = queue.find(home, job_id)
    if job is None:
        st.info("This job was cancelled, or is over since long. Choose a run or images on the left.")
        return
    if job.state == "failed":
        say_error(job.message)
        return
    run = home.find(job.run_id) if job.run_id else None
    # The projection that follows is for other pages.
    if run is not None and run.state == "finished":
        show(run=run.id, job=None)
        st.rerun(scope="app")
    if job.state == "done":
        st.info("This run was stopped or paused before its last step; the Runs page goes on with it.")
        return
    spec = RunSpec.parse(job.spec)
    st.markdown(f"**{escape_markdown(title(spec))}** · {spec.probes:,} images, {spec.steps:,} steps")
    _left_out(spec.dataset)
    st.progress(*standing(home, job))
    with st.container(horizontal=True):
        if run is not None:
            link("watch", "Watch", run=run.id)
        if queue.may_change(job):
            st.button("Cancel", on_click=_cancel, args=(home, job), key="estimate.cancel")


def _cancel(home: Home, job: queue.Job) -> None:
    with told_if_refused():
        queue.cancel(home, job)
        show(job=None)


def _unfinished(home: Home, run: Run) -> None:
    """A run that is not over leads to the job that works on it, if one does."""
    going = [job for job in queue.active(home) if job.run_id == run.id]
    if going:
        show(job=going[0].id, run=None)
        st.rerun()
    st.info(f"Run {run.id} is {run.state}: its last step is needed for an estimate. Resume it on the Runs page.")


@st.cache_data(max_size="16MB", show_spinner=False)
def _estimated(
    run: str, steps: tuple[int, ...], calibration: str, changed: int, second: str
) -> tuple[list[Estimate], dict[Target, float], Gain]:
    """`steps` and `changed` are there to tell one state of the files from the next."""
    found = Run(Path(run))
    other = Run(Path(second)) if second else None
    by = read(Path(calibration))
    rows = estimates(found, by, other)
    return rows, accuracies(States.of(found)), gain(found, by, rows)


def _left_out(dataset: str) -> None:
    """Names the dropped files that were no pictures, while the page is about the others."""
    place, names = st.session_state.get("estimate.left_out", ("", []))
    if place and place == dataset and names:
        shown = ", ".join(names[:SHOWN_NAMES]) + (", …" if len(names) > SHOWN_NAMES else "")
        one = "1 file was left out, because it is no picture that can be read"
        many = f"{len(names):,} files were left out, because they are no pictures that can be read"
        st.warning(f"{one if len(names) == 1 else many}: {escape_markdown(shown)}.")


def _results(
    run: Run, rows: Sequence[Estimate], truth: Mapping[Target, float], change: Gain, calibration: Calibration
) -> None:
    provenance = calibration.provenance
    st.markdown(
        f"**{escape_markdown(title(run.spec))}** · {run.spec.probes:,} images · adapted for {run.spec.steps:,} steps · "
        f"run `{run.id}`"
    )
    _left_out(run.spec.dataset)
    if run.id in provenance["runs"]:
        st.warning("This run is one of those that the estimators were fitted on, so they look better here than on new.")
    st.html(cards(rows, truth, change))
    st.caption(escape_markdown(intervals(calibration, run.spec.probes)))
    picture(run, calibration)
    with st.expander(f"All estimators ({len(rows)})"):
        st.html(everything(rows, truth))
    st.caption(escape_markdown(calibrated_on(provenance)))


def _exports(run: Run, rows: Sequence[Estimate], truth: Mapping[Target, float], name: str, line: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        files(run, rows, truth, name)
        link("watch", "Watch this run", run=run.id, **along())
    st.code(line, language=None, wrap_lines=True)
