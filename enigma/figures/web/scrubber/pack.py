"""One trajectory as one bytes object for the browser: a JSON header, compressed arrays, the pictures.

Layout, little endian:

    uint32              length of the header
    header              UTF-8 JSON: names, metrics, axes, the list of arrays, the two lengths below
    zlib stream         the arrays, one after the other, each as its byte planes: `enigma.figures.web.scrubber.body`
    WebP                the thumbnails, unchanged
    WebP                pictures of nearest training images, where there are any

A second payload may follow: the run that is shown beside the first.
"""

import json
import math
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from enigma.analysis.metrics.registry import METRICS, WATCH, shown
from enigma.analysis.phases.course import Course
from enigma.analysis.projection.names import DEFAULT
from enigma.analysis.training_neighbors import TrainingNeighbors
from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared.palette import class_colors
from enigma.figures.web.scrubber.body import COORDINATE_LEVELS, Body, pack_body
from enigma.spec.glossary import meaning
from enigma.store.thumbnails import COLUMNS, SIZE

MOST_SELECTED = 400
"""More selected images are left out of the address, which has to stay short enough to be sent by mail."""


@dataclass(frozen=True)
class View:
    """Where a person stands in a run; all of it is in the address of the page.

    Attributes:
        step: the step that is shown.
        color: what the points are coloured by, one of `enigma.figures.shared.palette.COLORS`.
        selected: indices of the selected probe images, ascending.
        zoom: "scale,x,y" with the shift in quantised coordinates, or empty for the whole picture.
        beside: what a second picture shows: the id of another run, a step of the same run, or nothing.
        projection: a key of `enigma.analysis.projection.names.TITLES`.
        alone: the index of the class that is shown alone, or empty for all.
        hidden: what the legend hides of a colouring, "label.2.5,flipped.0" say, as place.js writes it.
        without: the layers of layers.js that a first visit has and this view has not, with commas.
        axis: "linear" for even steps, or empty.
    """

    step: int = 0
    color: str = "label"
    selected: tuple[int, ...] = ()
    zoom: str = ""
    beside: str = ""
    projection: str = DEFAULT
    alone: str = ""
    hidden: str = ""
    without: str = ""
    axis: str = ""


def pack(
    trajectory: Trajectory,
    view: View,
    *,
    key: str = "",
    command: int = 0,
    started_at: int = 0,
    asked: Iterable[str] = (),
    body: Body | None = None,
    others: Sequence[tuple[str, str]] = (),
    drawn: str = "",
    projections: Sequence[tuple[str, str]] = (),
    neighbors: TrainingNeighbors | None = None,
) -> bytes:
    """The whole payload.

    Args:
        trajectory: the run to show.
        view: where to stand; the browser obeys when `command` or the run changes and stays where it is otherwise.
        key: names the view, so that the browser finds what it remembers of it.
        command: a number that grows whenever Python wants to move the browser.
        started_at: the command with which the view began anew; a browser that has not obeyed it yet takes all of it.
        asked: names of the fields of the view that the command changes; the browser keeps what it has of the others.
        body: the result of `pack_body` for this trajectory, if it is at hand.
        others: id and title of the runs that can be shown beside this one.
        drawn: the projection that was asked for and is in `trajectory`, where another may stand in for it.
        projections: name and title of those that can be chosen.
        neighbors: nearest training images of selected images, where someone has looked for them.
    """
    body = body or pack_body(trajectory)
    header = json.dumps(
        {
            **describe(trajectory),
            "view": asdict(view),
            "key": key,
            "command": command,
            "startedAt": started_at,
            "asked": list(asked),
            "others": others,
            "drawn": drawn or view.projection,
            "projections": projections,
            "axes": [body.axes.left, body.axes.bottom, body.axes.side],
            "levels": COORDINATE_LEVELS,
            "largestEntropy": body.largest_entropy,
            "smallestDistance": body.smallest_distance,
            "largestDistance": body.largest_distance,
            "arrays": body.arrays,
            "checksum": body.checksum,
            "bodyBytes": len(body.compressed),
            "images": zlib.crc32(trajectory.thumbnails),
            "thumbnails": {
                "bytes": len(trajectory.thumbnails),
                "columns": trajectory.thumbnail_columns,
                "size": trajectory.thumbnail_size,
            },
            "neighbors": neighbors and describe_neighbors(neighbors),
        },
        allow_nan=False,
        separators=(",", ":"),
    ).encode()
    pictures = neighbors.pictures if neighbors else b""
    return struct.pack("<I", len(header)) + header + body.compressed + trajectory.thumbnails + pictures


def describe_neighbors(neighbors: TrainingNeighbors) -> dict:
    """What the header says about nearest training images."""
    return {
        "points": neighbors.points.tolist(),
        "count": neighbors.references.shape[-1],
        "references": neighbors.references.ravel().tolist(),
        "pictured": neighbors.pictured.tolist(),
        "bytes": len(neighbors.pictures),
        "columns": COLUMNS,
        "size": SIZE,
    }


def describe(trajectory: Trajectory) -> dict:
    """What the header says about the run itself."""
    projection, faithfulness = trajectory.projection, trajectory.faithfulness
    return {
        "runId": trajectory.run_id,
        "title": trajectory.title,
        "classes": list(trajectory.classes),
        "colors": class_colors(len(trajectory.classes)),
        "steps": [int(step) for step in trajectory.steps],
        "metrics": {
            name: [number_or_none(value) for value in trajectory.metrics[name]]
            for name in shown(WATCH)
            if name in trajectory.metrics
        },
        "curves": [curve_entry(name) for name in shown(WATCH)],
        "words": {"source": meaning("source accuracy"), "first": meaning("frame 0")},
        "hasPredictions": trajectory.has_predictions,
        "sourceAccuracy": number_or_none(trajectory.source_accuracy),
        "phaseBoundary": int(trajectory.phase_boundary),
        "course": course_entry(trajectory.course),
        "marks": [{"name": name, "step": step} for name, step in trajectory.marks],
        "projection": {
            "name": projection.name,
            "title": projection.title,
            "fittedOn": projection.fitted_on,
            "warning": projection.warning,
            "scale": number_or_none(projection.scale),
            "shows": faithfulness.words,
            "isDoubtful": faithfulness.is_doubtful,
            "told": faithfulness.told(trajectory.course),
        },
    }


def course_entry(course: Course) -> dict:
    """What the run did beyond chance; the browser judges nothing by itself."""
    frames = range(len(course.steps))
    return {
        "spans": sorted(course.spans),
        "phases": [course.phase(frame) for frame in frames],
        "labels": [course.label(frame) for frame in frames],
        "told": [course.told(frame) for frame in frames],
    }


def curve_entry(name: str) -> dict:
    """How the page draws one metric; all that it knows of it."""
    metric = METRICS[name]
    return {
        "name": name,
        "title": metric.title,
        "unit": metric.unit,
        "hint": metric.hint,
        "help": metric.help,
        "percent": metric.unit == "%",
        "digits": metric.digits,
        "from_zero": metric.from_zero,
        "least_span": metric.least_span * metric.factor,
    }


def number_or_none(value: float) -> float | None:
    """JSON has no NaN."""
    return round(float(value), 6) if math.isfinite(value) else None
