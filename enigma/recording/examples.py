"""A few test images with what the model says of them: in words, and as one picture."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from enigma.images.image_set import ImageSet
from enigma.spec.shares import percent

SHOWN = 8

_LEAST_SIZE = 96
_LINE, _MARGIN = 14, 3
_RIGHT, _WRONG, _INK = (0, 110, 60), (180, 30, 30), (40, 40, 40)


@dataclass(frozen=True)
class Example:
    """A test image.

    Attributes:
        label: None where it is not known.
        confidence: of the prediction, in [0, 1].
    """

    predicted: str
    confidence: float
    label: str | None

    @property
    def is_right(self) -> bool:
        return self.predicted == self.label

    def __str__(self) -> str:
        known = "" if self.label is None else ", right" if self.is_right else f", is {self.label}"
        return f"{self.predicted} {percent(self.confidence, digits=0)}{known}"


def first_examples(images: ImageSet, predictions: np.ndarray, confidences: np.ndarray) -> tuple[Example, ...]:
    """The first images of a set, as the model predicts them."""
    names = images.classes
    return tuple(
        Example(names[predicted], float(confidence), names[label] if label >= 0 else None)
        for predicted, confidence, label in zip(
            predictions[:SHOWN], confidences[:SHOWN], images.labels[:SHOWN], strict=True
        )
    )


def sheet(images: ImageSet, clean: ImageSet | None, examples: tuple[Example, ...]) -> bytes:
    """The examples side by side as a PNG, with their predicted classes below; clean images above them."""
    count = len(examples)
    rows = [shown.images[:count] for shown in (clean, images) if shown is not None]
    pixels = Image.fromarray(np.concatenate([np.concatenate(list(row), axis=1) for row in rows]))
    factor = max(1, -(-_LEAST_SIZE // images.images.shape[1]))
    pixels = pixels.resize((pixels.width * factor, pixels.height * factor), Image.Resampling.NEAREST)
    page = Image.new("RGB", (pixels.width, pixels.height + 2 * _LINE + 2 * _MARGIN), "white")
    page.paste(pixels)
    draw, font, width = ImageDraw.Draw(page), ImageFont.load_default(11), pixels.width // count
    for place, example in enumerate(examples):
        ink = _INK if example.label is None else _RIGHT if example.is_right else _WRONG
        said = percent(example.confidence, digits=0)
        known = said if example.label is None else f"{said}, right" if example.is_right else f"is {example.label}"
        for line, text in enumerate((example.predicted, known)):
            where = (place * width + _MARGIN, pixels.height + _MARGIN + line * _LINE)
            draw.text(where, _fitting(text, font, width - 2 * _MARGIN), ink, font)
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return buffer.getvalue()


def _fitting(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """As much of a text as a width has room for; letters that the font lacks are drawn as it draws them."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text}…"
