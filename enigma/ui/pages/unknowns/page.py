"""The Unknowns page: what adapting does to the detection of images that the model does not know."""

from functools import partial
from pathlib import Path

import streamlit as st

from enigma.analysis.unknowns.frames import decisions, is_mixed
from enigma.jobs import worker
from enigma.spec.catalogue import MODELS, UNKNOWNS
from enigma.spec.errors import EnigmaError, InputError
from enigma.spec.run_spec import RunSpec
from enigma.spec.titles import title
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.navigation import link
from enigma.ui.pages.unknowns.component import Standing, unknowns_view
from enigma.ui.session import show
from enigma.ui.widgets import offers
from enigma.ui.widgets.download import download
from enigma.ui.widgets.markdown import escape_markdown
from enigma.ui.widgets.queue import who

TITLE, ORDER = "Unknowns", 6

_OFFERED = ("resnet-bn-softmax", "resnet-bn-isomax", "resnet-bn-isomaxplus")
# One optimizer and learning rate for all methods, so that nothing but the method differs.
_SPEC = RunSpec().override(
    optimizer="adam", lr=3e-3, steps=200, frames=14, probes=800, references=500, unknown="digits"
)


def page() -> None:
    """The run of the address on the left, a second one beside it where one is chosen."""
    home = Home.default()
    st.title("Unknown images while adapting", anchor=False)
    st.caption(
        "A stream with images of which the model should say that it does not know them. Minimising entropy makes it "
        "certain about those too: watch what that does to each way of telling them apart."
    )
    offers.progress(home)
    # Runs queued here come back as `runs`, as on the Compare page.
    _arrived()
    runs = {run.id: run for run in home.readable() if is_mixed(run) and run.frame_steps}
    if runs:
        _choose(runs)
        _shown(home, runs)
    else:
        st.info("No run with unknown images is recorded yet. One click records one; 200 steps take half a minute.")
    _offers(home, runs)


def _arrived() -> None:
    arrived = [name for name in st.query_params.get("runs", "").split(",") if name]
    if not arrived:
        return
    first = st.query_params.get("run", "") or arrived[0]
    others = [name for name in arrived if name != first]
    show(run=first, beside=others[-1] if others else st.query_params.get("beside"), runs=None)


def _choose(runs: dict[str, Run]) -> None:
    names = {
        name: f"{title(run.spec)} · {_model(run.spec)} · {_unknown(run.spec)} · {name}" for name, run in runs.items()
    }
    left, right = st.columns(2)
    asked, beside = st.query_params.get("run", ""), st.query_params.get("beside", "")
    st.session_state["unknowns.run"] = asked if asked in runs else next(iter(runs))
    st.session_state["unknowns.beside"] = beside if beside in runs else None
    left.selectbox(
        "Run", list(names), key="unknowns.run", format_func=names.__getitem__,
        on_change=lambda: show(run=st.session_state["unknowns.run"], step=None),
    )  # fmt: skip
    right.selectbox(
        "Beside it", list(names), key="unknowns.beside", format_func=names.__getitem__, placeholder="No second run",
        on_change=lambda: show(beside=st.session_state["unknowns.beside"]),
        help="Both scrub together: the same method with another head, or the same head with another method.",
    )  # fmt: skip


def _shown(home: Home, runs: dict[str, Run]) -> None:
    first, second = st.session_state["unknowns.run"], st.session_state["unknowns.beside"]
    places = st.columns(2) if second else [st.container()]
    for place, name, side in zip(places, [first, second], ("left", "right"), strict=False):
        with place:
            try:
                _run(runs[name], side)
            except EnigmaError as error:
                st.error(escape_markdown(str(error)))


def _run(run: Run, side: str) -> None:
    told, model, unknown = map(escape_markdown, (title(run.spec), _model(run.spec), _unknown(run.spec)))
    st.markdown(f"**{told}** · {model} · {unknown}")
    now = unknowns_view(run, _asked(), f"unknowns.{side}")
    if side == "left":
        show(run=run.id, step=now.step, score=now.score, keep=f"{now.keep:g}")
    with st.container(horizontal=True, vertical_alignment="center"):
        download(
            "Decisions", partial(_csv, run, now), f"{run.id}-{now.step}-{now.score}.csv", "text/csv",
            key=f"unknowns.csv.{side}",
            help="One row an image: score, threshold and what it decides, at this step.",
        )  # fmt: skip
        link("watch", "Watch this run", run=run.id, step=now.step)
    st.code(f"enigma runs unknown {run.id} --score {now.score}", language=None, wrap_lines=True)


def _asked() -> Standing | None:
    """Step, score and share of the address; None where it does not say, or says what is no number."""
    given = st.query_params
    try:
        return Standing(
            int(given["step"]), given.get("score", ""), min(max(float(given.get("keep", "0.95")), 0.5), 1.0)
        )
    except (KeyError, ValueError):
        return None


def _csv(run: Run, now: Standing) -> bytes:
    return decisions(run, now.step, now.score, now.keep).to_csv(index=False, lineterminator="\n").encode()


def _model(spec: RunSpec) -> str:
    """The model, or the file of one's own weights, which says more."""
    return Path(spec.weights).stem if spec.weights else spec.model


def _unknown(spec: RunSpec) -> str:
    name = UNKNOWNS[spec.unknown].title.lower() if spec.unknown in UNKNOWNS else str(spec.unknown)
    told = {"known": ", adapted to known images only", "masked": ", unknown ones masked out of the loss"}
    return f"{name} unknown{told.get(spec.unknown_loss or '', '')}"


def _offers(home: Home, runs: dict[str, Run]) -> None:
    """One click to a run of each head."""
    with st.expander("Record a run with unknown images", expanded=not runs):
        left, right = st.columns(2)
        unknown = left.selectbox(
            "Unknown images", [name for name in UNKNOWNS if name != "held-out"], key="unknowns.set",
            format_func=lambda name: UNKNOWNS[name].title, help="A fifth of each batch, under the same impulse noise.",
        )  # fmt: skip
        method = right.selectbox(
            "Method", ["tent", "eta", "come_tent", "ostta", "unient", "unient_plus"], key="unknowns.method"
        )
        with st.container(horizontal=True):
            for model in _OFFERED:
                st.button(
                    MODELS[model].title, key=f"unknowns.offer.{model}", on_click=_queue,
                    args=(home, _SPEC.override(model=model, unknown=unknown, method=method)),
                )  # fmt: skip
        st.caption("The form of the Watch page takes any model, folder of unknown images, share and seed.")


def _queue(home: Home, spec: RunSpec) -> None:
    try:
        job = worker.submit(home, spec, by=who())
    except InputError as error:
        st.error(escape_markdown(str(error)))
        return
    show(jobs=",".join([*offers.asked(), job.id]))
