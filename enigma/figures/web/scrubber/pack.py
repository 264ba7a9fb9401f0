"""One trajectory as one bytes object for the browser: a JSON header, compressed arrays, the pictures.

Layout, little endian:

    uint32              length of the header
    header              UTF-8 JSON: names, metrics, axes, the list of arrays, the two lengths below
    zlib stream         the arrays, one after the other, each as its byte planes: `enigma.figures.web.scrubber.body`
    WebP                the thumbnails, unchanged

A second payload may follow: the run that is shown beside the first.
"""

import json
import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from enigma.analysis.metrics.registry import METRICS, WATCH, shown
from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared.palette import class_colors
from enigma.figures.web.scrubber.body import COORDINATE_LEVELS, Body, pack_body

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
        projection: a key of `enigma.analysis.projection.methods.PROJECTIONS`.
    """

    step: int = 0
    color: str = "label"
    selected: tuple[int, ...] = ()
    zoom: str = ""
    beside: str = ""
    projection: str = "umap"


def pack(
    trajectory: Trajectory,
    view: View,
    *,
    key: str = "",
    command: int = 0,
    body: Body | None = None,
    others: Sequence[tuple[str, str]] = (),
    drawn: str = "",
    projections: Sequence[tuple[str, str]] = (),
) -> bytes:
    """The whole payload.

    Args:
        trajectory: the run to show.
        view: where to stand; the browser obeys when `command` or the run changes and stays where it is otherwise.
        key: names the view, so that the browser finds what it remembers of it.
        command: a number that changes whenever Python wants to move the browser.
        body: the result of `pack_body` for this trajectory, if it is at hand.
        others: id and title of the runs that can be shown beside this one.
        drawn: the projection that was asked for and is in `trajectory`, where another may stand in for it.
        projections: name and title of those that can be chosen.
    """
    body = body or pack_body(trajectory)
    header = json.dumps(
        {
            **describe(trajectory),
            "view": asdict(view),
            "key": key,
            "command": command,
            "others": others,
            "drawn": drawn or view.projection,
            "projections": projections,
            "axes": [body.axes.left, body.axes.bottom, body.axes.side],
            "levels": COORDINATE_LEVELS,
            "largestEntropy": body.largest_entropy,
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
        },
        allow_nan=False,
        separators=(",", ":"),
    ).encode()
    return struct.pack("<I", len(header)) + header + body.compressed + trajectory.thumbnails


def describe(trajectory: Trajectory) -> dict:
    """What the header says about the run itself."""
    projection, faithfulness = trajectory.projection, trajectory.projection.faithfulness
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
        "sourceAccuracy": number_or_none(trajectory.source_accuracy),
        "phaseBoundary": int(trajectory.phase_boundary),
        "marks": [{"name": name, "step": step} for name, step in trajectory.marks],
        "projection": {
            "name": projection.name,
            "title": projection.title,
            "fittedOn": projection.fitted_on,
            "warning": projection.warning,
            "distanceCorrelation": number_or_none(faithfulness.distance_correlation),
            "trustworthiness": number_or_none(faithfulness.trustworthiness),
            "movementCoherence": number_or_none(faithfulness.movement_coherence),
        },
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
    }


def number_or_none(value: float) -> float | None:
    """JSON has no NaN."""
    return round(float(value), 6) if math.isfinite(value) else None
