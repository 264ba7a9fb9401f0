"""The paper's figures on other data: scatters, lines with a band, and bars, drawn by Matplotlib for print."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

import enigma
from enigma.figures.shared import palette

# In inches: a panel of a scatter or of lines, and what is around it.
WIDTH, HEIGHT = 3.5, 2.9
COLORS = (palette.ACCENT, palette.FAILURE, palette.SUCCESS, *palette.CLASS_COLORS)
MARKERS = "osD^vPX*"


@dataclass(frozen=True)
class Cloud:
    """Points or a line.

    Attributes:
        label: in the legend; empty for none.
        shade: a value for each point that colours it; empty for one colour.
        spread: half the width of a band about a line; empty for none.
        is_line: in a scatter, drawn as a line all the same.
    """

    label: str
    x: np.ndarray
    y: np.ndarray
    shade: np.ndarray = field(default_factory=lambda: np.empty(0))
    spread: np.ndarray = field(default_factory=lambda: np.empty(0))
    is_line: bool = False


@dataclass(frozen=True)
class Panel:
    """One pair of axes: its title, what the axes are, what is on them, and what a band about a line means."""

    title: str
    x: str
    y: str
    clouds: tuple[Cloud, ...]
    band: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar; `mark` is the paper's value, `reach` how far it goes in the worst case. NaN for neither."""

    label: str
    value: float
    reach: float = float("nan")
    mark: float = float("nan")


def scatter(panels: Sequence[Panel], shade_title: str = "") -> Figure:
    """Panels of points side by side; `shade_title` names what colours points that have a shade."""
    figure, axes = _figure(len(panels))
    for panel, each in zip(panels, axes, strict=True):
        _frame(each, panel)
        for index, cloud in enumerate(panel.clouds):
            if cloud.is_line:
                each.plot(cloud.x, cloud.y, color=palette.INK, linewidth=1.4, label=cloud.label or None)
            elif len(cloud.shade):
                scale = LinearSegmentedColormap.from_list("shade", palette.SCALE)
                each.scatter(cloud.x, cloud.y, s=22, c=cloud.shade, cmap=scale, linewidths=0)
                bar = figure.colorbar(
                    ScalarMappable(Normalize(cloud.shade.min(), cloud.shade.max()), scale), ax=each, pad=0.02
                )
                bar.set_label(shade_title, fontsize=8, color=palette.MUTED)
                bar.ax.tick_params(labelsize=7.5, labelcolor=palette.MUTED, length=0)
                bar.outline.set_visible(False)
            else:
                each.scatter(
                    cloud.x, cloud.y, s=20, color=COLORS[index], marker=MARKERS[index % len(MARKERS)], alpha=0.75,
                    linewidths=0, label=cloud.label or None,
                )  # fmt: skip
        _legend(each, panel)
    return figure


def lines(panels: Sequence[Panel]) -> Figure:
    """Panels of lines, with a band where a cloud has a spread."""
    figure, axes = _figure(len(panels))
    for panel, each in zip(panels, axes, strict=True):
        _frame(each, panel)
        for index, cloud in enumerate(panel.clouds):
            color, few = COLORS[index % len(COLORS)], len(cloud.x) <= 40
            if len(cloud.spread):
                low, high = cloud.y - cloud.spread, cloud.y + cloud.spread
                each.fill_between(cloud.x, low, high, color=color, alpha=0.15, linewidth=0)
            each.plot(
                cloud.x, cloud.y, color=color, linewidth=1.5, marker=MARKERS[index % len(MARKERS)] if few else "",
                markersize=3.5, markeredgewidth=0, label=cloud.label or None,
            )  # fmt: skip
        _legend(each, panel)
    return figure


def bars(shown: Sequence[Bar], unit: str, mark: str = "the paper", reach: str = "worst") -> Figure:
    """Horizontal bars, the value beside each name; thin lines reach to the worst, diamonds are the paper's."""
    figure = Figure(figsize=(6.4, 1.1 + 0.3 * len(shown)), facecolor=palette.PAPER, layout="constrained")
    axes = figure.add_subplot()
    places = np.arange(len(shown))[::-1]
    values, reaches = np.array([bar.value for bar in shown]), np.array([bar.reach for bar in shown])
    marks = np.array([bar.mark for bar in shown])
    axes.barh(places, values, color=palette.ACCENT, height=0.55, label="here")
    if np.isfinite(reaches).any():
        axes.hlines(places, values, reaches, color=palette.NEUTRAL, linewidth=1.2, label=f"here, {reach}")
    if np.isfinite(marks).any():
        edge = {"edgecolors": palette.PAPER, "linewidths": 0.8}
        axes.scatter(marks, places, s=42, marker="D", color=palette.FAILURE, zorder=4, label=mark, **edge)
    # Beside the name, where no bar, line or diamond can cover it.
    names = [bar.label.replace("$", r"\$") for bar in shown]
    axes.set_yticks(places, [f"{name}   $\\mathbf{{{bar.value:.1f}}}$" for name, bar in zip(names, shown, strict=True)])
    axes.set_xlim(left=0)
    _style(axes)
    axes.set_xlabel(unit, fontsize=8.5, color=palette.MUTED)
    figure.legend(fontsize=7.5, frameon=False, labelcolor=palette.INK, loc="outside upper right", ncols=3)
    _origin(figure)
    return figure


def clusters(panels: Sequence[Panel], columns: int, stars: Sequence[np.ndarray], star: str) -> Figure:
    """Points in class colours, a cloud a class, with a star for each class, on axes without ticks.

    Args:
        star: what a star is, for the legend that all panels share.
    """
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(2.7 * columns, 2.6 * rows + 0.2), facecolor=palette.PAPER, layout="constrained")
    for index, (panel, means) in enumerate(zip(panels, stars, strict=True)):
        axes = figure.add_subplot(rows, columns, index + 1)
        colors = palette.class_colors(len(panel.clouds))
        for color, cloud, mean in zip(colors, panel.clouds, means, strict=True):
            axes.scatter(cloud.x, cloud.y, s=5, color=color, linewidths=0, alpha=0.8, rasterized=True)
            axes.scatter(*mean, s=90, marker="*", color=color, edgecolors=palette.INK, linewidths=0.8, zorder=4)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color(palette.LINE)
        axes.set_title(panel.title, loc="left", fontsize=8.5, color=palette.INK)
    clouds = panels[0].clouds
    handles = [
        Line2D([], [], linestyle="", marker="o", markersize=4.5, markeredgewidth=0, color=color, label=cloud.label)
        for color, cloud in zip(palette.class_colors(len(clouds)), clouds, strict=True)
    ]
    white = {"markerfacecolor": palette.PAPER, "markeredgecolor": palette.INK, "markeredgewidth": 0.8}
    handles.append(Line2D([], [], linestyle="", marker="*", markersize=9, label=star, **white))
    figure.legend(
        handles=handles, fontsize=7.5, frameon=False, labelcolor=palette.INK, loc="outside upper center", ncols=4,
        handletextpad=0.2, columnspacing=1.2,
    )  # fmt: skip
    _origin(figure)
    return figure


def _figure(count: int) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(WIDTH * count + 0.4, HEIGHT), facecolor=palette.PAPER, layout="constrained")
    _origin(figure)
    return figure, [figure.add_subplot(1, count, index + 1) for index in range(count)]


def _frame(axes: Axes, panel: Panel) -> None:
    axes.set_title(panel.title, loc="left", fontsize=9.5, fontweight="bold", color=palette.INK, pad=5)
    axes.set_xlabel(panel.x, fontsize=8.5, color=palette.MUTED)
    axes.set_ylabel(panel.y, fontsize=8.5, color=palette.MUTED)
    _style(axes)


def _style(axes: Axes) -> None:
    axes.tick_params(length=0, labelsize=8, labelcolor=palette.INK)
    axes.grid(color=palette.LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)


def _legend(axes: Axes, panel: Panel) -> None:
    handles, _ = axes.get_legend_handles_labels()
    if panel.band:
        handles.append(Patch(color=palette.NEUTRAL, alpha=0.3, linewidth=0, label=f"band: {panel.band}"))
    if handles:
        axes.legend(handles=handles, fontsize=7.5, frameon=False, labelcolor=palette.INK, handlelength=1.6)


def _origin(figure: Figure) -> None:
    figure.supxlabel(f"Entropy Enigma {enigma.__version__}", fontsize=6, color=palette.MUTED, x=0.01, ha="left")
