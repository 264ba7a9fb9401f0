"""Buttons for what a page shows of a run, as a figure; see `enigma.figures.files.sheets`."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from enigma.store.run_folder import Run
from enigma.ui.widgets.download import download

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_PRINTED = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


def figure_buttons(
    run: Run, what: str, step: int | None, settings: Mapping[str, Any], draw: Callable[[], "Figure"], *, key: str,
    disabled: bool = False,
) -> None:  # fmt: skip
    """The figure in each format; run, step and settings are in the file.

    Args:
        draw: makes the figure; called by a click.
    """
    with st.popover("Export figure", key=f"{key}.figures", disabled=disabled), st.container(horizontal=True):
        for format, mime in _PRINTED.items():
            step_name = "" if step is None else f"-step-{step}"

            def make(format: str = format) -> bytes:
                # Matplotlib is imported by the first download, not by the first screen.
                from enigma.figures.files.sheets import Sheet, picture

                return picture(Sheet(run, what, step, settings), draw, format)

            download(format.upper(), make, f"{run.id}-{what}{step_name}.{format}", mime, key=f"{key}.{format}")


def table_bytes(run: Run, what: str, step: int | None, settings: Mapping[str, Any], frame: "pd.DataFrame") -> bytes:
    """The table as CSV, with run, step and settings in it."""
    from enigma.figures.files.sheets import Sheet, table

    return table(Sheet(run, what, step, settings), frame)
