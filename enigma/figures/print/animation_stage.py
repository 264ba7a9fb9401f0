"""What an animation shows: a figure of 16 to 9 whose moving parts are drawn anew for every picture."""

import math
from collections.abc import Iterator

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from enigma.analysis.trajectory import Trajectory
from enigma.figures.print import classes, scatter
from enigma.figures.shared import curves, palette
from enigma.figures.shared import groups as content

# In inches; at 90 dots an inch a GIF is 720 by 404 pixels, at 160 a film is 1280 by 720.
SIZE = (8.0, 4.5)
PANEL = (0.2, 0.62, 4.75, 3.3)
SHOWN = ("accuracy", "entropy", "shift_distance")
CURVE_LEFT, CURVE_WIDTH, CURVE_HEIGHT, CURVE_STRIDE, CURVE_TOP = 5.5, 2.28, 0.74, 1.13, 3.72
MOST_NAMES = 12
LOOK = classes.Look(7.5)


class Stage:
    """The figure, its still background, and the parts that move.

    Draw the figure once without the moving parts, then `at(time)` draws over it.
    """

    def __init__(self, trajectory: Trajectory, color: str, heading: str = "") -> None:
        self.trajectory, self.color = trajectory, color
        self.heading = heading or content.short(trajectory.title, 60)
        self.figure = Figure(figsize=SIZE, facecolor=palette.PAPER)
        self.panel = self._projection()
        self.curves = [curves.curve(trajectory, name) for name in curves.curve_names(trajectory, SHOWN)]
        self.axes = [self._curve(index, curve) for index, curve in enumerate(self.curves)]
        self._legend()
        self._words()
        self.still = classes.draw_still(self.panel, trajectory, LOOK)
        self.cursors = [self._cursor(axes) for axes in self.axes]
        self.readout = self._text(0.2, 4.0, "", fontsize=11, color=palette.INK)
        for artist in (*self.still, self.readout, *(part for cursor in self.cursors for part in cursor)):
            artist.set_animated(True)

    def at(self, time: float) -> Iterator[Artist]:
        """The moving parts at a time between the frames; numbers and colours are those of the nearest frame."""
        low = min(int(time), len(self.trajectory.steps) - 1)
        high, share = min(low + 1, len(self.trajectory.steps) - 1), time - low
        places = self.trajectory.projection.probes
        yield from self._points((1 - share) * places[low] + share * places[high], round(time))
        steps = curves.positions(self.trajectory)
        place = float((1 - share) * steps[low] + share * steps[high])
        for (line, dot), curve in zip(self.cursors, self.curves, strict=True):
            value = float((1 - share) * curve.values[low] + share * curve.values[high])
            line.set_xdata([place, place])
            dot.set_data([place], [value])
            yield from (line, dot)
        yield self._read(round(time))

    def _read(self, frame: int) -> Text:
        accuracy, phase = 100 * float(self.trajectory.metrics["accuracy"][frame]), self.trajectory.course.phase(frame)
        known = f" · accuracy {accuracy:.1f} %" if math.isfinite(accuracy) else ""
        phases = f" · phase {phase}" if phase else ""
        self.readout.set_text(f"step {self.trajectory.steps[frame]}{known}{phases}")
        return self.readout

    def _points(self, places: np.ndarray, frame: int) -> Iterator[Artist]:
        size = 12.0 if len(places) <= 1500 else 5.0
        drawn = (
            scatter.draw_shaded(self.panel, places, content.shade(self.trajectory, frame, self.color), size)
            if self.color in content.CONTINUOUS
            else scatter.draw_groups(self.panel, places, content.groups(self.trajectory, frame, self.color), size)
        )
        if drawn is not None:
            yield drawn
            drawn.remove()
        for arrow in classes.draw_arrows(self.panel, self.trajectory, places, frame, LOOK):
            yield arrow
            arrow.remove()
        yield from self.still

    def _box(self, left: float, bottom: float, width: float, height: float) -> tuple[float, float, float, float]:
        return left / SIZE[0], bottom / SIZE[1], width / SIZE[0], height / SIZE[1]

    def _projection(self) -> Axes:
        axes = self.figure.add_axes(self._box(*PANEL))
        limits = content.limits(self.trajectory).widened(PANEL[2] / PANEL[3])
        axes.set(xlim=limits.x, ylim=limits.y, xticks=[], yticks=[])
        axes.spines[:].set_color(palette.LINE)
        classes.draw_training(axes, self.trajectory, LOOK, 3.0)
        return axes

    def _curve(self, index: int, curve: curves.Curve) -> Axes:
        bottom = CURVE_TOP - CURVE_HEIGHT - index * CURVE_STRIDE
        axes = self.figure.add_axes(self._box(CURVE_LEFT, bottom, CURVE_WIDTH, CURVE_HEIGHT))
        for phase, (start, end) in curves.phases(self.trajectory).items():
            axes.axvspan(start, end, color=curves.PHASE_TINTS[phase], linewidth=0)
        axes.plot(curves.positions(self.trajectory), curve.values, color=palette.ACCENT, linewidth=1.5)
        axes.set(xlim=curves.axis_range(self.trajectory), ylim=(curve.low, curve.high))
        axes.set_title(curve.title, loc="left", fontsize=8, fontweight="bold", color=palette.INK, pad=3)
        ticks, labels = curves.value_ticks(curve), curves.ticks(int(self.trajectory.steps[-1]))
        axes.set_yticks(ticks, curves.tick_labels(ticks))
        is_last = index == len(self.curves) - 1
        axes.set_xticks(
            [curves.position(label) for label in labels], [str(label) if is_last else "" for label in labels]
        )
        axes.tick_params(length=2, color=palette.NEUTRAL, labelsize=7, labelcolor=palette.MUTED)
        axes.tick_params(axis="y", length=0)
        axes.spines[:].set_visible(False)
        if is_last:
            axes.set_xlabel("adaptation step", fontsize=7, color=palette.MUTED, labelpad=2)
        return axes

    def _cursor(self, axes: Axes) -> tuple[Line2D, Line2D]:
        """A line at the step and a dot on the curve."""
        edge = {"markeredgecolor": palette.PAPER, "markeredgewidth": 0.8}
        line = axes.axvline(0, color=palette.INK, linewidth=0.9)
        return line, axes.plot([], [], "o", color=palette.INK, markersize=5, clip_on=False, **edge)[0]

    def _legend(self) -> None:
        if self.color in content.CONTINUOUS:
            shade = content.shade(self.trajectory, 0, self.color)
            bar = self.figure.add_axes(self._box(1.35, 0.4, 1.8, 0.1), label="scale")
            bar.imshow([list(range(256))], aspect="auto", cmap=scatter.color_map(shade))
            bar.set_axis_off()
            self._text(0.2, 0.45, f"{shade.title}  {shade.low:g}", fontsize=7.5, color=palette.INK, va="center")
            self._text(3.22, 0.45, f"{shade.high:.3g}", fontsize=7.5, color=palette.INK, va="center")
            return
        groups = content.groups(self.trajectory, 0, self.color)
        if len(groups) > MOST_NAMES:
            return
        scatter.legend(
            self.figure,
            handles=[scatter.handle(group.name, group.shape, group.color, 4.5) for group in groups],
            ncols=math.ceil(len(groups) / 2) if len(groups) > 5 else len(groups),
            loc="upper left",
            bbox_to_anchor=(0.2 / SIZE[0], 0.57 / SIZE[1]),
            fontsize=7.5,
            handletextpad=0.1,
            handlelength=1.4,
            columnspacing=1.0,
            labelspacing=0.25,
            borderpad=0,
            borderaxespad=0,
        )

    def _words(self) -> None:
        self._text(0.2, 4.23, self.heading, fontsize=12, fontweight="bold", color=palette.INK)
        origin = f"run {content.printable(self.trajectory.run_id)} · Entropy Enigma · straight lines between frames"
        self._text(SIZE[0] - 0.2, 0.1, origin, fontsize=6, color=palette.MUTED, ha="right")

    def _text(self, x: float, y: float, text: str, **style: object) -> Text:
        return self.figure.text(x / SIZE[0], y / SIZE[1], text, parse_math=False, **style)
