"""Downloads: made when they are asked for, not before."""

from functools import partial

import streamlit as st

from enigma.analysis.load import scalar_rows
from enigma.analysis.trajectory import Trajectory
from enigma.archive import export_zip
from enigma.runs import Run

FORMATS = {"png": "image/png", "svg": "image/svg+xml", "html": "text/html", "pdf": "application/pdf"}


def export_menu(run: Run, trajectory: Trajectory, step: int, color: str) -> None:
    """Each figure in each format as it is on screen, the numbers, and the run itself."""
    with st.popover("Export"):
        for kind, label in (("projection", "Projection at this step"), ("curves", "Curves")):
            st.markdown(f"**{label}**")
            for column, name in zip(st.columns(len(FORMATS)), FORMATS, strict=True):
                column.download_button(
                    name.upper(), partial(_figure, trajectory, kind, name, step, color),
                    f"{run.id}-{kind}-{step}.{name}", FORMATS[name],
                    key=f"export.{kind}.{name}", on_click="ignore", width="stretch",
                )  # fmt: skip
        st.markdown("**Numbers**")
        columns = st.columns(3)
        tables = {"numbers": "Frames", "points": "Points", "steps": "Steps"}
        for column, (kind, label) in zip(columns, tables.items(), strict=True):
            column.download_button(
                f"{label} CSV", partial(_table, run, trajectory, kind), f"{run.id}-{kind}.csv", "text/csv",
                key=f"export.{kind}", on_click="ignore", width="stretch",
            )  # fmt: skip
        st.markdown("**The whole run**, to open in another installation")
        st.download_button(
            "Zip", partial(export_zip, run), f"{run.id}.zip", "application/zip", key="export.zip", on_click="ignore"
        )


def _figure(trajectory: Trajectory, kind: str, name: str, step: int, color: str) -> bytes:
    # Matplotlib and Plotly are imported by the first download, not by the first screen.
    from enigma.figures.export import export_figure

    return export_figure(trajectory, kind, name, step=step, color=color)


def _table(run: Run, trajectory: Trajectory, kind: str) -> str:
    from enigma.figures.export import numbers_csv, points_csv

    return scalar_rows(run) if kind == "steps" else (numbers_csv if kind == "numbers" else points_csv)(trajectory)
