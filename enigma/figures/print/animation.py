"""The run as an animation: projection, curves, step and accuracy, moving from frame to frame.

Between frames positions are interpolated in a straight line, as in the scrubber; the numbers and colours are always
those of a recorded frame. GIF is written by Pillow; MP4 and WebM by FFmpeg, which comes with the extra `video`.
"""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from enigma.analysis.trajectory import Trajectory
from enigma.figures.print import saving
from enigma.figures.print.animation_stage import Stage
from enigma.figures.shared.export_request import INSTALL_VIDEO, Export, has_video
from enigma.figures.shared.provenance import Origin
from enigma.spec.errors import InputError

# A GIF is large, so it has fewer pictures and dots than a film.
GIF_RATE, GIF_DOTS, GIF_BETWEEN, GIF_MOST = 20, 90, 5, 120
FILM_RATE, FILM_DOTS, FILM_BETWEEN, FILM_MOST = 30, 160, 8, 600
# Seconds that the picture rests on the first frame, the phase boundary and the last.
FIRST_REST, BOUNDARY_REST, LAST_REST = 1.0, 1.2, 2.0
_COLORS = 128


@dataclass(frozen=True)
class Moment:
    """One picture: where it lies between the frames, and how many ticks of the film it lasts."""

    time: float
    ticks: int


def animate(trajectory: Trajectory, origin: Origin, export: Export) -> bytes:
    """The animation as GIF, MP4 or WebM.

    Raises:
        InputError: for MP4 and WebM, where FFmpeg is not installed.
    """
    if export.format != "gif":
        if not has_video():
            raise InputError(
                f"Expected FFmpeg to write {export.format.upper()}, but it is not installed; "
                f"{INSTALL_VIDEO} brings it. GIF needs nothing."
            )
        from enigma.figures.print import film

        plan = moments(trajectory, FILM_RATE, FILM_BETWEEN, FILM_MOST)
        return film.write(pictures(trajectory, export.color, plan, FILM_DOTS), plan, FILM_RATE, origin, export)
    plan = moments(trajectory, GIF_RATE, GIF_BETWEEN, GIF_MOST)
    return gif(list(pictures(trajectory, export.color, plan, GIF_DOTS)), plan, origin.json(export))


def moments(trajectory: Trajectory, rate: int, between: int, most: int) -> list[Moment]:
    """What to show: every frame, `between` moments from one to the next, fewer where there would be more than `most`.

    A long run leaves out frames but never the first, the boundary or the last.
    """
    count = len(trajectory.steps)
    boundary = trajectory.frame_at(trajectory.phase_boundary)
    rests = {0: FIRST_REST, count - 1: LAST_REST}
    rests |= {boundary: max(BOUNDARY_REST, rests.get(boundary, 0.0))}
    between = max(1, min(between, (most - 1) // max(count - 1, 1)))
    stride = math.ceil((count - 1) / max(most - 1, 1)) or 1
    kept = sorted({*range(0, count, stride), boundary, count - 1})
    planned: list[Moment] = []
    for frame, following in zip(kept, [*kept[1:], kept[-1]], strict=True):
        planned.append(Moment(float(frame), 1 + round(rests.get(frame, 0.0) * rate)))
        if following > frame:
            parts = np.linspace(frame, following, between, endpoint=False)[1:]
            planned += [Moment(float(part), 1) for part in parts]
    return planned


def pictures(
    trajectory: Trajectory, color: str, plan: list[Moment], dots_per_inch: int, heading: str = ""
) -> Iterator[np.ndarray]:
    """RGB pictures of the moments, drawn over a background that is drawn once; `heading` stands for the run's title."""
    with saving.settings():
        stage = Stage(trajectory, color, heading)
        canvas = FigureCanvasAgg(stage.figure)
        stage.figure.set_dpi(dots_per_inch)
        canvas.draw()
        background = canvas.copy_from_bbox(stage.figure.bbox)
        for moment in plan:
            canvas.restore_region(background)
            for artist in stage.at(moment.time):
                stage.figure.draw_artist(artist)
            yield np.asarray(canvas.buffer_rgba())[..., :3].copy()


def gif(drawn: list[np.ndarray], plan: list[Moment], comment: str) -> bytes:
    """Pictures as a GIF: one palette for all pictures; what does not change from one to the next is left out."""
    palette = _palette(drawn)
    images = [Image.fromarray(picture).quantize(palette=palette, dither=Image.Dither.NONE) for picture in drawn]
    file = io.BytesIO()
    images[0].save(
        file,
        format="GIF",
        save_all=True,
        append_images=images[1:],
        duration=[1000 * moment.ticks // GIF_RATE for moment in plan],
        loop=0,
        optimize=True,
        disposal=1,
        comment=comment.encode(),
    )
    return file.getvalue()


def _palette(drawn: list[np.ndarray]) -> Image.Image:
    """Colours of the first, the middle and the last picture together."""
    samples = [drawn[index] for index in sorted({0, len(drawn) // 2, len(drawn) - 1})]
    return Image.fromarray(np.concatenate(samples)).quantize(_COLORS, method=Image.Quantize.MEDIANCUT)
