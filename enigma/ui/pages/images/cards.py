"""The cards of the Images page as HTML: an image, what is predicted for it, and when that changed.

Everything that a run names, such as its classes, is escaped. Colours that must read on light and dark paper come from
the text colour of the page.
"""

import base64
import io
from functools import cache
from html import escape
from urllib.parse import urlencode

import numpy as np
from jaxtyping import Integer, UInt8
from PIL import Image

from enigma.analysis.metrics import prediction_flips
from enigma.analysis.trajectory import Trajectory
from enigma.figures.shared.palette import MUTED, class_colors
from enigma.ui.widgets.component_files import text_beside

UNKNOWN = "unknown"
# Below this share of a strip two letters do not fit.
NARROWEST = 0.1


@cache
def style() -> str:
    """The style sheet of the cards."""
    return f"<style>{text_beside(__file__, 'cards.css')}</style>"


def codes(names: tuple[str, ...]) -> tuple[str, ...]:
    """Two characters for each class, all different: a second channel beside its colour.

    >>> codes(("T-shirt", "Trouser", "Shirt", "Sneaker"))
    ('Ts', 'Tr', 'Sh', 'Sn')
    """
    if len(names) > 90:
        return tuple(str(index) for index in range(len(names)))
    found: list[str] = []
    for index, name in enumerate(names):
        letters = [character for character in name if character.isalnum()] or ["?"]
        wanted = [letters[0].upper() + letter.lower() for letter in letters[1:]]
        free = [code for code in wanted if code not in found]
        found.append(free[0] if free else f"{index:02d}")
    return tuple(found)


def data_uri(pixels: UInt8[np.ndarray, "height width 3"]) -> str:
    """One image as a PNG inside the page; a grey one without its colours, which is a third of the size."""
    picture = Image.fromarray(pixels)
    if (pixels == pixels[..., :1]).all():
        picture = picture.convert("L")
    file = io.BytesIO()
    # Noise does not compress: the fastest level is a tenth larger and several times as quick.
    picture.save(file, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def text_on(color: str) -> str:
    """Black or white, whichever has more contrast on a colour '#RRGGBB' (WCAG 2 relative luminance).

    >>> text_on("#DEBC14"), text_on("#A51479")
    ('#000000', '#FFFFFF')
    """
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = float(np.dot(linear, (0.2126, 0.7152, 0.0722)))
    # Contrast is (lighter + 0.05) / (darker + 0.05): equal for both at this luminance.
    return "#000000" if luminance + 0.05 > (1.05 * 0.05) ** 0.5 else "#FFFFFF"


class Cards:
    """Draws the images of one run at one frame.

    Args:
        trajectory: the run.
        frame: the index of the frame.
        pictures: one tile for each image of the probe, more do not matter.
    """

    def __init__(self, trajectory: Trajectory, frame: int, pictures: UInt8[np.ndarray, "tiles height width 3"]) -> None:
        self._run, self._frame, self._pictures = trajectory, frame, pictures
        self._names = tuple(trajectory.classes)
        self._codes, self._colors = codes(self._names), class_colors(len(self._names))
        self._first = prediction_flips.first_flips(trajectory)
        self._step = int(trajectory.steps[frame])

    def grid(self, images: Integer[np.ndarray, " shown"]) -> str:
        """The cards of these images as a list."""
        return f'<ul class="ee-cards">{"".join(self._card(int(image)) for image in images)}</ul>'

    def legend(self) -> str:
        """Which letters and colour stand for which class."""
        entries = (f"<li>{self.chip(index)} {escape(name)}</li>" for index, name in enumerate(self._names))
        return f'<ul class="ee-legend" aria-label="Classes">{"".join(entries)}</ul>'

    def chip(self, index: int) -> str:
        """The letters of a class on its colour; -1 is unknown."""
        color = self._colors[index] if index >= 0 else MUTED
        code = self._codes[index] if index >= 0 else "?"
        return f'<span class="ee-chip" style="background:{color};color:{text_on(color)}">{escape(code)}</span>'

    def name(self, index: int) -> str:
        """The name of a class; -1 is unknown."""
        return self._names[index] if index >= 0 else UNKNOWN

    def _card(self, image: int) -> str:
        run, frame = self._run, self._frame
        label, before, now = (
            int(run.labels[image]),
            int(run.predictions[0, image]),
            int(run.predictions[frame, image]),
        )
        truth = f"<dt>true</dt><dd>{self.chip(label)} {escape(self.name(label))}</dd>" if label >= 0 else ""
        alt = f"Probe image {image}" + (f", true class {self.name(label)}" if label >= 0 else "")
        confidence = 100 * run.confidences[frame, image]
        verdict = {True: "right", False: "wrong"}[label == now] if label >= 0 else "unlabelled"
        return (
            f'<li class="ee-card ee-{verdict}"><div class="ee-top">'
            f'<img src="{data_uri(self._pictures[image])}" alt="{escape(alt)}" width="96" height="96">'
            f"<dl>{truth}<dt>step 0</dt><dd>{self.chip(before)} {escape(self.name(before))}</dd>"
            f"<dt>step {self._step:,}</dt><dd>{self.chip(now)} {escape(self.name(now))}</dd></dl></div>"
            f'<p class="ee-numbers"><span class="ee-verdict">{verdict if label >= 0 else ""}</span>'
            f'<span title="Confidence: the largest predicted probability">{confidence:.0f} %</span>'
            f'<span title="Entropy of the prediction">{run.entropies[frame, image]:.2f} nats</span></p>'
            f"{self._strip(image)}{self._foot(image)}</li>"
        )

    def _strip(self, image: int) -> str:
        """The predictions over the recorded frames, each frame equally wide, and where the step shown lies."""
        run, count = self._run, len(self._run.steps)
        found = prediction_flips.stretches(run, image)
        spoken = ", ".join(f"{self.name(part.predicted)} from step {run.steps[part.first]:,}" for part in found)
        parts = "".join(self._stretch(part, count) for part in found)
        place = 100 * (self._frame + 0.5) / count
        axis = f"<span>0</span><span>step</span><span>{run.steps[-1]:,}</span>"
        return (
            f'<div class="ee-strip" role="img" aria-label="Predicted: {escape(spoken)}" title="{escape(spoken)}">'
            f'{parts}<i style="left:{place:.2f}%"></i></div><div class="ee-axis" aria-hidden="true">{axis}</div>'
        )

    def _stretch(self, part: prediction_flips.Stretch, count: int) -> str:
        color, code = self._colors[part.predicted], self._codes[part.predicted]
        text = escape(code) if part.frames / count >= NARROWEST else ""
        return f'<b style="flex-grow:{part.frames};background:{color};color:{text_on(color)}">{text}</b>'

    def _foot(self, image: int) -> str:
        """When it flipped, and the way to that moment on the Watch page."""
        first = int(self._first[image])
        step = int(self._run.steps[first]) if first != prediction_flips.NEVER else self._step
        told = f"flipped at step {step:,}" if first != prediction_flips.NEVER else "never flips"
        asked = {"run": self._run.run_id, "step": step, "color": "prediction", "selected": image}
        return (
            f'<p class="ee-foot"><span>{told}</span><a href="./?{escape(urlencode(asked))}" '
            f'aria-label="Watch image {image} at step {step:,}">Watch</a></p>'
        )
