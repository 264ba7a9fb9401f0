"""The Unknowns page: what adapting does to the detection of images that the model does not know."""

from pathlib import Path

import streamlit as st

from enigma.analysis.unknowns.frames import is_mixed
from enigma.jobs import worker
from enigma.spec.catalogue import METHODS, MODELS, UNKNOWNS
from enigma.spec.errors import EnigmaError
from enigma.spec.run_spec import RunSpec
from enigma.spec.titles import title
from enigma.store import permission
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui import place
from enigma.ui.navigation import link
from enigma.ui.pages.unknowns.component import Standing, unknowns_view
from enigma.ui.pages.unknowns.exports import exports
from enigma.ui.place import SHARED, Taking
from enigma.ui.session import show
from enigma.ui.widgets import offers
from enigma.ui.widgets.markdown import escape_markdown, say_error
from enigma.ui.widgets.queue import who
from enigma.ui.widgets.refusal import told_if_refused

TITLE, GROUP, ORDER = "Unknowns", "Evaluate", 2
TAKING = Taking(SHARED, is_mixed)

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
    runs = {run.id: run for run in [*home.readable(), *home.examples()] if is_mixed(run) and run.frame_steps}
    if _can_be_shown(home, runs):
        _choose(home, runs)
        _shown(runs)
    _offers(home, runs)


def _can_be_shown(home: Home, runs: dict[str, Run]) -> bool:
    """Says why where the address names a run that cannot be shown, and leaves the address as it is."""
    for asked in filter(None, (st.query_params.get("run", ""), st.query_params.get("beside", ""))):
        if asked in runs:
            continue
        try:
            run = home.find(asked)
            lacks = "frame yet" if is_mixed(run) else "unknown images"
            told = f"Run {asked}, {title(run.spec)}, has no {lacks}, so there is nothing to tell apart."
            st.info(escape_markdown(told))
            link("watch", "Watch it", run=run.id)
        except EnigmaError as error:
            say_error(error)
        st.link_button("Show a run with unknown images", "?")
        return False
    if not runs:
        click = " One click records one; 200 steps take half a minute." if permission.can_change() else ""
        st.info(f"No run with unknown images is recorded yet.{click}")
    return bool(runs)


def _arrived() -> None:
    arrived = [name for name in st.query_params.get("runs", "").split(",") if name]
    if not arrived:
        return
    first = st.query_params.get("run", "") or arrived[0]
    others = [name for name in arrived if name != first]
    show(run=first, beside=others[-1] if others else st.query_params.get("beside"), runs=None)


def _choose(home: Home, runs: dict[str, Run]) -> None:
    names = {name: " · ".join(filter(None, (_told(run), _ended(run), name))) for name, run in runs.items()}
    asked, beside = st.query_params.get("run", ""), st.query_params.get("beside") or None
    if not asked:
        asked, beside = _first(home, runs, beside)
        show(beside=beside)
    left, right = st.columns(2)
    st.session_state["unknowns.run"] = asked
    st.session_state["unknowns.beside"] = beside
    left.selectbox(
        "Run", list(names), key="unknowns.run", format_func=names.__getitem__,
        on_change=lambda: place.choose(st.session_state["unknowns.run"]),
    )  # fmt: skip
    right.selectbox(
        "Beside it", list(names), key="unknowns.beside", format_func=names.__getitem__, placeholder="No second run",
        on_change=lambda: show(beside=st.session_state["unknowns.beside"]),
        help="Both share step, score, share of known images kept, and axes: the same method with another head, or the "
        "same head with another method.",
    )  # fmt: skip


def _first(home: Home, runs: dict[str, Run], beside: str | None) -> tuple[str, str | None]:
    """What to begin with: the run last looked at, or one that stands in for it; of the bundled ones, both heads."""
    run = place.current(home)
    if run is not None and run.id in runs:
        return run.id, beside
    own = [one for one in runs.values() if not home.is_bundled(one)]
    first, *more = own or list(runs.values())
    if run is not None:
        place.stands_in(first)
    return first.id, beside or (more[0].id if more and not own else None)


def _shown(runs: dict[str, Run]) -> None:
    first, second = st.session_state["unknowns.run"], st.session_state["unknowns.beside"]
    if place.is_stand_in(first):
        st.caption("The run last looked at has no unknown images; this is one that has.")
    places = st.columns(2) if second else [st.container()]
    others = [second, first]
    for column, name, other, side in zip(places, [first, second], others, ("left", "right"), strict=False):
        with column:
            try:
                _run(runs[name], side, runs[other] if other else None)
            except EnigmaError as error:
                say_error(error)


def _run(run: Run, side: str, beside: Run | None) -> None:
    ended = f" · **{_ended(run)}**" if _ended(run) else ""
    st.markdown(f"**{escape_markdown(title(run.spec))}** · {escape_markdown(_model_and_images(run.spec))}{ended}")
    now = unknowns_view(run, _asked(), f"unknowns.{side}", beside)
    if side == "left":
        show(run=run.id, step=now.step, score=now.score, keep=f"{now.keep:g}")
    with st.container(horizontal=True, vertical_alignment="center"):
        exports(run, now, side)
        link("watch", "Watch this run", run=run.id, **place.along() | {"step": str(now.step)})
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


def _told(run: Run) -> str:
    """What a run is made of, in one line."""
    return f"{title(run.spec)} · {_model_and_images(run.spec)}"


def _ended(run: Run) -> str:
    """How far a run is that has not come to its end; empty for a finished one."""
    state = run.state
    return "" if state == "finished" else f"{state} at step {run.status['step']:,} of {run.spec.steps:,}"


def _model_and_images(spec: RunSpec) -> str:
    """The model, or the file of one's own weights, which says more, and what is unknown."""
    own = Path(spec.weights).stem if spec.weights else spec.model
    model = MODELS[own].title if own in MODELS else own
    name = UNKNOWNS[spec.unknown].title.lower() if spec.unknown in UNKNOWNS else str(spec.unknown)
    told = {"known": ", adapted to known images only", "masked": ", unknown ones masked out of the loss"}
    return f"{model} · {name} unknown{told.get(spec.unknown_loss or '', '')}"


def _offers(home: Home, runs: dict[str, Run]) -> None:
    """One click to a run of each head; none where nothing may be recorded."""
    if not permission.can_change():
        return
    with st.expander("Record a run with unknown images", expanded=not runs):
        left, right = st.columns(2)
        unknown = left.selectbox(
            "Unknown images", [name for name in UNKNOWNS if name != "held-out"], key="unknowns.set",
            format_func=lambda name: UNKNOWNS[name].title, help="A fifth of each batch, under the same impulse noise.",
        )  # fmt: skip
        method = right.selectbox(
            "Method", ["tent", "eta", "come_tent", "ostta", "unient", "unient_plus"], key="unknowns.method",
            format_func=lambda name: METHODS[name].title,
        )  # fmt: skip
        with st.container(horizontal=True):
            for model in _OFFERED:
                st.button(
                    MODELS[model].title, key=f"unknowns.offer.{model}", on_click=_queue,
                    args=(home, _SPEC.override(model=model, unknown=unknown, method=method)),
                )  # fmt: skip
        st.caption("The form of the Watch page takes any model, folder of unknown images, share and seed.")


def _queue(home: Home, spec: RunSpec) -> None:
    with told_if_refused():
        job = worker.submit(home, spec, by=who())
        show(jobs=",".join([*offers.asked(), job.id]))
