"""What all interactive figures have in common."""

import plotly.graph_objects as go

from enigma.figures.shared import palette
from enigma.figures.shared.groups import for_plotly

FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def style(figure: go.Figure, title: str, subtitle: str) -> None:
    """Title, subtitle, font and paper; the subtitle is already escaped."""
    figure.update_layout(
        template="none",
        title={
            "text": f"<b>{for_plotly(title)}</b>",
            "subtitle": {"text": subtitle, "font": {"size": 12.5, "color": palette.MUTED}},
            "font": {"size": 18, "color": palette.INK},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"l": 24, "t": 24},
        },
        font={"family": FONT, "size": 13, "color": palette.INK},
        paper_bgcolor=palette.PAPER,
        plot_bgcolor=palette.PAPER,
        hoverlabel={
            "bgcolor": palette.PAPER,
            "font": {"color": palette.INK, "family": FONT},
            "bordercolor": palette.LINE,
        },
    )
