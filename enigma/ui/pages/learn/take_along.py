"""The lesson as files: a handout, a page that needs no server, and a picture that moves."""

from functools import partial

import streamlit as st

from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared.export_request import Export
from enigma.store.run_folder import Run
from enigma.ui.widgets.download import download

_LABELS = {"pdf": "Handout, PDF", "html": "Offline, HTML", "gif": "Moving steps, GIF"}
_HELP = {
    "pdf": "One page of A4.",
    "html": "The whole lesson in one file, with its live pictures; needs no network.",
    "gif": "Steps 2, 4 and 6, one after the other.",
}


def take_along(run: Run, trajectory: Trajectory) -> None:
    """A button a file."""
    with st.container(horizontal=True, gap="small", key="take-along"):
        for name, label in _LABELS.items():
            wanted = Export("lesson", name)
            download(
                label, partial(_made, run, trajectory, wanted), wanted.file_name(run.id), wanted.mime,
                key=f"lesson.{name}", help=_HELP[name],
            )  # fmt: skip


def _made(run: Run, trajectory: Trajectory, wanted: Export) -> bytes:
    # Matplotlib is imported by the first download.
    from enigma.figures.files.export import export

    return export(run, trajectory, wanted)
