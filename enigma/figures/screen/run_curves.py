"""The interactive figure of the metrics over the steps."""

import math

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from enigma.analysis.trajectory import PHASE_NAMES, Trajectory
from enigma.figures.screen.style import style
from enigma.figures.shared import curves, groups, palette


def curves_figure(trajectory: Trajectory, step: int, names: tuple[str, ...] = ()) -> go.Figure:
    """Metrics over the steps, one above the other, with the step marked that is shown.

    Args:
        trajectory: the run.
        step: the step that is marked.
        names: the metrics; by default those that the registry shows in figures.

    Raises:
        InputError: a name is not a metric.
    """
    shown = curves.stacked(trajectory, names)
    figure = make_subplots(rows=len(shown), cols=1, shared_xaxes=True, vertical_spacing=0.3 / max(len(shown), 1) ** 1.3)
    for row, curve in enumerate(shown, start=1):
        _draw_curve(figure, trajectory, curve, step, row)
    _name_phases(figure, trajectory)
    labels = curves.ticks(int(trajectory.steps[-1]))
    figure.update_xaxes(
        range=curves.axis_range(trajectory),
        tickvals=[curves.position(label) for label in labels],
        ticktext=[str(label) for label in labels],
        showgrid=False,
        zeroline=False,
        ticks="outside",
        ticklen=4,
        tickcolor=palette.NEUTRAL,
        tickfont={"color": palette.MUTED, "size": 12},
    )
    figure.update_xaxes(title={"text": "adaptation step", "font": {"size": 12, "color": palette.MUTED}}, row=len(shown))
    style(figure, groups.heading(trajectory, step), "")
    margin = {"l": 52, "r": 24, "t": 92, "b": 52}
    figure.update_layout(height=150 + 148 * len(shown), margin=margin, showlegend=False, hovermode="x")
    return figure


def _draw_curve(figure: go.Figure, trajectory: Trajectory, curve: curves.Curve, step: int, row: int) -> None:
    places, frame = curves.positions(trajectory), trajectory.frame_at(step)
    figure.add_scatter(
        x=places,
        y=curve.values,
        customdata=trajectory.steps,
        mode="lines" if len(places) > 1 else "markers",
        line={"color": palette.ACCENT, "width": 2.4},
        name=curve.title,
        hovertemplate="step %{customdata}: %{y:.4~g}<extra></extra>",
        row=row,
        col=1,
    )
    # Plotly leaves out what is drawn behind a panel that has no curve yet.
    for phase, (start, end) in curves.phases(trajectory).items():
        tint = curves.PHASE_TINTS[phase]
        figure.add_vrect(x0=start, x1=end, fillcolor=tint, line_width=0, layer="below", row=row, col=1)
    figure.add_vline(x=float(places[frame]), line={"color": palette.INK, "width": 1.2}, row=row, col=1)
    _write_title(figure, curve, row)
    _draw_references(figure, trajectory, curve, row)
    _mark_step(figure, trajectory, curve, frame, row)
    figure.update_yaxes(
        ticklabelstandoff=4,
        tickfont={"color": palette.MUTED, "size": 12},
        range=[curve.low, curve.high],
        tickvals=curves.value_ticks(curve),
        gridcolor=palette.LINE,
        gridwidth=0.6,
        zeroline=False,
        row=row,
        col=1,
    )


def _write_title(figure: go.Figure, curve: curves.Curve, row: int) -> None:
    """The title stands above its curve, the accuracy of the source model at the other end."""
    above = {"yref": "y domain", "xref": "x domain", "y": 1.0, "yanchor": "bottom", "showarrow": False, "yshift": 2}
    figure.add_annotation(text=f"<b>{curve.title}</b>", x=0, xanchor="left", row=row, col=1, **above)
    if curve.note:
        muted = {"color": palette.MUTED, "size": 12}
        figure.add_annotation(text=curve.note, x=1, xanchor="right", font=muted, row=row, col=1, **above)
    if not np.isfinite(curve.values).any():
        middle = above | {"y": 0.5, "yanchor": "middle"}
        figure.add_annotation(text="not recorded", x=0.5, font={"color": palette.MUTED}, row=row, col=1, **middle)


def _draw_references(figure: go.Figure, trajectory: Trajectory, curve: curves.Curve, row: int) -> None:
    """Accuracy at frame 0 and, when it is near, of the source model, as dashed lines."""
    for text, value in curve.references.items():
        figure.add_hline(y=value, line={"color": palette.NEUTRAL, "width": 1, "dash": "dash"}, row=row, col=1)
        above = curves.label_above(curve, value)
        figure.add_annotation(
            text=text,
            x=1,
            xref="x domain",
            xanchor="right",
            y=value,
            yanchor="bottom" if above else "top",
            showarrow=False,
            font={"color": palette.MUTED, "size": 11},
            row=row,
            col=1,
        )


def _mark_step(figure: go.Figure, trajectory: Trajectory, curve: curves.Curve, frame: int, row: int) -> None:
    place, value = float(curves.positions(trajectory)[frame]), float(curve.values[frame])
    if not math.isfinite(value):
        return
    marker = {"color": palette.INK, "size": 9, "line": {"color": palette.PAPER, "width": 1.5}}
    figure.add_scatter(x=[place], y=[value], mode="markers", marker=marker, hoverinfo="skip", row=row, col=1)
    late = curves.late(trajectory, frame)
    figure.add_annotation(
        text=f"<b>{curves.number(value)}</b>",
        x=place,
        y=value,
        xanchor="right" if late else "left",
        yanchor="bottom",
        xshift=-6 if late else 6,
        yshift=2,
        showarrow=False,
        bgcolor="rgba(255,255,255,0.65)",
        borderpad=1,
        row=row,
        col=1,
    )


def _name_phases(figure: go.Figure, trajectory: Trajectory) -> None:
    for phase, middle in curves.named_phases(trajectory).items():
        figure.add_annotation(
            text=PHASE_NAMES[phase],
            x=middle,
            y=0.98,
            yref="y domain",
            yanchor="top",
            showarrow=False,
            font={"color": curves.PHASE_COLORS[phase], "size": 12},
            row=1,
            col=1,
        )
