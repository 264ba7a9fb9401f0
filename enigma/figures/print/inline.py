"""Small pictures for running text, as SVG without paper: lines and words take the colour of the text around them.

Words stay words, so that a browser sets them in the font of the page; points are pixels, at more than twice the size at
which they are shown, because a thousand shapes are slow.
"""

import html
import io
import re
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from enigma.analysis.metrics.registry import METRICS, written
from enigma.analysis.phases.measured import Phases
from enigma.analysis.trajectory import Trajectory
from enigma.figures.print import classes, saving
from enigma.figures.print.scatter import draw_groups
from enigma.figures.shared import curves, groups, palette
from enigma.store.thumbnails import tiles

# Replaced by the colour of the text; no other part of a picture may have it.
_INK = "#010203"
_LINE, _OTHER = palette.ANYWHERE["accent"], palette.ANYWHERE["failure"]
_SIZE = (4.6, 3.3)
_PANEL = (3.3, 1.7)
_POINTS_PER_INCH = 165
_FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"


def projection(trajectory: Trajectory, step: int, color: str, alt: str) -> str:
    """The test points of one frame over the training points, as on the Watch page.

    Args:
        trajectory: the run.
        step: the step to show.
        color: one of `palette.COLORS`.
        alt: what the picture shows, in words.

    Raises:
        InputError: `color` is unknown.
    """
    groups.check_color(color)
    figure, frame = Figure(figsize=_SIZE), trajectory.frame_at(step)
    axes = figure.add_axes((0, 0, 1, 1))
    limits = groups.limits(trajectory).widened(_SIZE[0] / _SIZE[1])
    axes.set(xlim=limits.x, ylim=limits.y, aspect="equal")
    axes.axis("off")
    look = classes.Look(8.0, _INK, "none")
    classes.draw_training(axes, trajectory, look, 5.0, rasterized=True)
    points = trajectory.projection.probes[frame]
    if color in groups.CONTINUOUS:
        shade = groups.shade(trajectory, frame, color)
        scale = LinearSegmentedColormap.from_list("certainty", shade.colors)
        span = {"vmin": shade.low, "vmax": shade.high}
        axes.scatter(*points.T, s=9, c=shade.values, cmap=scale, linewidths=0, rasterized=True, **span)
    else:
        drawn = draw_groups(axes, points, groups.groups(trajectory, frame, color), 9.0)
        if drawn is not None:
            drawn.set(rasterized=True)
    classes.draw_classes(axes, trajectory, frame, look)
    return _svg(figure, alt)


def over_steps(trajectory: Trajectory, names: tuple[str, ...], marked: Mapping[int, str], alt: str) -> str:
    """One or two metrics over the steps, one above the other, with the phases behind them and steps marked.

    Args:
        trajectory: the run.
        names: metrics, from top to bottom.
        marked: words for a mark at a recorded step.
        alt: what the picture shows, in words.

    Raises:
        InputError: a name is not a metric.
    """
    figure = Figure(figsize=_SIZE)
    height = 0.86 / len(names)
    for row, name in enumerate(names):
        bottom = 0.11 + (len(names) - 1 - row) * (height + 0.01)
        axes = figure.add_axes((0.1, bottom, 0.85, height - 0.1))
        _draw_curve(axes, trajectory, curves.curve(trajectory, name), marked)
        if row == len(names) - 1:
            steps = curves.ticks(int(trajectory.steps[-1]))
            axes.set_xticks([curves.position(step) for step in steps], [str(step) for step in steps])
            axes.set_xlabel("step, on a logarithmic axis", fontsize=9, color=_INK, labelpad=1)
    return _svg(figure, alt)


def _draw_curve(axes: Axes, trajectory: Trajectory, curve: curves.Curve, marked: Mapping[int, str]) -> None:
    for phase, (start, end) in curves.phases(trajectory).items():
        axes.axvspan(start, end, color=curves.PHASE_COLORS[phase], alpha=0.13, linewidth=0)
    finite = curve.values[np.isfinite(curve.values)]
    spread = float(np.ptp(finite)) or 1.0
    bottom, top = float(finite.min()) - 0.15 * spread, float(finite.max()) + 0.32 * spread
    axes.plot(curves.positions(trajectory), curve.values, color=_LINE, linewidth=2.2)
    for step, words in marked.items():
        place, value = curves.position(step), float(curve.values[trajectory.frame_at(step)])
        axes.axvline(place, color=_INK, linewidth=0.8, alpha=0.6)
        axes.scatter([place], [value], s=32, color=_LINE, edgecolors=palette.PAPER, zorder=4, rasterized=True)
        at_right = place > 0.8 * curves.position(int(trajectory.steps[-1]))
        side = {"xytext": (-4, 13) if at_right else (5, 6), "ha": "right" if at_right else "left"}
        text = f"{words} {curves.number(value)}".strip()
        axes.annotate(text, (place, value), textcoords="offset points", fontsize=9.5, color=_INK, **side)
    axes.set(xlim=curves.axis_range(trajectory), ylim=(bottom, top), xticks=[])
    _plain(axes)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.set_title(curve.title, loc="left", fontsize=10, fontweight="bold", color=_INK, pad=4)


def measures(found: Phases, names: Mapping[str, str], title: str) -> str:
    """One or two measures of a run over its steps, with the phases behind them.

    Args:
        found: the run.
        names: measures of one unit, each with the word for its line; the second line is dashed.
        title: what they are, with their unit.
    """
    figure = Figure(figsize=_PANEL)
    axes = figure.add_axes((0.1, 0.13, 0.86, 0.68))
    places = np.log1p(found.steps.astype(np.float64))
    for number, (first, last) in found.course.spans.items():
        axes.axvspan(places[first], places[last], color=curves.PHASE_COLORS[number], alpha=0.13, linewidth=0)
    factor = METRICS[next(iter(names))].factor
    for name, (color, dash) in zip(names, ((_LINE, "-"), (_OTHER, "--")), strict=False):
        values = factor * found.measures[name]
        axes.plot(places, values, dash, color=color, linewidth=2, marker="o", markersize=2.5)
    if len(names) > 1:
        # Above the panel, where no line can cross it.
        axes.legend(
            axes.lines, list(names.values()), loc="lower right", bbox_to_anchor=(1.03, 0.94), ncols=2, frameon=False,
            fontsize=8.5, labelcolor=_INK, handlelength=1.7, columnspacing=0.9, handletextpad=0.5, borderpad=0.3,
        )  # fmt: skip
    steps = curves.ticks(int(found.steps[-1]))
    axes.set_xticks([curves.position(step) for step in steps], [f"{step:,}" for step in steps])
    _plain(axes)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold", color=_INK, pad=4)
    return _svg(figure, _in_words(found, names, title))


def _in_words(found: Phases, names: Mapping[str, str], title: str) -> str:
    """The same for those who do not see it: each line at the start, between the phases and at the end."""
    frames = sorted({frame for phase in found.phases for frame in (phase.first, phase.last)})
    lines = [
        f"{word} "
        + ", ".join(f"{written(name, found.measures[name][frame])} at step {found.step(frame)}" for frame in frames)
        for name, word in names.items()
    ]
    return f"{title} over the steps: {'; '.join(line.strip() for line in lines)}."


def _plain(axes: Axes) -> None:
    axes.tick_params(length=0, labelsize=9, labelcolor=_INK)
    axes.spines[:].set_visible(False)
    axes.patch.set_visible(False)


def entropies(trajectory: Trajectory, steps: tuple[int, ...], alt: str) -> str:
    """How many probe images have which entropy, at some steps from top to bottom."""
    figure, highest = Figure(figsize=_SIZE), np.log(len(trajectory.classes))
    edges = np.linspace(0, highest, 24)
    height = 0.86 / len(steps)
    for row, step in enumerate(steps):
        axes = figure.add_axes((0.02, 0.13 + (len(steps) - 1 - row) * height, 0.96, height - 0.05))
        counts, _ = np.histogram(trajectory.entropies[trajectory.frame_at(step)], edges)
        shades = LinearSegmentedColormap.from_list("certainty", palette.SCALE)(np.linspace(0, 1, len(counts)))
        axes.bar(edges[:-1], counts, width=0.9 * np.diff(edges), align="edge", color=shades)
        axes.set(xlim=(0, highest), ylim=(0, counts.max() * 1.1), yticks=[], xticks=[])
        _plain(axes)
        axes.spines["bottom"].set(visible=True, color=_INK, alpha=0.3)
        mean = trajectory.entropies[trajectory.frame_at(step)].mean()
        axes.text(0.99, 0.82, f"step {step}: mean {mean:.2f}", transform=axes.transAxes, ha="right", va="top",
                  fontsize=9.5, color=_INK)  # fmt: skip
    ticks = [0.0, 0.5, 1.0, 1.5, 2.0]
    axes.set_xticks([t for t in ticks if t <= highest], [f"{t:g}" for t in ticks if t <= highest])
    axes.set_xlabel("entropy of a prediction, nats", fontsize=9, color=_INK, labelpad=1)
    return _svg(figure, alt)


def estimate(function: np.polynomial.Polynomial, flips: float, estimated: float, truth: float, alt: str) -> str:
    """Accuracy in percent as a function of weighted flips, with one run's estimate and its true accuracy."""
    figure = Figure(figsize=_SIZE)
    axes = figure.add_axes((0.1, 0.13, 0.87, 0.76))
    places = np.linspace(0, 500, 200)
    axes.plot(places, function(places), color=_LINE, linewidth=2.2)
    axes.vlines(flips, 0, estimated, color=_INK, linewidth=0.8, alpha=0.6)
    axes.scatter([flips], [estimated], s=42, color=_LINE, edgecolors=palette.PAPER, zorder=4, rasterized=True)
    axes.scatter([flips], [truth], s=42, marker="D", color=_OTHER, edgecolors=palette.PAPER, zorder=4, rasterized=True)
    axes.annotate(f"f({flips:.1f}) = {estimated:.1f} %", (flips, estimated), xytext=(9, 6),
                  textcoords="offset points", fontsize=9.5, color=_INK)  # fmt: skip
    axes.annotate(f"true: {truth:.1f} %", (flips, truth), xytext=(-9, -12), ha="right",
                  textcoords="offset points", fontsize=9.5, color=_INK)  # fmt: skip
    axes.set(xlim=(0, 500), ylim=(0, 80), xticks=[0, 100, 200, 300, 400, 500], yticks=[0, 20, 40, 60, 80])
    _plain(axes)
    axes.set_xlabel("weighted flips among 1,000 images", fontsize=9, color=_INK, labelpad=1)
    axes.set_title("Estimated accuracy, %", loc="left", fontsize=10, fontweight="bold", color=_INK, pad=4)
    return _svg(figure, alt)


def mosaic(trajectory: Trajectory, columns: int, rows: int) -> Image.Image:
    """The first probe images side by side, each pixel four pixels wide."""
    cut = tiles(trajectory.thumbnails, trajectory.thumbnail_columns, trajectory.thumbnail_size)
    size = trajectory.thumbnail_size
    shown = cut[: columns * rows].reshape(rows, columns, size, size, 3).swapaxes(1, 2)
    sheet = Image.fromarray(np.ascontiguousarray(shown.reshape(rows * size, columns * size, 3)))
    return sheet.resize((sheet.width * 4, sheet.height * 4), Image.Resampling.NEAREST)


def _svg(figure: Figure, alt: str) -> str:
    """The figure as one `svg` element that fills its column."""
    file = io.StringIO()
    with saving.settings(svg_fonttype="none"):
        figure.savefig(file, format="svg", transparent=True, dpi=_POINTS_PER_INCH, metadata={"Date": None})
    text = file.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
    # A hundredth of a point is finer than any screen; six digits would make clouds half as large again.
    text = re.sub(r'\bd="[^"]*"', lambda path: re.sub(r"(\.\d\d)\d+", r"\1", path[0]), text)
    text = text.replace(_INK, "currentColor").replace("'DejaVu Sans'", _FONT)
    named = f'<svg role="img" aria-label="{html.escape(alt)}" style="width:100%;height:auto;stroke-linejoin:round" '
    return re.sub(
        r'<svg [^>]*?(viewBox="[^"]*")[^>]*>', rf'{named}\1 xmlns:xlink="http://www.w3.org/1999/xlink">', text
    )
