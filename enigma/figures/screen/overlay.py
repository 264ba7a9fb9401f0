"""The overlay of several runs, drawn by Plotly: a panel at a time on the page, all of them in a file."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from enigma.analysis.comparing.runs import Series
from enigma.figures.screen.style import FONT, style
from enigma.figures.shared import overlay, palette
from enigma.figures.shared.groups import for_plotly
from enigma.figures.shared.overlay import LIGHT, Line, Panel, Scheme, StepAxis

SYMBOLS = {
    "disc": "circle", "square": "square", "diamond": "diamond", "triangle": "triangle-up", "cross": "x",
    "wedge": "triangle-down", "plus": "cross", "star": "star",
}  # fmt: skip
COLUMNS = 2
# Markers on every frame of a long run would hide its line.
_MOST_MARKERS = 24


def panel_figure(shown: Sequence[Series], name: str, scale: str, scheme: Scheme = LIGHT) -> go.Figure:
    """One metric of all runs, for the page; its ground is transparent, and the page draws the legend.

    Raises:
        InputError: the metric or the scale is unknown.
    """
    panel, axis = overlay.panel(shown, name, scale), overlay.step_axis(shown, scale)
    figure = make_subplots(rows=1, cols=1)
    _draw(figure, panel, axis, 1, 1, scheme)
    figure.update_layout(
        template="none",
        height=250,
        margin={"l": 46, "r": 12, "t": 28, "b": 40},
        showlegend=False,
        hovermode="closest",
        font={"family": FONT, "size": 13, "color": scheme.ink},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hoverlabel={"bgcolor": scheme.paper, "font": {"color": scheme.ink, "family": FONT}, "bordercolor": scheme.line},
    )
    return figure


def overlay_figure(shown: Sequence[Series], scale: str, names: tuple[str, ...] = ()) -> go.Figure:
    """All panels that say something with a legend, for a page that stands alone."""
    names = names or overlay.panels(shown)
    rows = -(-len(names) // COLUMNS)
    figure = make_subplots(rows=rows, cols=COLUMNS, vertical_spacing=0.3 / rows, horizontal_spacing=0.09)
    axis = overlay.step_axis(shown, scale)
    for index, name in enumerate(names):
        row, column = index // COLUMNS + 1, index % COLUMNS + 1
        _draw(figure, overlay.panel(shown, name, scale), axis, row, column, LIGHT, named=index == 0)
    style(figure, heading(shown), "")
    legend = {"orientation": "h", "x": 0, "y": 1.06, "yanchor": "bottom", "itemclick": False, "itemdoubleclick": False}
    lines = -(-len(shown) // 4)
    figure.update_layout(
        height=170 + 24 * lines + 250 * rows,
        margin={"l": 56, "r": 24, "t": 110 + 24 * lines, "b": 52},
        legend=legend,
        hovermode="closest",
    )
    return figure


def heading(shown: Sequence[Series]) -> str:
    return f"{len(shown)} runs compared" if len(shown) > 1 else shown[0].name


def _draw(
    figure: go.Figure, panel: Panel, axis: StepAxis, row: int, column: int, scheme: Scheme, *, named: bool = False
) -> None:
    # Grey lines lie below those that can be told apart.
    for line in sorted(panel.lines, key=lambda line: not line.mark.is_grey):
        _draw_band(figure, line, row, column)
        _draw_line(figure, line, row, column, named=named and not line.mark.is_grey)
    above = {"yref": "y domain", "xref": "x domain", "y": 1.0, "yanchor": "bottom", "showarrow": False, "yshift": 5}
    figure.add_annotation(text=f"<b>{panel.title}</b>", x=0, xanchor="left", row=row, col=column, **above)
    if panel.note:
        muted = {"color": scheme.muted, "size": 12}
        figure.add_annotation(text=panel.note, x=1, xanchor="right", font=muted, row=row, col=column, **above)
    _draw_references(figure, panel, row, column, scheme)
    ticks = {"tickfont": {"color": scheme.muted, "size": 12}, "zeroline": False, "showline": False}
    figure.update_xaxes(
        range=[axis.low, axis.high], tickvals=list(axis.ticks), ticktext=list(axis.ticks.values()), showgrid=False,
        ticks="outside", ticklen=4, tickcolor=scheme.muted, row=row, col=column, **ticks,
    )  # fmt: skip
    figure.update_xaxes(title={"text": "step", "font": {"size": 12, "color": scheme.muted}, "standoff": 4}, row=row)
    figure.update_yaxes(
        range=[panel.low, panel.high], tickvals=list(panel.ticks), gridcolor=scheme.line, gridwidth=0.6,
        ticklabelstandoff=4, row=row, col=column, **ticks,
    )  # fmt: skip


def _draw_line(figure: go.Figure, line: Line, row: int, column: int, *, named: bool) -> None:
    mark, name = line.mark, for_plotly(line.name)
    spread = np.full(len(line.values), np.nan) if line.spread is None else line.spread
    figure.add_scatter(
        x=line.places,
        y=line.values,
        customdata=np.stack([line.steps, spread], axis=1),
        mode="lines" if mark.is_grey and len(line.steps) > 1 else "lines+markers",
        line={"color": mark.color, "width": 1.2 if mark.is_grey else 2.2, "dash": _dash(mark.dash)},
        marker={"symbol": SYMBOLS.get(mark.marker, "circle"), "size": 6.5, "maxdisplayed": _MOST_MARKERS},
        opacity=0.7 if mark.is_grey else 1,
        name=name,
        showlegend=named,
        hovertemplate=f"<b>{name}</b><br>step %{{customdata[0]:,}}: %{{y:.4~g}}"
        + ("<extra></extra>" if line.spread is None else " ± %{customdata[1]:.2~g}<extra></extra>"),
        row=row,
        col=column,
    )


def _draw_band(figure: go.Figure, line: Line, row: int, column: int) -> None:
    """One standard deviation up and down."""
    if line.spread is None:
        return
    edges = np.concatenate([line.values + line.spread, (line.values - line.spread)[::-1]])
    figure.add_scatter(
        x=np.concatenate([line.places, line.places[::-1]]), y=edges, fill="toself", mode="none",
        fillcolor=_faded(line.mark.color, 0.2), hoverinfo="skip", showlegend=False, row=row, col=column,
    )  # fmt: skip


def _draw_references(figure: go.Figure, panel: Panel, row: int, column: int, scheme: Scheme) -> None:
    for text, value in panel.references.items():
        line = {"color": palette.NEUTRAL, "width": 1, "dash": "dash"}
        figure.add_hline(y=value, line=line, row=row, col=column)
        figure.add_annotation(
            text=text, x=0, xref="x domain", xanchor="left", y=value, yanchor="top", xshift=8, showarrow=False,
            font={"color": scheme.muted, "size": 11}, row=row, col=column,
        )  # fmt: skip


def _dash(lengths: tuple[int, ...]) -> str:
    return ",".join(f"{length}px" for length in lengths) or "solid"


def _faded(color: str, opacity: float) -> str:
    red, green, blue = (int(color[index : index + 2], 16) for index in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
