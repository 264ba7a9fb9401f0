"""Images as one picture, so that a page needs one file to show any of them."""

import io

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from enigma.spec.errors import CorruptRunError
from enigma.store.json_file import DAMAGED

SIZE = 32
COLUMNS = 32
PROBE, REFERENCE = "thumbnails.webp", "reference_thumbnails.webp"
"""Files of a run: the probe's images, and the training images; runs of versions up to 0.2.0 lack the second one."""


def sprite(images: UInt8[np.ndarray, "images height width 3"]) -> bytes:
    """A WebP of all images, each 32x32 pixels, 32 a row, in order."""
    rows = -(-len(images) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * SIZE, rows * SIZE))
    for position, image in enumerate(images):
        row, column = divmod(position, COLUMNS)
        sheet.paste(Image.fromarray(image).resize((SIZE, SIZE)), (column * SIZE, row * SIZE))
    buffer = io.BytesIO()
    sheet.save(buffer, "WEBP", quality=75)
    return buffer.getvalue()


def tiles(sheet: bytes, columns: int, size: int) -> UInt8[np.ndarray, "tiles height width 3"]:
    """Every tile of a picture that `sprite` made, row by row; the last row may end with black ones.

    >>> tiles(sprite(np.full((2, 32, 32, 3), 255, np.uint8)), COLUMNS, SIZE).shape
    (32, 32, 32, 3)

    Raises:
        CorruptRunError: it is no picture.
    """
    try:
        pixels = np.asarray(Image.open(io.BytesIO(sheet), formats=("WEBP",)).convert("RGB"))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise CorruptRunError(f"Expected the pictures of a run, but they cannot be opened. {DAMAGED}") from error
    rows = pixels.shape[0] // size
    cut = pixels.reshape(rows, size, columns, size, 3).swapaxes(1, 2)
    return cut.reshape(rows * columns, size, size, 3)


def size(head: bytes) -> tuple[int, int] | None:
    """Width and height by the first 30 bytes of a WebP picture, which nothing is unpacked for; None if it is none.

    Source: https://developers.google.com/speed/webp/docs/riff_container and RFC 9649, section 2.

    >>> size(sprite(np.zeros((2, 32, 32, 3), np.uint8))[:30])
    (1024, 32)
    """
    if len(head) < 30 or head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return None
    match head[12:16]:
        case b"VP8 ":
            return _bits(head[26:28], 14), _bits(head[28:30], 14)
        case b"VP8L":
            return 1 + _bits(head[21:25], 14), 1 + (_bits(head[21:25], 28) >> 14)
        case b"VP8X":
            return 1 + _bits(head[24:27], 24), 1 + _bits(head[27:30], 24)
    return None


def _bits(content: bytes, count: int) -> int:
    """The lowest `count` bits of a number, its lowest byte first."""
    return int.from_bytes(content, "little") & ((1 << count) - 1)
