"""The Compare page: a verdict, curves over each other, numbers, differences and projections of any number of runs."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from enigma.analysis.comparing.differences import differences, in_words
from enigma.analysis.comparing.lead import Leads, leads
from enigma.analysis.comparing.runs import Compared, compared, environment, labels, other_images, seed_groups, series
from enigma.analysis.comparing.table import lacking, rows
from enigma.analysis.comparing.verdict import verdict
from enigma.analysis.metrics import registry
from enigma.analysis.metrics.registry import METRICS
from enigma.figures.shared.overlay import DARK, LIGHT, SCALES, Mark, marks, panels
from enigma.spec.errors import EnigmaError
from enigma.spec.titles import title
from enigma.store.home import Home
from enigma.store.run_folder import Run
from enigma.ui.pages.compare import tables
from enigma.ui.pages.compare.pictures import pictures
from enigma.ui.place import EVERYTHING, chosen
from enigma.ui.session import show
from enigma.ui.widgets import offers
from enigma.ui.widgets.download import download
from enigma.ui.widgets.markdown import escape_markdown, say_error, sentence

TITLE, GROUP, ORDER = "Compare", "Explore", 2
TAKING = EVERYTHING

# More are drawn if somebody chooses them; so many are chosen for a start.
_FIRST = 8
_COLUMNS = 3
_EXPORTS = {
    "png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf", "html": "text/html", "csv": "text/csv",
}  # fmt: skip


def page() -> None:
    """From the sentence that matters most down to the pictures."""
    home = Home.default()
    st.title("Compare", anchor=False)
    runs = _choose(home)
    offers.progress(home)
    try:
        read = [_read(run, str(run.path), run.frame_steps, run.state) for run in runs]
    except EnigmaError as error:
        say_error(error)
        st.link_button("Compare from the start", "?")
        return
    if not read:
        st.info("Choose at least one run.")
        return
    ahead = leads(read)
    _verdict(read, ahead)
    if len(read) == 1:
        _second(home, runs[0])
    fold, scale = _curve_choices(read)
    curves = series(read, fold=fold)
    of_curve = marks(len(curves))
    of_run = [
        next(mark for one, mark in zip(curves, of_curve, strict=True) if run.run_id in one.run_ids) for run in read
    ]
    _curves(read, fold, scale)
    _numbers(read, of_run, ahead)
    if len(read) > 1:
        _differences(read)
    pictures(home, runs, read, labels(read), of_run)
    if len(read) > 1:
        offers.offers(home, runs[0])


def _choose(home: Home) -> list[Run]:
    """The runs of the address, or else the one last looked at and those on the same images."""
    listed = {run.id: run for run in [*home.readable(), *home.examples()] if run.frame_steps}
    if "runs" in st.query_params:
        asked = [name for name in st.query_params["runs"].split(",") if name]
        unknown = [name for name in asked if name not in listed]
        if unknown:
            told = escape_markdown(", ".join(name[:40] for name in unknown[:3])) + ", …" * (len(unknown) > 3)
            st.warning(f"Expected ids of stored runs that have a frame, but got {told}; left out.")
        wanted = [name for name in asked if name in listed]
    else:
        wanted = _first(home, listed)
    # The address may have been changed by a link, by going back, or by a run that was added.
    if st.session_state.get("compare.address") != (address := ",".join(wanted)):
        st.session_state["compare.address"] = address
        st.session_state["compare.runs"] = wanted
    names = {run.id: f"{title(run.spec)} · {run.spec.model} · {run.id}" for run in listed.values()}
    picked = st.multiselect("Runs", list(names), format_func=names.__getitem__, key="compare.runs")
    st.session_state["compare.address"] = ",".join(picked)
    show(runs=",".join(picked))
    return [listed[name] for name in picked]


def _first(home: Home, listed: dict[str, Run]) -> list[str]:
    try:
        run = chosen(home)
    except EnigmaError as error:
        st.warning(sentence(error))
        run = home.example()
    images = run.facts["digests"]["test"]
    others = [
        name
        for name, other in listed.items()
        if not _is_example(home, other) and other.facts["digests"]["test"] == images
    ]
    return list(dict.fromkeys([run.id, *others]))[:_FIRST] if run.id in listed else others[:_FIRST]


def _is_example(home: Home, run: Run) -> bool:
    return run.path.parent == home.bundled_examples


@st.cache_data(max_size="128MB", show_spinner=False)
def _read(_run: Run, path: str, steps: tuple[int, ...], state: str) -> Compared:
    """`steps` and `state` are there to tell one state of the folder from the next."""
    if state != "running":
        _run.verify()
    return compared(_run)


def _verdict(read: Sequence[Compared], ahead: Leads) -> None:
    sentences = verdict(rows(read), ahead, min(len(run.probe_images) for run in read))
    st.html(tables.verdict_list(sentences))
    if reason := other_images(read):
        st.warning(
            f"These runs are not judged on the same images: {reason}. Their accuracies differ for that reason too."
        )


def _second(home: Home, run: Run) -> None:
    st.markdown(
        "A comparison needs a second run: record one here with one click, or choose another above. "
        "It appears here by itself; 500 steps take about a minute on two CPU cores."
    )
    offers.offers(home, run)


def _curve_choices(read: Sequence[Compared]) -> tuple[bool, str]:
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    wanted = st.query_params.get("scale", "")
    scale = left.segmented_control(
        "Axis of steps", list(SCALES), default=wanted if wanted in SCALES else SCALES[0], key="compare.scale",
        format_func={"log": "Logarithmic", "linear": "Linear"}.__getitem__, required=True,
    )  # fmt: skip
    fold = False
    if any(len(group) > 1 for group in seed_groups(read)):
        fold = middle.toggle(
            "Fold seeds", st.query_params.get("fold") == "1", key="compare.fold",
            help="Runs that differ in nothing but the seed become one curve: their mean, with a band of one "
            "standard deviation up and down, at the steps that all of them recorded.",
        )  # fmt: skip
    show(scale=None if scale == SCALES[0] else scale, fold=1 if fold else None)
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        _export_menu(read, fold, scale)
    return fold, scale


def _export_menu(read: Sequence[Compared], fold: bool, scale: str) -> None:
    with st.popover("Export"):
        st.markdown("**Curves**")
        with st.container(horizontal=True):
            for name, kind in _EXPORTS.items():
                download(
                    name.upper(), partial(_exported, read, fold, scale, name), f"comparison.{name}", kind,
                    key=f"compare.export.{name}",
                )  # fmt: skip
        st.markdown("**From the command line**")
        options = f"{' --fold' if fold else ''}{' --scale linear' if scale == 'linear' else ''} --out comparison.pdf"
        st.code(f"enigma compare {' '.join(run.run_id for run in read)}{options}", language=None, wrap_lines=True)


def _exported(read: Sequence[Compared], fold: bool, scale: str, name: str) -> bytes:
    # Matplotlib is imported by the first download, not by the first screen.
    from enigma.figures.files.comparison import export_overlay

    return export_overlay(series(read, fold=fold), read, name, scale=scale)


def _curves(read: Sequence[Compared], fold: bool, scale: str) -> None:
    from enigma.figures.screen.overlay import panel_figure

    shown = series(read, fold=fold)
    st.html(tables.legend([one.name for one in shown], marks(len(shown))))
    scheme = DARK if st.context.theme.type == "dark" else LIGHT
    columns = st.columns(_COLUMNS)
    drawn = panels(shown)
    for index, name in enumerate(drawn):
        figure = panel_figure(shown, name, scale, scheme)
        columns[index % _COLUMNS].plotly_chart(
            figure, theme=None, key=f"compare.curve.{name}", config={"displayModeBar": False},
            alt=_told(name, shown),
        )  # fmt: skip
    lacking = [METRICS[name] for name in registry.shown(registry.COMPARE) if name not in drawn]
    missing = [f"{metric.title.lower()} needs {metric.needs}" for metric in lacking]
    if missing:
        st.caption(f"Not drawn, because no run has what it takes: {'; '.join(missing)}.")


def _told(name: str, shown: Sequence) -> str:
    """The curve in words, for those who cannot see it."""
    from enigma.figures.shared.overlay import panel

    drawn = panel(shown, name, "log")
    known = [line for line in drawn.lines if np.isfinite(line.values).any()]
    ends = "; ".join(f"{line.name} from {line.values[0]:.3g} to {line.values[-1]:.3g}" for line in known)
    return f"{drawn.title} over the steps: {ends}."


def _numbers(read: Sequence[Compared], of_run: Sequence[Mark], ahead: Leads) -> None:
    st.subheader("Numbers", anchor=False)
    table = rows(read)
    st.html(tables.STYLE + tables.numbers_table(table, of_run, ahead))
    if reason := lacking(table):
        st.caption(escape_markdown(reason))
    if not any(row.has_accuracy for row in table):
        return
    st.caption(
        "★ best beyond chance: its paired 95 % interval against every other run, on the same images, lies above zero. "
        "Regret: best minus final accuracy of the run, in points; regret to all: the best of all "
        "compared runs minus the final accuracy of this one. A name opens the run at its best step."
    )


def _differences(read: Sequence[Compared]) -> None:
    st.subheader("Differences", anchor=False)
    specs = [run.spec for run in read]
    found, elsewhere = differences(specs), environment(read)
    st.markdown(in_words(found))
    if found:
        st.html(tables.differences_table(found, labels(read), "Fields of the specs that differ"))
    if elsewhere:
        st.caption("Versions, hardware and data differ too:")
        st.html(tables.differences_table(elsewhere, labels(read), "Versions and hardware that differ"))
    elif len(read) > 1:
        st.caption("Versions, hardware and data are the same.")
