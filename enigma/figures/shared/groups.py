"""What a figure shows, before either library draws it: groups of points, texts, ranges.

The screen and the paper figures both read from here, so that they cannot disagree.
"""

import html
import textwrap
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from enigma.analysis.projection.doubt import doubt
from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared import palette
from enigma.spec.errors import InputError

LONGEST_NAME = 28
LONGEST_LINE = 96
CONTINUOUS = ("entropy", "confidence", "distance", "doubt")
# A second channel beside the colour of a class; more classes than shapes begin again.
CLASS_SHAPES = (
    "disc",
    "square",
    "triangle",
    "diamond",
    "triangle-down",
    "plus",
    "ex",
    "triangle-left",
    "triangle-right",
    "hexagon",
)


@dataclass(frozen=True)
class Group:
    """Test points that are drawn alike; `shape` is ring, cross or one of `CLASS_SHAPES`."""

    name: str
    color: str
    shape: str
    members: Bool[np.ndarray, " probes"]


@dataclass(frozen=True)
class Shade:
    """A continuous value that colours the test points; `colors` go from `low` to `high`."""

    title: str
    values: Float[np.ndarray, " probes"]
    low: float
    high: float
    colors: tuple[str, ...]


@dataclass(frozen=True)
class Limits:
    """What both axes of the projection cover, the same for every frame."""

    x: tuple[float, float]
    y: tuple[float, float]

    def widened(self, aspect: float) -> "Limits":
        """The smallest limits of this width-to-height ratio around these, with the same centre."""
        width, height = self.x[1] - self.x[0], self.y[1] - self.y[0]
        return Limits(_around(self.x, max(width, height * aspect)), _around(self.y, max(height, width / aspect)))


def check_color(color: str) -> None:
    """Raises `InputError` unless points can be coloured by `color`."""
    if color not in palette.COLORS:
        raise InputError(f"Expected a color among {', '.join(palette.COLORS)} but got {color!r}.")


def groups(trajectory: Trajectory, frame: int, color: str) -> list[Group]:
    """The test points sorted into groups; a class without points keeps its place in the legend."""
    labels, predictions = trajectory.labels, trajectory.predictions[frame]
    known, right = labels >= 0, predictions == labels
    if color == "correctness":
        found = [
            Group("correct", palette.SUCCESS, "disc", known & right),
            Group("wrong", palette.FAILURE, "cross", known & ~right),
            Group("unknown", palette.MUTED, "ring", ~known),
        ]
        return found if not known.all() else found[:2]
    if color == "flipped":
        flipped = predictions != trajectory.predictions[0]
        return [
            Group("unchanged", palette.NEUTRAL, "ring", ~flipped),
            Group("flipped, now correct", palette.SUCCESS, "disc", flipped & right),
            Group("flipped, now wrong", palette.FAILURE, "cross", flipped & ~right),
        ]
    return _class_groups(trajectory, labels if color == "label" else predictions)


def _class_groups(trajectory: Trajectory, classes: np.ndarray) -> list[Group]:
    colors = palette.class_colors(len(trajectory.classes))
    found = [
        Group(short(name), tint, CLASS_SHAPES[index % len(CLASS_SHAPES)], classes == index)
        for index, (name, tint) in enumerate(zip(trajectory.classes, colors, strict=True))
    ]
    if (classes < 0).any():
        found.append(Group("unknown", palette.MUTED, "ring", classes < 0))
    return found


def shade(trajectory: Trajectory, frame: int, color: str) -> Shade:
    """The value that colours the test points; its range is the same for every frame."""
    if color == "confidence":
        values = trajectory.confidences[frame].astype(np.float64) * 100
        return Shade("Confidence, %", values, 0.0, 100.0, palette.SCALE[::-1])
    if color == "doubt":
        most = palette.MOST_DOUBT
        return Shade("Drawn/true, log2", doubt(trajectory)[frame], -most, most, palette.DOUBT_SCALE)
    title, values = {
        "entropy": ("Entropy, nats", trajectory.entropies),
        "distance": ("Distance to class mean", trajectory.distances),
    }[color]
    highest = float(values[np.isfinite(values)].max(initial=0.0)) or 1.0
    return Shade(title, values[frame].astype(np.float64), 0.0, highest, palette.SCALE)


def limits(trajectory: Trajectory) -> Limits:
    """A twentieth of margin around every point of every frame."""
    projection = trajectory.projection
    points = np.concatenate([projection.probes.reshape(-1, 2), projection.references, projection.means])
    points = points[np.isfinite(points).all(axis=1)].astype(np.float64)
    if not len(points):
        return Limits((-1.0, 1.0), (-1.0, 1.0))
    low, high = points.min(axis=0), points.max(axis=0)
    # A run whose points all lie on one spot or line still needs an axis of some length.
    margin = 0.05 * float((high - low).max() or 1.0)
    (left, bottom), (right, top) = (low - margin).tolist(), (high + margin).tolist()
    return Limits((left, right), (bottom, top))


def _around(interval: tuple[float, float], length: float) -> tuple[float, float]:
    middle = (interval[0] + interval[1]) / 2
    return middle - length / 2, middle + length / 2


def heading(trajectory: Trajectory, step: int) -> str:
    """'Tent · Gaussian noise 3 · step 54': the step is that of the frame that is shown."""
    return f"{short(trajectory.title, 48)} · step {shown_step(trajectory, step)}"


def shown_step(trajectory: Trajectory, step: int) -> int:
    """The step of the last frame at or before `step`."""
    return int(trajectory.steps[trajectory.frame_at(step)])


def subtitle(trajectory: Trajectory) -> str:
    """How the projection was made and how far it can be trusted."""
    return f"{printable(trajectory.projection.title)} · {trajectory.faithfulness.words}"


def warning(trajectory: Trajectory) -> list[str]:
    """What must be known of the projection before it is believed, in lines that fit below the subtitle."""
    return textwrap.wrap(printable(trajectory.projection.warning), LONGEST_LINE)


def class_name(trajectory: Trajectory, index: int) -> str:
    """Name of a class; -1 is unknown."""
    return printable(trajectory.classes[index]) if index >= 0 else "unknown"


def printable(text: str) -> str:
    """Text on one line without control characters, which no format of a figure can hold."""
    return "".join(character if character.isprintable() else " " for character in text)


def short(text: str, length: int = LONGEST_NAME) -> str:
    """Text cut to what a legend has room for.

    >>> short("a class with an endless name", 7)
    'a clas…'
    """
    text = printable(text)
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def for_plotly(text: str) -> str:
    """Text that Plotly shows as it is: no tags, no TeX, no templates.

    >>> for_plotly("<b> $x$ %{y}")
    '&#60;b&#62; &#36;x&#36; &#37;{y}'
    """
    special = {ord(character): f"&#{ord(character)};" for character in "&<>$%"}
    return text.translate(special)


def for_html(text: str) -> str:
    """Text inside an HTML element or a quoted attribute."""
    return html.escape(text, quote=True)
