"""Test images where they are embedded, coloured by how likely each is classified right."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared import groups, palette

HEIGHT = 460


def estimated_figure(trajectory: Trajectory, shares: Float[np.ndarray, " probes"], told: Sequence[str]) -> go.Figure:
    """The last frame, in the projection of the run.

    Args:
        shares: in [0, 1], the estimated chance that the prediction of each image is right.
        told: what is said of each image beside it.
    """
    names = [trajectory.classes[label] for label in trajectory.predictions[-1]]
    limits, places = groups.limits(trajectory), trajectory.projection.probes[-1]
    # Sure ones in blue, doubtful ones in orange, as entropy and confidence have it everywhere.
    scale = [[place / (len(palette.SCALE) - 1), color] for place, color in enumerate(palette.SCALE[::-1])]
    marker = {
        "size": 7, "color": 100 * shares, "colorscale": scale, "cmin": 0, "cmax": 100,
        "colorbar": {"title": {"text": "right, %", "side": "right"}, "thickness": 12, "outlinewidth": 0},
    }  # fmt: skip
    figure = go.Figure()
    training = trajectory.projection.references
    figure.add_scattergl(
        x=training[:, 0], y=training[:, 1], mode="markers", name="training images", hoverinfo="skip",
        marker={"size": 3, "color": palette.NEUTRAL, "opacity": 0.35},
    )  # fmt: skip
    figure.add_scattergl(
        x=places[:, 0], y=places[:, 1], mode="markers", name="test images", marker=marker,
        customdata=np.stack([np.array(names), np.array(told)], axis=1),
        hovertemplate="predicted <b>%{customdata[0]}</b><br>right: %{marker.color:.0f} %<br>%{customdata[1]}"
        "<extra></extra>",
    )  # fmt: skip
    hidden = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": ""}
    figure.update_xaxes(range=limits.x, **hidden)
    figure.update_yaxes(range=limits.y, scaleanchor="x", scaleratio=1, **hidden)
    figure.update_layout(
        height=HEIGHT, margin={"l": 0, "r": 0, "t": 30, "b": 0}, legend={"orientation": "h", "y": 1.08, "x": 0},
    )  # fmt: skip
    return figure
