"""The probe images as one picture, so that a page needs one file to show any of them."""

import io

import numpy as np
from jaxtyping import UInt8
from PIL import Image

SIZE = 32
COLUMNS = 32


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
    """
    pixels = np.asarray(Image.open(io.BytesIO(sheet)).convert("RGB"))
    rows = pixels.shape[0] // size
    cut = pixels.reshape(rows, size, columns, size, 3).swapaxes(1, 2)
    return cut.reshape(rows * columns, size, size, 3)
