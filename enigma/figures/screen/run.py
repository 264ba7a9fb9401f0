"""Interactive figures, drawn by Plotly."""

import numpy as np
import plotly.graph_objects as go

from enigma.analysis.trajectory import Trajectory
from enigma.figures.screen import classes
from enigma.figures.screen.run_curves import curves_figure
from enigma.figures.screen.style import style
from enigma.figures.shared import groups
from enigma.figures.shared.groups import for_plotly

__all__ = ["curves_figure", "projection_figure"]

SYMBOLS = {
    "disc": "circle",
    "square": "square",
    "triangle": "triangle-up",
    "diamond": "diamond",
    "triangle-down": "triangle-down",
    "plus": "cross",
    "ex": "x",
    "triangle-left": "triangle-left",
    "triangle-right": "triangle-right",
    "hexagon": "hexagon",
    "ring": "circle-open",
    "cross": "x-thin-open",
}
OPEN = ("ring", "cross")
_HEIGHT, _BOTTOM = 640, 20
HOVER = (
    "true <b>%{customdata[0]}</b><br>predicted <b>%{customdata[1]}</b><br>"
    "entropy %{customdata[2]:.3f} nats<br>confidence %{customdata[3]:.1f} %<extra>image %{customdata[4]}</extra>"
)


def projection_figure(trajectory: Trajectory, step: int, color: str) -> go.Figure:
    """The test points of one frame over the training points, on axes that are the same for every frame.

    Args:
        trajectory: the run to show.
        step: the step to show; between frames, the last frame at or before it.
        color: one of `palette.COLORS`.

    Raises:
        InputError: `color` is unknown.
    """
    groups.check_color(color)
    frame = trajectory.frame_at(step)
    figure, limits = go.Figure(), groups.limits(trajectory)
    classes.draw_training(figure, trajectory)
    figure.add_traces(_probes(trajectory, frame, color))
    hidden = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": ""}
    figure.update_xaxes(range=limits.x, **hidden)
    figure.update_yaxes(range=limits.y, scaleanchor="x", scaleratio=1, **hidden)
    lines = [groups.subtitle(trajectory), *groups.warning(trajectory)]
    top = 76 + 16 * len(lines)
    unit = (limits.y[1] - limits.y[0]) / (_HEIGHT - top - _BOTTOM)
    classes.draw_classes(figure, trajectory, frame, limits, unit)
    style(figure, groups.heading(trajectory, step), "<br>".join(map(for_plotly, lines)))
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 24, "r": 16, "t": top, "b": _BOTTOM},
        legend={"itemsizing": "constant", "tracegroupgap": 0, "y": 1, "yanchor": "top"},
    )
    return figure


def _probes(trajectory: Trajectory, frame: int, color: str) -> list[go.Scatter]:
    hover = _hover_data(trajectory, frame)
    if color in groups.CONTINUOUS:
        shade = groups.shade(trajectory, frame, color)
        bar = {"title": {"text": shade.title, "side": "top"}, "thickness": 12, "len": 0.6, "y": 0, "yanchor": "bottom"}
        marker = {
            "color": shade.values,
            "cmin": shade.low,
            "cmax": shade.high,
            "colorscale": list(shade.colors),
            "colorbar": bar | {"outlinewidth": 0},
        }
        everyone = np.ones(len(trajectory.labels), dtype=bool)
        return [
            _points(
                trajectory, frame, everyone, hover, name="test", showlegend=False, marker=marker | _dots(len(everyone))
            )
        ]
    traces = []
    for group in groups.groups(trajectory, frame, color):
        marker = {"color": group.color, "symbol": SYMBOLS[group.shape], **_dots(len(group.members))}
        if group.shape in OPEN:
            marker |= {"line": {"color": group.color, "width": 1.3}}
        traces.append(_points(trajectory, frame, group.members, hover, name=for_plotly(group.name), marker=marker))
    return traces


def _points(
    trajectory: Trajectory, frame: int, members: np.ndarray, hover: np.ndarray, **options: object
) -> go.Scatter:
    points = trajectory.projection.probes[frame][members]
    # Plotly drops a trace without points from the legend, and the legend must not jump between frames.
    if not len(points):
        points = np.full((1, 2), np.nan, dtype=np.float32)
    return go.Scatter(
        x=points[:, 0], y=points[:, 1], mode="markers", customdata=hover[members], hovertemplate=HOVER, **options
    )


def _dots(count: int) -> dict[str, float]:
    return {"size": 6.5 if count <= 1500 else 4.5, "opacity": 0.9}


def _hover_data(trajectory: Trajectory, frame: int) -> np.ndarray:
    names = [for_plotly(groups.class_name(trajectory, index)) for index in (*range(len(trajectory.classes)), -1)]
    count = len(trajectory.labels)
    rows = np.empty((count, 5), dtype=object)
    rows[:, 0] = [names[label] for label in trajectory.labels]
    rows[:, 1] = [names[prediction] for prediction in trajectory.predictions[frame]]
    rows[:, 2] = trajectory.entropies[frame].tolist()
    rows[:, 3] = (100 * trajectory.confidences[frame]).tolist()
    rows[:, 4] = range(count)
    return rows
