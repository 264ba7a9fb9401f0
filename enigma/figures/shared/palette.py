"""Every colour, written once: figures read it here, and `enigma.figures.web.tokens` writes it for the browser."""

import colorsys
from dataclasses import dataclass

COLORINGS = {
    "label": "true class",
    "prediction": "predicted class",
    "correctness": "correctness",
    "flipped": "flipped since frame 0",
    "entropy": "entropy",
    "confidence": "confidence",
    "distance": "distance to class mean",
    "doubt": "doubt",
}
"""What points can be coloured by, in words."""
COLORS = tuple(COLORINGS)
OF_PREDICTIONS = ("prediction", "correctness", "flipped", "entropy", "confidence")
"""Those that a run without predictions, as of a loop that logs no logits, does not have."""

# Ten colours at least 8 units apart in Oklab, also for people with protanopia, deuteranopia and tritanopia
# (simulated after Machado 2009), and visible on paper and on ink.
CLASS_COLORS = (
    "#4B8397",
    "#E740B7",
    "#307414",
    "#DEBC14",
    "#5FC7EC",
    "#A51479",
    "#E58548",
    "#53B486",
    "#8D7DE8",
    "#8C685F",
)

# From certain to uncertain; of middle lightness, so that both ends show on light and on dark.
SCALE = ("#3E6BD6", "#8A5CC8", "#CE5397", "#EE7455", "#F0AE36")
# From drawn too near to drawn too far; what is right steps back. Blue and red differ for colour-blind people too.
DOUBT_SCALE = ("#2B5BD7", "#6E8BC9", "#9A9DA3", "#C9836B", "#CE3D22")
MOST_DOUBT = 2.0
"""The power of two at both ends of that scale: a factor of four."""

# Figures on white paper.
PAPER = "#FFFFFF"
INK = "#1C2230"
MUTED = "#616775"
LINE = "#E3E1DA"
ACCENT = "#2F5FD0"
TRAINING = "#CBC7BD"
NEUTRAL = "#8E96A6"
SUCCESS = "#0F8573"
FAILURE = "#C2620F"
# The tints of the two phases behind a curve.
SUCCESS_TINT = "#E4F3F0"
FAILURE_TINT = "#FBF0E6"

# What stands on a page that may be light or dark and cannot know which: at least 3:1 on both.
ANYWHERE = {"accent": "#4B7CE3", "success": SUCCESS, "failure": FAILURE}
# What white words stand on, 4.5:1.
BADGES = {"success": "#0B6B5D", "failure": "#A8500A"}


@dataclass(frozen=True)
class Theme:
    """The colours of the page, light or dark.

    Marks have at least 3:1 to the page, but for training points, which step back; `link`, `failure_text`, `green` and
    `purple` also write words, at 4.5:1 to a panel.

    Attributes:
        background: the page.
        panel: what lies on it: Streamlit's sidebar and fields.
        text: words.
        muted: words that step back.
        border: around fields and panels.
        accent: buttons and curves.
        link: links, and whatever of the accent has to be read.
        green: the first of three series; success.
        orange: the second; failure.
        purple: the third; a second run.
        failure_text: failure in words.
        training: training points.
        neutral: test points that do not matter at the moment.
    """

    background: str
    panel: str
    text: str
    muted: str
    border: str
    accent: str
    link: str
    green: str
    orange: str
    purple: str
    failure_text: str
    training: str
    neutral: str


LIGHT = Theme(
    background="#FBFAF6",
    panel=PAPER,
    text=INK,
    muted=MUTED,
    border="#E3DED2",
    accent=ACCENT,
    link=ACCENT,
    green=SUCCESS,
    orange=FAILURE,
    purple="#8A3FA8",
    failure_text="#AD5509",
    training=TRAINING,
    neutral=NEUTRAL,
)
DARK = Theme(
    background="#12151C",
    panel="#1B1F28",
    text="#E9EBF1",
    muted="#A9B0BF",
    border="#303644",
    accent="#4470D8",
    link="#7AA2FF",
    green="#4FD1BD",
    orange="#F2A55C",
    purple="#CF9BF0",
    failure_text="#F2A55C",
    training="#474D5A",
    neutral="#6F7889",
)


def class_colors(count: int) -> tuple[str, ...]:
    """One colour for each class; more than ten classes go round the hues with alternating lightness.

    >>> class_colors(2)
    ('#4B8397', '#E740B7')
    """
    if count <= len(CLASS_COLORS):
        return CLASS_COLORS[:count]
    return tuple(_from_hue(index / count, (0.46, 0.62, 0.54)[index % 3]) for index in range(count))


def _from_hue(hue: float, lightness: float) -> str:
    channels = colorsys.hls_to_rgb(hue, lightness, 0.6)
    return "#" + "".join(f"{round(255 * channel):02X}" for channel in channels)
