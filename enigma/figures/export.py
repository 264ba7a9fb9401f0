"""Figures and numbers as files: pictures, a page that stands alone, tables.

The same trajectory gives the same bytes: nothing in a file depends on the clock or on chance.
"""

import io
import threading

import matplotlib
import numpy as np
import pandas as pd
import plotly.graph_objects as go
from matplotlib.figure import Figure

import enigma
from enigma.analysis.trajectory import Trajectory
from enigma.errors import InputError
from enigma.figures import content, paper, screen

KINDS = ("projection", "curves")
FORMATS = ("png", "svg", "pdf", "html")
DOTS_PER_INCH = 220

# Matplotlib's settings belong to the whole process, and a page exports from several threads.
_MATPLOTLIB = threading.Lock()
_SETTINGS = {
    "font.family": ["DejaVu Sans"],
    "text.usetex": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "entropy-enigma",
    # Type 3 fonts, the default, are refused by many conferences.
    "pdf.fonttype": 42,
}
# The page may draw, and load nothing from anywhere.
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
{metadata}
<title>{title}</title>
<style>body {{ margin: 0 auto; max-width: 1200px; background: #ffffff; }}</style>
</head>
<body>
{figure}
</body>
</html>
"""


def export_figure(trajectory: Trajectory, kind: str, format: str, *, step: int, color: str) -> bytes:
    """One figure as a file.

    Args:
        trajectory: the run to show.
        kind: one of `KINDS`.
        format: one of `FORMATS`.
        step: the step to show; between frames, the last frame at or before it.
        color: what points are coloured by, one of `palette.COLORS`.

    Raises:
        InputError: the kind, format or color is unknown.
    """
    if kind not in KINDS:
        raise InputError(f"Expected a kind of figure among {', '.join(KINDS)} but got {kind!r}.")
    if format not in FORMATS:
        raise InputError(f"Expected a format among {', '.join(FORMATS)} but got {format!r}.")
    content.check_color(color)
    if format == "html":
        interactive = (
            screen.projection_figure(trajectory, step, color)
            if kind == "projection"
            else screen.curves_figure(trajectory, step)
        )
        return _page(interactive, trajectory, step).encode()
    with _MATPLOTLIB, matplotlib.rc_context(_SETTINGS):
        printed = (
            paper.projection_paper(trajectory, step, color)
            if kind == "projection"
            else paper.curves_paper(trajectory, step)
        )
        return _saved(printed, format, _metadata(trajectory, step, format))


def _saved(figure: Figure, format: str, metadata: dict[str, str | None]) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format=format, dpi=DOTS_PER_INCH, metadata=metadata)
    return file.getvalue()


def _facts(trajectory: Trajectory, step: int) -> dict[str, str]:
    return {
        "title": content.plain(trajectory.title),
        "run": content.plain(trajectory.run_id),
        "step": str(content.shown_step(trajectory, step)),
        "version": enigma.__version__,
    }


def _metadata(trajectory: Trajectory, step: int, format: str) -> dict[str, str | None]:
    """The facts in the words of each format; a date would make every export differ."""
    facts = _facts(trajectory, step)
    program = f"Entropy Enigma {facts['version']}"
    heading = f"{facts['title']} · step {facts['step']}"
    description = f"run {facts['run']}, step {facts['step']}, {program}"
    if format == "png":
        own = {"Run": facts["run"], "Step": facts["step"]}
        return {"Title": heading, "Description": description, "Software": program, **own}
    if format == "svg":
        named = {"Title": heading, "Description": description, "Identifier": facts["run"]}
        return {**named, "Creator": program, "Date": None}
    subject = {"Title": heading, "Subject": description, "Keywords": description}
    return {**subject, "Creator": program, "Producer": program, "CreationDate": None}


def _page(figure: go.Figure, trajectory: Trajectory, step: int) -> str:
    """A page that needs no network: the library is inside."""
    facts = _facts(trajectory, step)
    # A fixed name, because Plotly would draw one by chance.
    drawn = figure.to_html(
        config={"showSendToCloud": False, "displaylogo": False, "responsive": True},
        include_plotlyjs=True,
        full_html=False,
        div_id="figure",
    )
    names = {"enigma:run": facts["run"], "enigma:step": facts["step"], "enigma:title": facts["title"]}
    names |= {"generator": f"Entropy Enigma {facts['version']}"}
    metadata = "\n".join(f'<meta name="{name}" content="{content.for_html(text)}">' for name, text in names.items())
    title = content.for_html(f"{facts['title']} · step {facts['step']}")
    return _PAGE.format(policy=_POLICY, metadata=metadata, title=title, figure=drawn)


def numbers_csv(trajectory: Trajectory) -> str:
    """One row a frame: every metric of the run, in the units of `Trajectory`."""
    table = pd.DataFrame({"run_id": trajectory.run_id, "step": trajectory.steps})
    for name, values in trajectory.metrics.items():
        table[name] = values
    table["source_accuracy"] = trajectory.source_accuracy
    return table.to_csv(index=False, lineterminator="\n")


def points_csv(trajectory: Trajectory) -> str:
    """One row a frame and probe image: where it lies and what is predicted; an unknown class is empty."""
    frames, probes = trajectory.predictions.shape
    # The last name answers for -1, which is an unknown class.
    names = np.array([*trajectory.classes, ""], dtype=object)
    places = trajectory.projection.probes.reshape(-1, 2)
    table = pd.DataFrame(
        {
            "run_id": trajectory.run_id,
            "step": np.repeat(trajectory.steps, probes),
            "probe": np.tile(np.arange(probes), frames),
            "true_class": names[np.tile(trajectory.labels, frames)],
            "predicted_class": names[trajectory.predictions.ravel()],
            "confidence": trajectory.confidences.ravel(),
            "entropy": trajectory.entropies.ravel(),
            "x": places[:, 0],
            "y": places[:, 1],
        }
    )
    return table.to_csv(index=False, lineterminator="\n")
