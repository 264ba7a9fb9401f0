"""The Export menu: every file of a run, made when it is asked for, not before."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

import enigma
from enigma.analysis.trajectory import Trajectory
from enigma.figures.files.references import bibtex
from enigma.figures.shared.command_lines import export_command, run_command
from enigma.figures.shared.export_request import FORMATS, INSTALL_VIDEO, KINDS, WIDTHS, Export, has_video
from enigma.figures.shared.panels import MOST_STEPS, caption, chosen_steps
from enigma.figures.shared.provenance import Origin
from enigma.store.run_folder import Run
from enigma.ui.widgets.download import download

WIDTH = 470


def export_menu(run: Run, trajectory: Trajectory, step: int, color: str) -> None:
    """Offers what is on screen, at this step and in this colouring, and the run itself."""
    with st.popover("Export", key="export.open"), st.container(width=WIDTH):
        _menu(run, trajectory, step, color)


@st.fragment
def _menu(run: Run, trajectory: Trajectory, step: int, color: str) -> None:
    """A fragment, so that choosing a section draws the menu and not the page."""
    shown = Export("projection", step=step, color=color, projection=trajectory.projection.name)
    for tab, section in zip(st.tabs(list(SECTIONS), key="export.section", on_change="rerun"), SECTIONS, strict=True):
        if tab.open:
            with tab:
                SECTIONS[section](_Files(run, trajectory), shown)


@dataclass(frozen=True)
class _Files:
    """Download buttons for the files of one run."""

    run: Run
    trajectory: Trajectory

    def row(self, export: Export, formats: tuple[str, ...] = (), label: str = "") -> None:
        """One button a format, side by side."""
        with st.container(horizontal=True, gap="small"):
            for name in formats or KINDS[export.what]:
                self.button(replace(export, format=name), label or FORMATS[name].title)

    def button(self, export: Export, label: str) -> None:
        download(
            label, partial(_made, self.run, self.trajectory, export), export.file_name(self.run.id), export.mime,
            key=f"export.{export.what}.{export.format}", help=FORMATS[export.format].help,
        )  # fmt: skip

    def shell(self, export: Export) -> None:
        """The same from the command line."""
        st.caption("The same from a shell")
        _copyable(export_command(self.run.id, export))


def _figures(files: _Files, shown: Export) -> None:
    st.markdown(f"**Projection** at step {shown.step:,}, coloured as on screen")
    files.row(shown)
    st.markdown(f"**Curves** with step {shown.step:,} marked")
    # As HTML both are the scrubber, which one button gives.
    files.row(replace(shown, what="curves"), tuple(name for name in KINDS["curves"] if name != "html"))
    files.shell(shown)


def _paper(files: _Files, shown: Export) -> None:
    trajectory = files.trajectory
    st.markdown("**Steps side by side, curves below**, set at final size: include it without scaling.")
    steps = st.multiselect(
        "Steps", trajectory.steps.tolist(), list(chosen_steps(trajectory)), key=f"export.steps.{files.run.id}",
        max_selections=MOST_STEPS, help="Recorded steps. At first: frame 0, the end of phase 1, and the last frame.",
    )  # fmt: skip
    width = st.selectbox(
        "Width", list(WIDTHS), index=list(WIDTHS).index(shown.width), key="export.width",
        format_func=lambda name: f"{WIDTHS[name][1]} · {WIDTHS[name][0]:g} in",
    )  # fmt: skip
    chosen = chosen_steps(trajectory, tuple(steps))
    wanted = replace(shown, what="paper", format="pdf", step=None, steps=chosen, width=width)
    files.row(wanted)
    st.caption("Caption")
    _copyable(caption(trajectory, chosen))
    files.shell(wanted)


def _animation(files: _Files, shown: Export) -> None:
    wanted = replace(shown, what="animation", format="gif", step=None)
    st.markdown("**Projection and curves, moving from frame to frame**, coloured as on screen")
    files.row(wanted, () if has_video() else ("gif",))
    st.caption("It takes 10 to 30 seconds to draw.")
    if not has_video():
        st.caption(f"MP4 and WebM need FFmpeg: `{INSTALL_VIDEO}` brings it.")
    files.shell(wanted)


def _share(files: _Files, shown: Export) -> None:
    wanted = replace(shown, what="explorable", format="html")
    st.markdown("**Explorable page**: this view in one HTML file, to mail or to publish; it needs no network.")
    files.row(wanted, label="Explorable HTML")
    st.markdown("**The whole run**, to open in another installation")
    files.row(Export("zip"), label="Zip")
    files.shell(wanted)


def _data(files: _Files, shown: Export) -> None:
    about = {
        "frames": "every metric, one row a frame",
        "points": "place, prediction, confidence and entropy, one row a frame and image",
        "steps": "loss, entropy, accuracy and gradient, one row an update",
    }
    for what, text in about.items():
        st.markdown(f"**{what.capitalize()}**: {text}")
        with st.container(horizontal=True, gap="small"):
            for name in KINDS[what]:
                wanted = replace(shown, what=what, format=name, step=None)
                files.button(wanted, f"{what.capitalize()} {FORMATS[name].title}")
    files.shell(Export("frames", "parquet"))


def _cite(files: _Files, shown: Export) -> None:
    spec, run_id = files.run.spec, files.run.id
    st.markdown("**BibTeX** of the paper, method, data, model and projection")
    _copyable(bibtex(spec, run_id, enigma.__version__, shown.projection))
    files.row(replace(shown, what="bibtex", format="bib", step=None), label="BibTeX file")
    st.markdown("**Reproduce** the run: the same spec on the same data gives it the same id")
    _copyable(run_command(spec))
    st.caption("Recorded with " + ", ".join(f"{name} {found}" for name, found in Origin.of(files.run).versions.items()))


SECTIONS: dict[str, Callable[[_Files, Export], None]] = {
    "Figures": _figures,
    "Paper": _paper,
    "Animation": _animation,
    "Share": _share,
    "Data": _data,
    "Cite": _cite,
}


def _copyable(text: str) -> None:
    # Streamlit's colours for languages are fainter than small text may be.
    st.code(text, language=None, wrap_lines=True)


def _made(run: Run, trajectory: Trajectory, wanted: Export) -> bytes:
    # Matplotlib and Plotly are imported by the first download, not by the first screen.
    from enigma.figures.files.export import export

    return export(run, trajectory, wanted)
