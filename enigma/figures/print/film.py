"""MP4 and WebM, written by the FFmpeg that comes with imageio-ffmpeg."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from enigma.figures.shared.export_request import Export
from enigma.figures.shared.provenance import Origin

# H.264 in the pixel format that every player knows; VP9 for the open web.
_CODECS = {
    "mp4": ("libx264", ["-preset", "medium", "-crf", "20", "-movflags", "+faststart"]),
    "webm": ("libvpx-vp9", ["-crf", "32", "-b:v", "0", "-row-mt", "1", "-deadline", "realtime", "-cpu-used", "7"]),
}


def write(pictures: Iterator[np.ndarray], plan: list, rate: int, origin: Origin, export: Export) -> bytes:
    """The film, each picture for its ticks; run, spec and versions are its comment.

    Args:
        pictures: RGB, all of one even width and height.
        plan: the moments that the pictures show.
        rate: ticks a second.
    """
    import imageio_ffmpeg

    codec, options = _CODECS[export.format]
    words = {"title": origin.heading(export), "comment": origin.json(export)}
    tags = [part for name, text in words.items() for part in ("-metadata", f"{name}={text}")]
    exact = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1"]
    first = next(pictures)
    size = (first.shape[1], first.shape[0])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"film.{export.format}"
        writer = imageio_ffmpeg.write_frames(
            str(path), size, fps=rate, codec=codec, quality=None, macro_block_size=2, pix_fmt_out="yuv420p",
            output_params=[*options, *exact, *tags], ffmpeg_log_level="error",
        )  # fmt: skip
        writer.send(None)
        for picture, moment in zip(_again(first, pictures), plan, strict=True):
            for _ in range(moment.ticks):
                writer.send(np.ascontiguousarray(picture))
        writer.close()
        return path.read_bytes()


def _again(first: np.ndarray, rest: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    yield first
    yield from rest
