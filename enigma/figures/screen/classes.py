"""What is drawn once a class, as on the page.

The cloud of its training images, its mean as a cross, an arrow from there to the centroid of its test images, and its
name; in true distances a scale bar.
"""

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from plotly.colors import hex_to_rgb

from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared import classes, groups, palette
from enigma.figures.shared.groups import Limits, for_plotly

# Of the class's colour, outermost first: each band lies over those before it.
_TINTS = (0.15, 0.13, 0.13)
# In pixels; a letter of a bold name is about so wide for its height.
_NAME, _LETTER, _SMALLEST = 12, 0.62, 9
# With more classes all that is drawn for each is finer.
_FEW = 20


def draw_training(figure: go.Figure, trajectory: Trajectory) -> None:
    """Where the training images are: clouds in the colours of their classes, and small points."""
    colors = palette.class_colors(len(trajectory.classes))
    for cloud, color in zip(classes.clouds(trajectory), colors, strict=True):
        for band, tint in zip(classes.bands(cloud) if cloud else (), _TINTS, strict=False):
            fill = f"rgba{(*hex_to_rgb(color), tint)}"
            figure.add_shape(type="path", path=_path(band), fillcolor=fill, line_width=0, layer="below")
    # Label -1, of an image whose class nobody knows, is the last colour.
    tints = np.array([*colors, palette.NEUTRAL])[trajectory.reference_labels]
    points = {"mode": "markers", "hoverinfo": "skip", "name": "training", "legendgroup": "training"}
    places = trajectory.projection.references
    figure.add_scatter(
        x=places[:, 0], y=places[:, 1], marker={"color": tints, "size": 4, "opacity": 0.47}, showlegend=False, **points
    )
    # The legend would show the colour of the first image.
    sample = {"color": palette.NEUTRAL, "size": 4, "opacity": 0.6}
    figure.add_scatter(x=[np.nan], y=[np.nan], marker=sample, legendrank=1900, **points)


def draw_classes(figure: go.Figure, trajectory: Trajectory, frame: int, limits: Limits, unit: float) -> None:
    """All that lies over the test points at one frame.

    Args:
        figure: with everything below.
        trajectory: the run.
        frame: which one.
        limits: what the picture shows.
        unit: how much of the plane a pixel is.
    """
    few = len(trajectory.classes) <= _FEW
    _draw_arrows(figure, trajectory, frame, few)
    means, count = trajectory.projection.means, len(trajectory.classes)
    figure.add_scatter(
        x=means[:, 0], y=means[:, 1], mode="markers", name="class mean", legendrank=2000,
        marker={"symbol": "cross-thin", "size": 11 if few else 7, "line": {"color": palette.INK, "width": 1.6}},
        text=[for_plotly(groups.class_name(trajectory, index)) for index in range(count)],
        hovertemplate="mean of <b>%{text}</b> in training<extra></extra>",
    )  # fmt: skip
    _draw_names(figure, trajectory, limits, unit, _NAME if few else _SMALLEST)
    if np.isfinite(trajectory.projection.scale):
        _draw_scale_bar(figure, trajectory.projection.scale, limits, unit)


def _path(band: list[Float[np.ndarray, "_ 2"]]) -> str:
    """The outlines of one band, holes among them, in the language of SVG."""
    return " ".join("M" + "L".join(f"{x:.4g},{y:.4g}" for x, y in outline) + "Z" for outline in band)


def _draw_arrows(figure: go.Figure, trajectory: Trajectory, frame: int, few: bool) -> None:
    """From each class mean to the centroid of the class's test images."""
    means, count = trajectory.projection.means, len(trajectory.classes)
    ends = classes.centroids(trajectory.projection.probes[frame], trajectory.distance_classes[frame], count)
    gap = np.full_like(ends, np.nan)
    # One line: there, here, and a gap before the next.
    x, y = np.stack([means, ends, gap], axis=1).reshape(-1, 2).T
    figure.add_scatter(
        x=x, y=y, mode="lines+markers", name="mean to test centroid", legendrank=2001, hoverinfo="skip",
        line={"color": palette.INK, "width": 1.6 if few else 1.0},
        marker={
            "symbol": "arrow", "angleref": "previous", "size": [0, 9 if few else 6, 0] * count, "color": palette.INK,
            "opacity": 1, "line": {"width": 0},
        },
    )  # fmt: skip


def _draw_names(figure: go.Figure, trajectory: Trajectory, limits: Limits, unit: float, size: int) -> None:
    words, colors = [groups.short(name) for name in trajectory.classes], palette.class_colors(len(trajectory.classes))
    sizes = unit * size * np.array([(_LETTER * len(word) + 0.4, 1.3) for word in words])
    for name in classes.names(trajectory, sizes, limits):
        figure.add_annotation(
            x=name.x, y=name.y, text=f"<b>{for_plotly(words[name.index])}</b>", showarrow=False,
            font={"size": size, "color": _readable(colors[name.index])},
        )  # fmt: skip


def _readable(color: str) -> str:
    """The colour of a class for words: half way to the ink."""
    shade = 0.55 * np.array(hex_to_rgb(color)) + 0.45 * np.array(hex_to_rgb(palette.INK))
    return f"rgb{tuple(shade.round().astype(int).tolist())}"


def _draw_scale_bar(figure: go.Figure, scale: float, limits: Limits, unit: float) -> None:
    """A line in the lower left corner as long as a round distance in embedding space."""
    distance, length = classes.scale_bar(scale, 0.24 * (limits.x[1] - limits.x[0]))
    x, y, tick = limits.x[0] + 12 * unit, limits.y[0] + 12 * unit, 5 * unit
    corners = [(x, y + tick), (x, y), (x + length, y), (x + length, y + tick)]
    bar = "M" + "L".join(f"{across:.5g},{up:.5g}" for across, up in corners)
    figure.add_shape(type="path", path=bar, line={"color": palette.INK, "width": 1.4})
    figure.add_annotation(
        x=x + tick, y=y + tick, text=f"distance {distance:g}", showarrow=False, xanchor="left", yanchor="bottom",
        font={"size": 11, "color": palette.INK},
    )  # fmt: skip
